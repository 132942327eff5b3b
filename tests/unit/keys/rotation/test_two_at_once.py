"""Two rotations of one kind at once: one is told to wait, and even without that nothing and nobody is lost."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select

from telehealth.audit.office import Office
from telehealth.db.alone import alone
from telehealth.errors import Conflict
from telehealth.keys.indexes import ACCOUNTS_KEY, INDEXES
from telehealth.keys.models import index_keys
from telehealth.keys.rotation import campaigns, steps
from telehealth.keys.rotation import indexes as rotation
from telehealth.keys.rotation.indexes import rotate_index
from telehealth.keys.rotation.keks import rotate_keks
from telehealth.keys.rotation.records import rotate_records
from telehealth.keys.rotation.steps import Rotated
from telehealth.keys.rotation.subjects import rotate_subjects
from telehealth.keys.verification import Report, verify
from telehealth.office import SEALED_TABLES
from tests.patience import within
from tests.people import Clinic
from tests.unit.keys.scene import Seen, begin_in, sign_in

Rotate = Callable[[Office, Seen], Awaitable[Rotated]]
NAMES = ("one", "two", "three", "four")
HOLDER = """
import asyncio, sys
from telehealth.db.alone import alone
from telehealth.db.engine import Database

async def hold():
    async with alone(Database(sys.argv[1]).engine, "rotate-index") as mine:
        print(mine, flush=True)
        await asyncio.sleep(3600)

asyncio.run(hold())
"""


async def index(office: Office, seen: Seen) -> Rotated:
    return await rotate_index(begin_in(office), ACCOUNTS_KEY, SEALED_TABLES, seen)


async def records(office: Office, seen: Seen) -> Rotated:
    return await rotate_records(begin_in(office), SEALED_TABLES, seen)


async def subjects(office: Office, seen: Seen) -> Rotated:
    return await rotate_subjects(begin_in(office), seen)


async def kek(office: Office, seen: Seen) -> Rotated:
    return await rotate_keks(begin_in(office), seen)


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the lock were lost, such as with its connection."""

    @asynccontextmanager
    async def everybody(_engine: object, _what: str) -> AsyncIterator[bool]:
        yield True

    monkeypatch.setattr(steps, "alone", everybody)


async def look(office: Office) -> Report:
    return await verify(office.database, office.ring, SEALED_TABLES, INDEXES, Seen())


async def again_and_again(office: Office, rotate: Rotate, times: int) -> int:
    """How often it was told that somebody else is at it."""
    refused = 0
    for _ in range(times):
        try:
            await rotate(office, Seen())
        except Conflict:
            refused += 1
    return refused


@pytest.mark.parametrize("rotate", [index, records, subjects, kek])
async def test_the_second_is_told_that_one_is_under_way(
    office: Office, clinic: Clinic, rotate: Rotate
) -> None:
    what = f"rotate-{rotate.__name__}"
    async with alone(office.database.engine, what):
        with pytest.raises(Conflict) as refused:
            await rotate(office, Seen())
    assert refused.value.code == "rotation_under_way"
    assert "under way already" in refused.value.sentence
    assert (await rotate(office, Seen())).remaining == 0


async def test_whoever_is_killed_gives_the_lock_back(office: Office, clinic: Clinic) -> None:
    url = office.database.engine.url.render_as_string(hide_password=False)
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, url, stdout=PIPE)
    assert holder.stdout is not None
    try:
        async with within("the other process to hold the lock"):
            assert await holder.stdout.readline() == b"True\n"
        with pytest.raises(Conflict):
            await index(office, Seen())
    finally:
        holder.kill()
        await holder.communicate()
    async with asyncio.timeout(30):
        while await again_and_again(office, index, 1):  # the server notices a moment later
            continue


async def test_nobody_is_lost_when_indexes_rotate_at_once(
    busy: Office, unlocked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 1)
    known = {name: await sign_in(busy, name) for name in NAMES}
    await asyncio.gather(*(again_and_again(busy, index, 4) for _ in range(3)))
    assert (await index(busy, Seen())).remaining == 0
    assert (await look(busy)).findings == []
    assert {name: await sign_in(busy, name) for name in NAMES} == known


async def test_whoever_comes_late_changes_nothing_of_the_next_rotation(
    busy: Office, unlocked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One stops before its last step; meanwhile two others end it, and the next one."""
    known = {name: await sign_in(busy, name) for name in NAMES}
    fill = steps.until_none_is_left

    def half_way(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    async def late(*arguments: object) -> tuple[int, int]:
        filled = await fill(*arguments)  # type: ignore[arg-type]
        monkeypatch.setattr(rotation, "until_none_is_left", fill)
        await index(busy, Seen())
        with pytest.raises(KeyboardInterrupt):
            await rotate_index(begin_in(busy), ACCOUNTS_KEY, SEALED_TABLES, half_way)
        return filled

    monkeypatch.setattr(rotation, "until_none_is_left", late)
    with pytest.raises(Conflict) as refused:
        await index(busy, Seen())
    assert refused.value.code == "rotation_overtaken"
    async with busy.database.reading() as c:
        row = (await c.execute(select(index_keys).where(index_keys.c.name == ACCOUNTS_KEY.name))).one()
    assert (row.version, row.next_version) == (2, 3)
    assert (await look(busy)).findings == []
    assert {name: await sign_in(busy, name) for name in NAMES} == known


@pytest.mark.parametrize("rotate", [records, subjects, kek])
async def test_two_at_once_do_it_together_where_no_lock_holds_them(
    busy: Office, unlocked: None, rotate: Rotate
) -> None:
    await asyncio.gather(*(again_and_again(busy, rotate, 2) for _ in range(3)))
    assert (await rotate(busy, Seen())).remaining == 0
    assert (await look(busy)).findings == []


async def test_a_rotation_is_begun_once_and_ended_by_its_own_run(office: Office) -> None:
    async with office.database.transaction() as c:
        first = await campaigns.begin(c, "records", office.clock())
        assert await campaigns.begin(c, "records", office.clock()) == first
        await campaigns.end(c, first)
        second = await campaigns.begin(c, "records", office.clock().replace(year=2027))
        await campaigns.end(c, first)
        assert await campaigns.under_way(c, "records") == second
        with pytest.raises(Conflict):
            await campaigns.must_go_on(c, first)

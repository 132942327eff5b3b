"""A rotation beside transactions that read and write the same records: it waits for them, and they never for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.office import Office
from telehealth.db.engine import Database
from telehealth.keys import models
from telehealth.keys.resealing import exclusively
from telehealth.keys.rotation import steps
from telehealth.keys.rotation.records import rotate_records
from telehealth.keys.rotation.steps import Rotated
from telehealth.keys.rotation.subjects import rotate_subjects
from telehealth.office import SEALED_TABLES
from telehealth.people import store as people
from telehealth.people.models import people as people_table
from tests.clock import FakeClock
from tests.people import EVERYBODY, NADIA, NAMES, ROSA, Clinic
from tests.postgres import Server
from tests.schema import fresh_postgres
from tests.unit.keys.scene import begin_in, record_versions

SECONDS = 30
MINE = people_table.c.id == ROSA.id


@pytest.fixture
async def database(postgres: Server) -> AsyncIterator[Database]:
    """PostgreSQL alone: SQLite's writers are one at a time, and its readers see one state."""
    async with fresh_postgres(postgres, "side_by_side") as opened:
        yield opened


class FirstPass:
    """Progress that tells when every record has its new key."""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    def __call__(self, done: int, total: int) -> None:
        if done >= total:
            self.over.set()


@asynccontextmanager
async def rotating(office: Office) -> AsyncIterator[asyncio.Task[Rotated]]:
    """The block runs between the first pass and the end of the rotation."""
    first = FirstPass()
    task = asyncio.create_task(rotate_records(begin_in(office), SEALED_TABLES, first))
    async with asyncio.timeout(SECONDS):
        await first.over.wait()
    yield task
    async with asyncio.timeout(SECONDS):
        assert (await task).remaining == 0


async def test_who_read_a_row_before_and_its_key_after_still_opens_it(office: Office, clinic: Clinic) -> None:
    async with office.database.transaction() as writer:
        row = (await writer.execute(select(people_table).where(MINE))).one()
        async with rotating(office):
            key = await office.ring.record(writer, ROSA.id)
            assert key.version == 2
            assert key.open("people", "name", row.revision, row.name) == NAMES[ROSA]
            assert await record_versions(office, ROSA.id) == [1, 2]
            await writer.commit()
    assert await record_versions(office, ROSA.id) == [2]


async def test_who_reads_sees_one_state_whichever_comes_first(office: Office, clinic: Clinic) -> None:
    async with office.database.reading() as reader:
        key = await office.ring.record(reader, ROSA.id)
        async with rotating(office):
            row = (await reader.execute(select(people_table).where(MINE))).one()
            assert key.version == 1
            assert key.open("people", "name", row.revision, row.name) == NAMES[ROSA]
            await reader.rollback()


async def test_a_record_that_somebody_seals_under_is_left_until_they_are_done(
    office: Office, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "LONGEST_WAIT", 0.01)
    async with office.database.transaction() as writer:
        key = await office.ring.record(writer, ROSA.id)
        async with office.database.transaction() as other:
            assert await exclusively(other, [ROSA.id, NADIA.id]) == [NADIA.id]
        with monkeypatch.context() as patched:
            patched.setattr(steps, "TRIES", 3)
            patched.setattr("telehealth.keys.rotation.records.PATIENCE", 1)
            await rotate_records(begin_in(office), SEALED_TABLES, lambda _done, _total: None)
        assert await record_versions(office, ROSA.id) == [1]
        assert await record_versions(office, NADIA.id) == [1, 2]
        late = key.seal("people", "name", 7, "Rosa, later")
        await writer.execute(update(people_table).where(MINE).values(name=late, revision=7))
    assert (await rotate_records(begin_in(office), SEALED_TABLES, lambda _done, _total: None)).remaining == 0
    async with office.database.reading() as c:
        assert (await people.names_of(c, office.ring, [ROSA.id]))[ROSA.id] == "Rosa, later"


async def test_who_waits_for_a_row_that_is_sealed_anew_seals_under_the_new_key(
    office: Office, clinic: Clinic
) -> None:
    async with rotating(office), office.database.transaction() as writer:
        await people.rename(writer, office.ring, ROSA.id, "Rosa, meanwhile")
    async with office.database.reading() as c:
        assert (await people.names_of(c, office.ring, [ROSA.id]))[ROSA.id] == "Rosa, meanwhile"


async def test_a_persons_key_is_left_while_somebody_makes_a_record_under_it(
    office: Office, clinic: Clinic, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "LONGEST_WAIT", 0.01)
    clock.advance(minutes=5)
    async with office.database.transaction() as writer:
        await office.ring.new_record(writer, b"v" * 16, "booking", [ROSA.id])
        with monkeypatch.context() as patched:
            patched.setattr(steps, "TRIES", 3)
            rotated = await rotate_subjects(begin_in(office), lambda _done, _total: None)
        assert (rotated.done, rotated.remaining) == (4 * len(EVERYBODY) - 1, 1)
    assert (await rotate_subjects(begin_in(office), lambda _done, _total: None)).remaining == 0
    async with office.database.reading() as c:
        assert (await office.ring.record(c, b"v" * 16)).record_id == b"v" * 16
        versions = (await c.execute(select(models.subject_keys.c.version).distinct())).scalars().all()
    assert versions == [2]


async def test_a_persons_key_stays_between_being_read_and_being_used(
    office: Office, clinic: Clinic, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "LONGEST_WAIT", 0.01)
    monkeypatch.setattr(steps, "TRIES", 3)
    clock.advance(minutes=5)
    left: list[int] = []

    async def rotate_first(c: AsyncConnection, rows: list[dict[str, object]]) -> None:
        left.append((await rotate_subjects(begin_in(office), lambda _done, _total: None)).remaining)
        await c.execute(insert(models.record_keys), rows)

    async with office.database.transaction() as writer:
        with monkeypatch.context() as patched:
            patched.setattr("telehealth.keys.store.add_wraps", rotate_first)
            await office.ring.new_record(writer, b"v" * 16, "booking", [ROSA.id])
    assert left == [1]
    async with office.database.reading() as c:
        assert (await office.ring.record(c, b"v" * 16)).record_id == b"v" * 16


async def test_a_rotation_gives_way_to_a_row_that_somebody_changes(
    office: Office, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer holds the row but not the key yet: waiting for one another would be a deadlock."""
    monkeypatch.setattr(steps, "LONGEST_WAIT", 0.01)
    first = FirstPass()
    async with office.database.transaction() as writer:
        await writer.execute(select(people_table.c.id).where(MINE).with_for_update())
        task = asyncio.create_task(rotate_records(begin_in(office), SEALED_TABLES, first))
        async with asyncio.timeout(SECONDS):
            while not await _waits_for_somebody(office.database):
                continue
            await people.rename(writer, office.ring, ROSA.id, "Rosa, first")
    async with asyncio.timeout(SECONDS):
        assert (await task).remaining == 0
    async with office.database.reading() as c:
        assert (await people.names_of(c, office.ring, [ROSA.id]))[ROSA.id] == "Rosa, first"


async def _waits_for_somebody(database: Database) -> bool:
    """Whether any transaction waits for a lock right now."""
    async with database.reading() as c:
        found = await c.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return int(found.scalar_one()) > 0


async def test_a_record_that_is_erased_meanwhile_is_not_brought_back(office: Office, clinic: Clinic) -> None:
    async with rotating(office), office.database.transaction() as eraser:
        await eraser.execute(delete(models.record_keys).where(models.record_keys.c.subject_id == ROSA.id))
    assert await record_versions(office, ROSA.id) == []
    async with office.database.reading() as c:
        assert await office.ring.records(c, [ROSA.id]) == {}

"""A new epoch takes over: every subject key is wrapped anew, whoever writes meanwhile, and the count proves it."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.errors import Unavailable
from telehealth.keys.models import keks, subject_keys
from telehealth.keys.rotation import keks as rotation
from telehealth.people import store as people
from tests.clock import FakeClock
from tests.people import EVERYBODY, NAMES, ROSA, Clinic
from tests.unit.keys.scene import DECEMBER, Seen, begin_in, on_record, wrapped_by

KEYS_OF_ALL = 4 * len(EVERYBODY)


@pytest.fixture
def folder(tmp_path: Path) -> FileKeks:
    return FileKeks(tmp_path / "keks")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 5)


async def test_every_key_is_wrapped_by_the_new_epoch_and_still_opens(
    office: Office, clinic: Clinic, clock: FakeClock, folder: FileKeks, small_batches: None
) -> None:
    folder.create(DECEMBER)
    clock.now = DECEMBER
    seen = Seen()
    rotated = await rotation.rotate_keks(begin_in(office), seen)
    assert (rotated.done, rotated.remaining) == (KEYS_OF_ALL, 0)
    assert seen.said[0] == (0, KEYS_OF_ALL)
    assert seen.said[-1] == (KEYS_OF_ALL, KEYS_OF_ALL)
    assert await wrapped_by(office) == {2: KEYS_OF_ALL}
    (folder.folder / "kek-202611-1").unlink()
    async with office.database.reading() as c:
        assert await people.names_of(c, office.ring, [p.id for p in EVERYBODY]) == {
            person.id: name for person, name in NAMES.items()
        }


async def test_the_old_epoch_is_noted_as_empty_from_then_on(
    office: Office, clinic: Clinic, clock: FakeClock, folder: FileKeks
) -> None:
    folder.create(DECEMBER)
    clock.now = DECEMBER
    await rotation.rotate_keks(begin_in(office), Seen())
    clock.advance(minutes=5)
    await rotation.rotate_keks(begin_in(office), Seen())
    async with office.database.reading() as c:
        rows = (await c.execute(select(keks).order_by(keks.c.number))).all()
    assert [(row.state, row.emptied_at) for row in rows] == [("decrypt_only", DECEMBER), ("active", None)]


async def test_without_a_newer_epoch_nothing_is_touched(office: Office, clinic: Clinic) -> None:
    async with office.database.reading() as c:
        before = (await c.execute(select(subject_keys.c.wrapped))).scalars().all()
    rotated = await rotation.rotate_keks(begin_in(office), Seen())
    assert (rotated.done, rotated.remaining) == (0, 0)
    async with office.database.reading() as c:
        assert (await c.execute(select(subject_keys.c.wrapped))).scalars().all() == before


async def test_one_that_was_killed_goes_on_where_it_stopped(
    office: Office, clinic: Clinic, clock: FakeClock, folder: FileKeks, small_batches: None
) -> None:
    folder.create(DECEMBER)
    clock.now = DECEMBER

    def killed(done: int, _total: int) -> None:
        if done >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rotation.rotate_keks(begin_in(office), killed)
    assert await wrapped_by(office) == {1: KEYS_OF_ALL - 10, 2: 10}
    rotated = await rotation.rotate_keks(begin_in(office), Seen())
    assert (rotated.done, rotated.remaining) == (KEYS_OF_ALL - 10, 0)
    assert await wrapped_by(office) == {2: KEYS_OF_ALL}


async def test_a_newer_epoch_that_takes_over_meanwhile_gets_everything(
    office: Office, clinic: Clinic, clock: FakeClock, folder: FileKeks, small_batches: None
) -> None:
    folder.create(DECEMBER)
    clock.now = DECEMBER

    def another_is_made(done: int, _total: int) -> None:
        if done == 10 and len(folder.ids()) == 2:
            folder.create(DECEMBER)

    rotated = await rotation.rotate_keks(begin_in(office), another_is_made)
    assert (rotated.done, rotated.remaining) == (KEYS_OF_ALL + 10, 0)
    assert rotated.note == "The epoch in use is kek-202612-2."
    assert await wrapped_by(office) == {3: KEYS_OF_ALL}
    assert await on_record(office) == [
        "keys.rotate.kek.begin",
        "keys.rotate.kek.begin",
        "keys.rotate.kek.end",
    ]


async def test_one_that_takes_over_at_the_very_end_gets_everything_too(
    office: Office, clinic: Clinic, clock: FakeClock, folder: FileKeks
) -> None:
    folder.create(DECEMBER)
    clock.now = DECEMBER

    def another_is_made(done: int, total: int) -> None:
        if done == total and len(folder.ids()) == 2:
            folder.create(DECEMBER)

    await rotation.rotate_keks(begin_in(office), another_is_made)
    assert await wrapped_by(office) == {3: KEYS_OF_ALL}


async def test_a_missing_epoch_is_told_before_anything_is_touched(
    office: Office, clinic: Clinic, clock: FakeClock, folder: FileKeks
) -> None:
    folder.create(DECEMBER)
    clock.now = DECEMBER
    (folder.folder / "kek-202611-1").unlink()
    with pytest.raises(Unavailable) as refused:
        await rotation.rotate_keks(begin_in(office), Seen())
    assert refused.value.code == "keys_unavailable"
    assert await wrapped_by(office) == {1: KEYS_OF_ALL}
    assert await on_record(office) == []


async def test_a_key_rewrapped_by_somebody_else_meanwhile_is_left_as_it_is(
    office: Office, clinic: Clinic, clock: FakeClock, folder: FileKeks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compare-and-set: the row says something else by the time it would be written."""
    folder.create(DECEMBER)
    clock.now = DECEMBER
    mine = (subject_keys.c.subject_id == ROSA.id) & (subject_keys.c.cls == "booking")
    plain = rotation._rewrapped

    async def with_a_race(*arguments: object) -> list[dict[str, object]]:
        changes = await plain(*arguments)  # type: ignore[arg-type]
        return [
            change | {"was": b"another"} if change["of_subject"] == ROSA.id else change for change in changes
        ]

    monkeypatch.setattr(rotation, "_rewrapped", with_a_race)
    async with begin_in(office)() as work:
        current = await work.ring.current_kek(work.connection, work.now)
        await rotation._rewrap(work, current)
    assert await wrapped_by(office) == {1: 4, 2: KEYS_OF_ALL - 4}
    monkeypatch.setattr(rotation, "_rewrapped", plain)
    assert (await rotation.rotate_keks(begin_in(office), Seen())).remaining == 0
    async with office.database.reading() as c:
        assert (await c.execute(select(subject_keys.c.kek).where(mine))).scalar_one() == 2


async def test_keys_under_a_destroyed_epoch_are_not_due(
    office: Office, clinic: Clinic, clock: FakeClock, folder: FileKeks
) -> None:
    folder.create(DECEMBER)
    clock.now = DECEMBER
    async with office.database.transaction() as c:
        await c.execute(update(keks).values(state="destroyed"))
    rotated = await rotation.rotate_keks(begin_in(office), Seen())
    assert (rotated.done, rotated.remaining) == (0, 0)


async def test_the_rotation_is_on_record(
    office: Office, clinic: Clinic, clock: FakeClock, folder: FileKeks
) -> None:
    folder.create(DECEMBER)
    clock.now = DECEMBER
    await rotation.rotate_keks(begin_in(office), Seen())
    assert await on_record(office) == ["keys.rotate.kek.begin", "keys.rotate.kek.end"]

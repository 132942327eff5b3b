"""The end of an epoch: only when nothing needs it, here or in a backup that can still be alive."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.errors import Conflict, NotFound, Refusal
from telehealth.keys.destruction import Destroyed, destroy
from telehealth.keys.models import keks
from telehealth.keys.rotation.keks import rotate_keks
from tests.clock import FakeClock
from tests.people import Clinic
from tests.unit.keys.scene import DECEMBER, Seen, begin_in, on_record

OLD, NEW = "kek-202611-1", "kek-202612-1"
FOUR_WEEKS = timedelta(days=28)


async def end(office: Office, kek_id: str = OLD, backups_live: timedelta = FOUR_WEEKS) -> Destroyed:
    return await destroy(begin_in(office), kek_id, backups_live=backups_live)


async def states(office: Office) -> dict[str, str]:
    async with office.database.reading() as c:
        return {row.kek_id: row.state for row in await c.execute(select(keks))}


@pytest.fixture
async def rotated(office: Office, clinic: Clinic, clock: FakeClock, tmp_path: Path) -> Office:
    """December's key has taken over on 2 December."""
    FileKeks(tmp_path / "keks").create(DECEMBER)
    clock.now = DECEMBER
    await rotate_keks(begin_in(office), Seen())
    return office


async def refused(office: Office, kek_id: str = OLD) -> Refusal:
    with pytest.raises((Conflict, NotFound)) as found:
        await end(office, kek_id)
    return found.value


async def test_an_epoch_is_destroyed_when_its_last_backup_has_expired(
    rotated: Office, clock: FakeClock
) -> None:
    clock.now = DECEMBER + FOUR_WEEKS - timedelta(seconds=1)
    refusal = await refused(rotated)
    assert refusal.code == "kek_in_backups"
    assert "2026-12-30 00:00 UTC" in refusal.sentence
    assert (await states(rotated))[OLD] == "decrypt_only"
    clock.advance(seconds=1)
    assert await end(rotated) == Destroyed(OLD, clock.now, again=False)
    assert await states(rotated) == {OLD: "destroyed", NEW: "active"}
    assert (await on_record(rotated))[-1] == "keys.destroy"


async def test_a_clinic_without_backups_need_not_wait(rotated: Office) -> None:
    assert not (await end(rotated, backups_live=timedelta(0))).again


async def test_one_that_was_killed_before_the_file_went_is_ended_again(
    rotated: Office, clock: FakeClock
) -> None:
    first = await end(rotated, backups_live=timedelta(0))
    clock.advance(minutes=5)
    assert await end(rotated) == Destroyed(OLD, first.at, again=True)


async def test_the_epoch_in_use_stays(rotated: Office) -> None:
    assert (await refused(rotated, NEW)).code == "kek_in_use"


async def test_an_epoch_that_still_wraps_something_stays(
    office: Office, clinic: Clinic, clock: FakeClock, tmp_path: Path
) -> None:
    FileKeks(tmp_path / "keks").create(DECEMBER)
    clock.now = DECEMBER
    async with office.work(None) as work:
        await work.ring.new_subject(work.connection, b"n" * 16, work.now)
    refusal = await refused(office)
    assert refusal.code == "kek_wraps"
    assert "28 keys" in refusal.sentence


async def test_an_unknown_epoch_is_told(rotated: Office) -> None:
    assert (await refused(rotated, "kek-209901-1")).code == "kek_not_known"


async def test_one_that_was_emptied_without_a_rotation_waits_from_when_that_was_seen(
    office: Office, clock: FakeClock, tmp_path: Path
) -> None:
    """Everybody it wrapped for was erased."""
    async with office.work(None) as work:
        await work.ring.current_kek(work.connection, work.now)
    FileKeks(tmp_path / "keks").create(DECEMBER)
    clock.now = DECEMBER
    async with office.work(None) as work:
        await work.ring.current_kek(work.connection, work.now)
    assert (await refused(office)).code == "kek_in_backups"
    clock.now = DECEMBER + FOUR_WEEKS
    assert not (await end(office)).again

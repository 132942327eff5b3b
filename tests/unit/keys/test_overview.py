"""What the key command and the administrator are told about keys."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.keys import indexes
from telehealth.keys.overview import Overview, overview
from telehealth.keys.rotation import campaigns
from telehealth.keys.rotation.indexes import rotate_index
from telehealth.keys.rotation.keks import rotate_keks
from telehealth.office import SEALED_TABLES
from tests.clock import FakeClock
from tests.people import EVERYBODY, Clinic
from tests.unit.keys.scene import DECEMBER, Seen, begin_in


async def look(office: Office, folder: Path) -> Overview:
    keks = FileKeks(folder)
    async with office.database.reading() as c:
        return await overview(c, keks, keks.ids(), backups_live=timedelta(days=28))


async def test_each_epoch_says_what_it_wraps_and_when_it_may_go(
    office: Office, clinic: Clinic, clock: FakeClock, tmp_path: Path
) -> None:
    folder = tmp_path / "keks"
    FileKeks(folder).create(DECEMBER)
    FileKeks(folder).create(datetime(2027, 1, 1, tzinfo=UTC))
    clock.now = DECEMBER
    await rotate_keks(begin_in(office), Seen())
    found = await look(office, folder)
    people = 4 * len(EVERYBODY)
    assert [(epoch.kek_id, epoch.number, epoch.state, epoch.wraps) for epoch in found.epochs] == [
        ("kek-202611-1", 1, "decrypt_only", 0),
        ("kek-202612-1", 2, "active", people),
        ("kek-202701-1", None, "unused", 0),
    ]
    assert [epoch.destroyable_at for epoch in found.epochs] == [DECEMBER + timedelta(days=28), None, None]
    assert found.subject_keys == people
    assert found.records == len(EVERYBODY)


async def test_a_key_that_is_missing_is_said_to_be(office: Office, clinic: Clinic, tmp_path: Path) -> None:
    folder = tmp_path / "keks"
    assert [epoch.readable for epoch in (await look(office, folder)).epochs] == [True]
    (folder / "kek-202611-1").unlink()
    assert [epoch.readable for epoch in (await look(office, folder)).epochs] == [False]


async def test_what_was_begun_and_not_done_is_named(office: Office, clinic: Clinic, tmp_path: Path) -> None:
    await rotate_index(begin_in(office), indexes.ACCOUNTS_KEY, SEALED_TABLES, Seen())
    async with office.work(None) as work:
        await campaigns.begin(work.connection, "records", work.now)
        await indexes.ensure(work.connection, work.ring, indexes.INDEXES)
    found = await look(office, tmp_path / "keks")
    assert found.under_way == ("records",)
    assert [(index.name, index.version) for index in found.indexes] == [
        ("accounts.key", 2),
        ("people.email", 1),
        ("sessions.sid", 1),
    ]

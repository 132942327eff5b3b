"""Calendar files as ical.js reads them, which shares no code with what wrote them, when clocks change."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from telehealth.appointments import acts as appointments
from telehealth.audit.office import Office
from telehealth.calendars import acts as calendars
from telehealth.clinic import store as clinic
from telehealth.db.engine import Database
from telehealth.mail import own
from tests.clock import FakeClock
from tests.people import NADIA, ROSA
from tests.schema import fresh_sqlite
from tests.unit.appointments.scene import book, new_key
from tests.unit.mail.scene import Kept, deliver, give_addresses

READER = Path(__file__).with_name("reading.mjs")
READ_SECONDS = 60
SESSION = timedelta(minutes=50)
CHANGES = (  # nine o'clock on the Friday before the clocks change and on the Monday after, in UTC
    ("America/New_York", "2027-03-12T14:00:00Z", "2027-03-15T13:00:00Z"),
    ("Europe/Berlin", "2027-03-26T08:00:00Z", "2027-03-29T07:00:00Z"),
    ("Australia/Lord_Howe", "2027-04-01T22:00:00Z", "2027-04-04T22:30:00Z"),  # by half an hour
)
FILES = 8  # of one life: three mails to each of two people, one to keep, and the feed
UIDS = 3  # Rosa's, which she keeps, Nadia's, and that of the feed


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Database]]:
    """What stands in a file does not depend on the database."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


@dataclass(frozen=True)
class File:
    """One file as it was written, and what it is to say."""

    text: str
    starts_at: str
    method: str | None = None
    status: str = "CONFIRMED"
    sequence: int = 0
    attendee: str | None = None


@pytest.mark.usefixtures("clinic")
async def test_another_reader_finds_the_same_time_on_both_sides_of_a_change(
    office: Office, clock: FakeClock
) -> None:
    await give_addresses(office)
    files: list[File] = []
    uids: list[str] = []
    for zone, friday, monday in CHANGES:
        clock.advance(_moment(friday) - timedelta(days=4) - clock())
        async with office.database.transaction() as connection:
            await clinic.change_therapist(connection, NADIA.id, {"zone": zone})
        files += await _life(office, _moment(friday), _moment(monday))
    for file, found in zip(files, await _read([file.text for file in files]), strict=True):
        (event,) = found["events"]
        assert found["method"] == file.method
        assert event["starts_at"] == file.starts_at
        assert event["ends_at"] == _text(_moment(file.starts_at) + SESSION)
        assert (event["status"], event["summary"]) == (file.status, "Appointment")
        assert event["attendees"] == ([f"mailto:{file.attendee}"] if file.attendee else [])
        assert event["sequence"] == file.sequence
        uids.append(event["uid"])
    assert len(files) == len(CHANGES) * FILES
    assert [len(set(uids[at : at + FILES])) for at in range(0, len(uids), FILES)] == [UIDS] * len(CHANGES)


async def _life(office: Office, first: datetime, second: datetime) -> list[File]:
    """An appointment is booked, moved over the change of clocks and cancelled."""
    start, later = _text(first), _text(second)
    made = await book(office, ROSA, first)
    files = _mailed(await deliver(office), File("", start, "REQUEST"))
    await appointments.move(office, ROSA, made.id, start=second, key=new_key())
    files += _mailed(await deliver(office), File("", later, "REQUEST", sequence=1))
    kept = await own.calendar(office, ROSA, made.id)
    await calendars.renew(office, NADIA, b"f" * 32, new_key())
    fed = await calendars.feed(office, b"f" * 32)
    files += [File(each.decode(), later, sequence=1) for each in (kept, fed)]
    await appointments.cancel(office, ROSA, made.id, key=new_key())
    return files + _mailed(await deliver(office), File("", later, "CANCEL", "CANCELLED", sequence=2))


def _mailed(post: Kept, expected: File) -> list[File]:
    """The calendar files of these mails."""
    return [
        File(
            str(part.get_content()),
            expected.starts_at,
            expected.method,
            expected.status,
            expected.sequence,
            str(mail["To"]),
        )
        for mail in post.mails
        for part in mail.iter_attachments()
    ]


async def _read(texts: list[str]) -> list[dict[str, Any]]:
    """What ical.js makes of them, in one process for all."""
    process = await asyncio.create_subprocess_exec(
        "node", str(READER), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(READ_SECONDS):
        said, _ = await process.communicate(json.dumps(texts).encode())
    assert process.returncode == 0, "npm ci installs what it needs; scripts/test does that"
    found: list[dict[str, Any]] = json.loads(said)
    return found


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

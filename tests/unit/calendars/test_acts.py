"""Subscribed calendars and a therapist's own address, on both databases."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event
from sqlalchemy import select, update

from telehealth.audit.office import Office
from telehealth.availability.models import busy_calendars, busy_times
from telehealth.availability.store import calendars
from telehealth.calendars import acts, rules
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import NADIA, OMAR, Clinic
from tests.unit.appointments.scene import BERLIN, TEN, book, entries, new_key
from tests.unit.calendars.scene import EVENT, TUESDAY_TEN, Elsewhere, calendar, elsewhere

ADDRESS = "https://calendar.example/secret/basic.ics"


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    """A server whose address may be written down although it is on loopback."""
    monkeypatch.setattr(rules, "address_from", str)
    with elsewhere(tmp_path / "tls") as made:
        yield made


async def busy(office: Office, person: Person = NADIA) -> list[tuple[str, str]]:
    """What the rule of open times hears of a therapist's other calendars."""
    now = office.clock()
    async with office.database.reading() as c:
        found = await calendars(
            c, {person.id: ZoneInfo(BERLIN)}, since=now, until=now + timedelta(days=7), now=now
        )
    return [(f"{start:%d %H:%M}", f"{end:%d %H:%M}") for start, end in found[person.id].busy]


async def state(office: Office) -> tuple[str, str | None]:
    (found,) = (await acts.overview(office, NADIA)).subscribed
    return found.state, found.failure


async def test_a_calendar_is_read_in_the_workers_turn_and_takes_time_from_what_is_open(
    office: Office, clinic: Clinic, there: Elsewhere
) -> None:
    await acts.subscribe(office, NADIA, there.address, new_key())
    assert await state(office) == ("new", None)
    assert await acts.turn(office, there.reader()) == 1
    assert await busy(office) == [("24 09:00", "24 10:00")]
    assert await busy(office, OMAR) == []
    assert await state(office) == ("ok", None)
    assert await acts.turn(office, there.reader()) == 0
    with pytest.raises(Conflict):
        await book(office)  # Tuesday at ten


async def test_nothing_but_times_is_kept_and_the_address_is_sealed(
    office: Office, clinic: Clinic, there: Elsewhere
) -> None:
    await acts.subscribe(office, NADIA, there.address, new_key())
    await acts.turn(office, there.reader())
    async with office.database.reading() as c:
        kept = [
            tuple(row) for table in (busy_calendars, busy_times) for row in await c.execute(select(table))
        ]
    assert not any(word in repr(kept) for word in ("lover", "127.0.0.1", "calendar.ics"))
    (shown,) = (await acts.overview(office, NADIA)).subscribed
    assert (shown.host, shown.busy_ahead) == ("127.0.0.1", 1)


async def test_what_changes_elsewhere_changes_here_and_what_is_the_same_stays(
    office: Office, clinic: Clinic, clock: FakeClock, there: Elsewhere
) -> None:
    await acts.subscribe(office, NADIA, there.address, new_key())
    await acts.turn(office, there.reader())
    there.status = 304
    clock.advance(rules.EVERY)
    assert await acts.turn(office, there.reader()) == 1
    assert len(await busy(office)) == 1
    there.status, there.body = 200, calendar(EVENT + TUESDAY_TEN.replace("T10", "T12").replace("T11", "T13"))
    clock.advance(rules.EVERY)
    await acts.turn(office, there.reader())
    assert await busy(office) == [("24 11:00", "24 12:00")]


async def test_what_is_the_same_for_a_month_is_read_whole_again_since_repeating_entries_run_on(
    office: Office, clinic: Clinic, clock: FakeClock, there: Elsewhere
) -> None:
    there.headers = {"ETag": '"one"'}
    await acts.subscribe(office, NADIA, there.address, new_key())
    await acts.turn(office, there.reader())
    for days, there.status in ((29, 304), (2, 200), (1, 304)):
        clock.advance(timedelta(days=days))
        await acts.turn(office, there.reader())
    assert [each.get("if-none-match") for each in there.asked] == [None, '"one"', None, '"one"']


async def test_a_failure_is_said_keeps_what_was_read_and_is_told_once(
    office: Office, clinic: Clinic, clock: FakeClock, there: Elsewhere
) -> None:
    await acts.subscribe(office, NADIA, there.address, new_key())
    await acts.turn(office, there.reader())
    there.status = 404
    for failures in range(6):
        clock.advance(rules.pause(failures))
        assert await acts.turn(office, there.reader()) == 1
        assert await state(office) == ("failing", "not_found")
    assert await busy(office) == [("24 09:00", "24 10:00")]
    assert await entries(office, ["notice.announce"]) == {"notice.announce": 1}
    there.status = 200
    clock.advance(rules.SLOWEST)
    await acts.turn(office, there.reader())
    assert await state(office) == ("ok", None)


async def test_two_workers_ask_each_calendar_once(office: Office, clinic: Clinic, there: Elsewhere) -> None:
    await acts.subscribe(office, NADIA, there.address, new_key())
    await acts.subscribe(office, OMAR, there.address, new_key())
    counts = await asyncio.gather(*(acts.turn(office, there.reader()) for _ in range(3)))
    assert (sum(counts), len(there.asked)) == (2, 2)


async def test_a_worker_killed_while_asking_is_followed_by_another(
    office: Office, clinic: Clinic, clock: FakeClock, there: Elsewhere
) -> None:
    await acts.subscribe(office, NADIA, there.address, new_key())
    async with office.database.transaction() as c:  # as the first one left it
        await c.execute(update(busy_calendars).values(due_at=clock() + timedelta(minutes=2)))
    assert await acts.turn(office, there.reader()) == 0
    clock.advance(minutes=2)
    assert await acts.turn(office, there.reader()) == 1


async def test_a_calendar_that_is_removed_takes_no_time_any_more_and_is_nobody_elses_to_remove(
    office: Office, clinic: Clinic, there: Elsewhere
) -> None:
    id_ = await acts.subscribe(office, NADIA, there.address, new_key())
    await acts.turn(office, there.reader())
    with pytest.raises(NotFound) as refused:
        await acts.unsubscribe(office, OMAR, id_, new_key())
    assert refused.value.code == "calendar_not_found"
    key = new_key()
    for _ in range(2):
        await acts.unsubscribe(office, NADIA, id_, key)
    assert await busy(office) == []
    types = ["calendar.subscribe", "calendar.unsubscribe", "calendar.refused"]
    assert await entries(office, types) == dict.fromkeys(types, 1)


async def test_the_same_form_twice_is_one_calendar_and_four_are_too_many(
    office: Office, clinic: Clinic
) -> None:
    key = new_key()
    first = await acts.subscribe(office, NADIA, ADDRESS, key)
    assert await acts.subscribe(office, NADIA, ADDRESS, key) == first
    with pytest.raises(Invalid) as refused:
        await acts.subscribe(office, NADIA, ADDRESS, new_key())
    assert refused.value.code == "address_known"
    for number in range(2):
        await acts.subscribe(office, NADIA, f"{ADDRESS}?{number}", new_key())
    with pytest.raises(Conflict) as enough:
        await acts.subscribe(office, NADIA, f"{ADDRESS}?more", new_key())
    assert enough.value.code == "enough_calendars"


async def test_the_own_address_shows_times_and_one_word_until_it_is_revoked(
    office: Office, clinic: Clinic
) -> None:
    made = await book(office, reason="something private")
    assert await acts.renew(office, NADIA, b"1" * 32, new_key())
    body = await acts.feed(office, b"1" * 32)
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert isinstance(event, Event)
    assert (event.start, event.end - event.start, str(event["SUMMARY"])) == (
        TEN,
        timedelta(minutes=50),
        "Appointment",
    )
    assert not any(word in body for word in (b"Rosa", b"private", b"Individual", b"Nadia"))
    assert made.id.hex().encode() in body
    await acts.renew(office, NADIA, b"2" * 32, new_key())
    for hashed in (b"1" * 32, b"3" * 32):
        with pytest.raises(NotFound):
            await acts.feed(office, hashed)
    await acts.revoke(office, NADIA)
    with pytest.raises(NotFound):
        await acts.feed(office, b"2" * 32)
    assert (await acts.overview(office, NADIA)).feed is None

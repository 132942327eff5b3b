"""How one wishes to be told is one's own, sealed, and erased; so is the file for one's calendar."""

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from sqlalchemy import delete, select

from telehealth.appointments import acts as appointments
from telehealth.audit.office import Office
from telehealth.db.tables import metadata
from telehealth.errors import Invalid, NotFound
from telehealth.mail import own, reminding
from telehealth.notices.models import calendar_entries, notices, outbox, preferences, reminders
from telehealth.person import Person
from telehealth.privacy import acts as privacy
from telehealth.privacy import retention
from telehealth.privacy.acts import Registry
from telehealth.privacy.collecting import collect
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, ROSA, STRANGER
from tests.unit.appointments.scene import TEN, book, new_key
from tests.unit.mail.scene import BERLIN, tell
from tests.unit.privacy.scene import shared_appointment

FORM = {"channel": "email", "level": "details", "alone": "yes", "zone": "Asia/Kathmandu"}

pytestmark = pytest.mark.usefixtures("clinic")


async def rows(office: Office) -> dict[str, int]:
    """How many rows of each kind are Rosa's."""
    found = {}
    async with office.database.reading() as connection:
        for table in (preferences, calendar_entries, reminders):
            query = select(table).where(table.c.person_id == ROSA.id)
            found[table.name] = len((await connection.execute(query)).all())
        hers = select(outbox).join(notices, notices.c.id == outbox.c.notice_id)
        query = hers.where(notices.c.person_id == ROSA.id)
        found["outbox"] = len((await connection.execute(query)).all())
    return found


async def test_what_is_chosen_is_sealed_and_shown_to_its_owner(office: Office) -> None:
    assert (await own.choices(office, ROSA)).level == "neutral"
    await own.choose(office, ROSA, FORM, new_key())
    await own.choose(office, ROSA, FORM | {"level": "neutral"}, new_key())
    chosen = await own.choices(office, ROSA)
    assert (chosen.level, chosen.alone, chosen.zone) == ("neutral", True, "Asia/Kathmandu")
    assert not (await own.choices(office, MIKA)).alone
    async with office.database.reading() as connection:
        row = (await connection.execute(select(preferences))).one()
    assert row.revision == 1
    assert b"Kathmandu" not in bytes(row.body)


async def test_a_form_sent_twice_is_kept_once_and_a_wrong_one_not_at_all(office: Office) -> None:
    key = new_key()
    for _ in range(2):
        await own.choose(office, ROSA, FORM, key)
    with pytest.raises(Invalid):
        await own.choose(office, ROSA, FORM | {"level": "everything"}, new_key())
    async with office.database.reading() as connection:
        assert (await connection.execute(select(preferences.c.revision))).scalar_one() == 0


async def test_two_windows_that_choose_at_once_both_have_their_say(office: Office) -> None:
    await asyncio.gather(*(own.choose(office, ROSA, FORM, new_key()) for _ in range(6)))
    async with office.database.reading() as connection:
        assert (await connection.execute(select(preferences.c.revision))).scalar_one() == 5


async def test_each_gets_a_file_of_their_own(office: Office) -> None:
    together = await shared_appointment(office)
    files = {person: await own.calendar(office, person, together) for person in (ROSA, MIKA, NADIA)}
    events = {person: Calendar.from_ical(made).walk("VEVENT")[0] for person, made in files.items()}
    assert len({event["UID"] for event in events.values()}) == 3
    assert {str(event["SUMMARY"]) for event in events.values()} == {"Appointment"}
    again = Calendar.from_ical(await own.calendar(office, ROSA, together)).walk("VEVENT")[0]
    assert (again["UID"], again["SEQUENCE"]) == (events[ROSA]["UID"], 0)
    await appointments.cancel(office, NADIA, together, new_key())
    gone = Calendar.from_ical(await own.calendar(office, MIKA, together)).walk("VEVENT")[0]
    assert (gone["STATUS"], gone["SEQUENCE"]) == ("CANCELLED", 1)


@pytest.mark.parametrize("person", [MIKA, STRANGER, DESK, ADMIN])
async def test_nobody_else_gets_it(office: Office, person: Person) -> None:
    made = await book(office, ROSA)
    with pytest.raises(NotFound) as refused:
        await own.calendar(office, person, made.id)
    with pytest.raises(NotFound) as unknown:
        await own.calendar(office, person, b"?" * 16)
    assert refused.value.sentence == unknown.value.sentence


async def filled(office: Office, clock: FakeClock) -> None:
    """Rosa has something in each of the tables."""
    await own.choose(office, ROSA, FORM | {"day_before": "yes"}, new_key())
    made = await book(office, ROSA, TEN + timedelta(days=2))
    await own.calendar(office, ROSA, made.id)
    clock.now = made.starts_at - timedelta(hours=23)
    await reminding.turn(office)
    await tell(office, ROSA, made.id)


async def test_everything_is_in_ones_copy(office: Office, clock: FakeClock) -> None:
    await filled(office, clock)
    collected = await office.act(
        ROSA, lambda work: collect(work, ROSA, practice="Linden", zone=ZoneInfo(BERLIN))
    )
    told = collected.values["how_you_are_told"]
    assert told["choices"]["zone"] == "Asia/Kathmandu"
    assert [each["state"] for each in told["calendar"]] == ["booked"]
    assert [each["hours_before"] for each in told["reminders"]] == [24]


async def test_an_erasure_takes_all_of_it(registry: Registry, clock: FakeClock) -> None:
    await filled(registry.office, clock)
    before = await rows(registry.office)
    assert all(before.values()), before
    await privacy.erase(registry, ROSA, ROSA.id)
    after = await rows(registry.office)
    assert not any(after.values()), after


async def test_what_is_old_goes_with_its_appointment_and_its_message(
    registry: Registry, clock: FakeClock
) -> None:
    await filled(registry.office, clock)
    clock.advance(timedelta(days=400))
    days = {"account": 0, "booking": 365, "clinical": 0, "correspondence": 365}
    await retention.run(registry, days)
    left = await rows(registry.office)
    assert left == {"preferences": 1, "calendar_entries": 0, "reminders": 0, "outbox": 0}


async def test_whose_key_is_gone_has_chosen_nothing(office: Office) -> None:
    await own.choose(office, ROSA, FORM, new_key())
    keys = metadata.tables["record_keys"]
    async with office.database.transaction() as connection:
        await connection.execute(delete(keys).where(keys.c.record_id == ROSA.id))
    assert (await own.choices(office, ROSA)).level == "neutral"

"""Each reminder is made once, for whoever wants it, of what is still booked for that time."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from telehealth.appointments import acts as appointments
from telehealth.appointments.models import appointments as appointment_table
from telehealth.audit.office import Office
from telehealth.couples import acts as couples
from telehealth.mail import reminding
from telehealth.notices import acts as notices
from telehealth.notices import entries
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import MIKA, NADIA, ROSA, Clinic
from tests.unit.appointments.scene import TEN, new_key
from tests.unit.couples.scene import a_couple
from tests.unit.mail.scene import book, choose, deliver, give_addresses, text_in

HOUR = timedelta(hours=1)
START = TEN + timedelta(days=2)  # Thursday, three days ahead


@pytest.fixture(autouse=True)
async def addresses(office: Office, clinic: Clinic) -> None:
    await give_addresses(office)


async def reminders(office: Office, person: Person = ROSA) -> list[str]:
    """The hours of the reminders that somebody was told of."""
    return [each.body["hours"] for each in await notices.mine(office, person) if each.kind == "reminder"]


async def test_a_client_is_reminded_a_day_before_and_a_therapist_when_they_ask(
    office: Office, clock: FakeClock
) -> None:
    await book(office, ROSA, START)
    clock.now = START - 24 * HOUR - timedelta(seconds=1)
    assert await reminding.turn(office) == 0
    clock.now = START - 24 * HOUR
    assert await reminding.turn(office) == 1
    await choose(office, NADIA, day_before=False, hour_before=True)
    clock.now = START - HOUR
    assert await reminding.turn(office) == 1
    assert (await reminders(office), await reminders(office, NADIA)) == (["24"], ["1"])
    assert await notices.announcements(office, ROSA) == []  # a page asks nobody to read a reminder
    (mail,) = (await deliver(office)).to(NADIA)
    assert text_in(mail).startswith("Appointment, Thu 10:00\n")


async def test_many_workers_make_each_reminder_once(office: Office, clock: FakeClock) -> None:
    await book(office, ROSA, START)
    await book(office, MIKA, START + HOUR)
    clock.now = START - 23 * HOUR
    made = await asyncio.gather(*(reminding.turn(office) for _ in range(6)))
    assert sum(made) == 2
    assert (await reminders(office), await reminders(office, MIKA)) == (["24"], ["24"])


async def test_whoever_comes_second_makes_none(office: Office) -> None:
    made = await book(office, ROSA, START)
    async with office.work(None) as work:
        assert await entries.remind_once(work, made.id, ROSA.id, 24, START)
        assert not await entries.remind_once(work, made.id, ROSA.id, 24, START)
        assert await entries.remind_once(work, made.id, ROSA.id, 1, START)
        assert await entries.remind_once(work, made.id, NADIA.id, 24, START)


async def test_moved_it_is_reminded_of_anew_and_the_old_one_is_not_sent(
    office: Office, clock: FakeClock
) -> None:
    made = await book(office, ROSA, START)
    clock.now = START - 24 * HOUR
    await reminding.turn(office)
    later = {"starts_at": START + HOUR, "ends_at": START + 2 * HOUR}
    async with office.database.transaction() as connection:
        mine = appointment_table.c.id == made.id
        await connection.execute(update(appointment_table).where(mine).values(**later))
    clock.now = START - 23 * HOUR
    assert await reminding.turn(office) == 1
    assert await reminders(office) == ["24", "24"]
    (mail,) = (await deliver(office)).to(ROSA)
    assert text_in(mail).startswith("Appointment, Thu 11:00\n")


async def test_nobody_is_reminded_of_what_is_cancelled(office: Office, clock: FakeClock) -> None:
    first, second = await book(office, ROSA, START), await book(office, MIKA, START + HOUR)
    await appointments.cancel(office, ROSA, first.id, new_key())
    clock.now = START - 23 * HOUR
    assert await reminding.turn(office) == 1
    await appointments.cancel(office, NADIA, second.id, new_key())
    (mail,) = (await deliver(office)).to(MIKA)
    assert "(cancelled)" in text_in(mail)


async def test_who_was_asked_for_another_time_is_reminded_once_they_say_yes(
    office: Office, clock: FakeClock
) -> None:
    both = await a_couple(office)
    await appointments.move(office, ROSA, both.id, start=START, key=new_key())
    clock.now = START - 23 * HOUR
    assert await reminding.turn(office) == 1
    assert (await reminders(office), await reminders(office, MIKA)) == (["24"], [])
    await couples.agree(office, MIKA, both.id, start=START, key=new_key())
    assert await reminding.turn(office) == 1
    assert await reminders(office, MIKA) == ["24"]


async def test_who_wants_none_is_not_reminded(office: Office, clock: FakeClock) -> None:
    await book(office, ROSA, START)
    await choose(office, ROSA, day_before=False)
    clock.now = START - 23 * HOUR
    assert await reminding.turn(office) == 0

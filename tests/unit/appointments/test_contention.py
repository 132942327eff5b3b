"""Many people at once: no double booking, no acknowledged booking lost, and no other answer than yes or a conflict."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from sqlalchemy import select

from telehealth.appointments import acts
from telehealth.appointments.acts import Appointment, Taken
from telehealth.audit.office import Office
from telehealth.availability.models import occupancies
from telehealth.errors import Conflict
from telehealth.person import Person
from tests.people import MIKA, NADIA, OMAR, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import HALF_HOUR, TEN, Browser, book, hold, new_key

TASKS = 16
ATTEMPTS = 300
CLIENTS = (ROSA, MIKA, STRANGER)
SECONDS = 120


async def test_overlapping_attempts_never_book_twice(office: Office, clinic: Clinic) -> None:
    chance = random.Random(7)
    plan = [(chance.choice(CLIENTS), chance.randrange(-2, 5), chance.random()) for _ in range(ATTEMPTS)]
    kept: list[bytes] = []

    async def one_task(number: int) -> int:
        mine = plan[number::TASKS]
        return sum([await _attempt(office, Browser(f"{number}"), *each, kept) for each in mine])

    async with asyncio.timeout(SECONDS):
        made = sum(await asyncio.gather(*(one_task(number) for number in range(TASKS))))
    assert made > len(CLIENTS)
    await _check(office, kept)


async def _attempt(
    office: Office, browser: Browser, person: Person, half_hours: int, way: float, kept: list[bytes]
) -> bool:
    """Hold and book, book at once, or cancel something; a conflict is an answer, anything else fails the test. Whether
    something was booked, which others may cancel at once."""
    start = TEN + half_hours * HALF_HOUR
    try:
        if way < 0.3 and kept:
            id_ = kept[int(way * 1000) % len(kept)]
            kept.remove(id_)
            await _cancel(office, id_)
            return False
        held = await hold(office, start, browser=browser, person=person) if way < 0.7 else None
        made = await book(office, person, start, held=held, browser=browser, name="Somebody")
        kept.append(made.id)
    except Taken:
        return False
    return True


async def _cancel(office: Office, id_: bytes) -> None:
    for person in CLIENTS:
        for found in await acts.mine(office, person):
            if found.id == id_:
                await acts.cancel(office, person, id_, new_key())
                return
    raise AssertionError("an acknowledged booking was lost")


async def _check(office: Office, kept: Sequence[bytes]) -> None:
    live = occupancies.c.state.in_(("held", "booked"))
    order = occupancies.c.party, occupancies.c.starts_at
    async with office.database.reading() as connection:
        rows = (await connection.execute(select(occupancies).where(live).order_by(*order))).all()
    for one, next_one in pairwise(rows):
        assert one.party != next_one.party or one.ends_at <= next_one.starts_at
    assert {row.appointment_id for row in rows if row.state == "booked"} == set(kept)


async def test_one_time_wished_by_all_at_once_goes_to_one(office: Office, clinic: Clinic) -> None:
    async def attempt(number: int) -> Appointment | Conflict:
        try:
            person = CLIENTS[number % len(CLIENTS)]
            return await book(office, person, browser=Browser(f"{number}"), name="Somebody")
        except Conflict as refused:
            return refused

    async with asyncio.timeout(SECONDS):
        answers = await asyncio.gather(*(attempt(number) for number in range(TASKS)))
    assert len([answer for answer in answers if isinstance(answer, Appointment)]) == 1


async def test_the_same_request_sent_many_times_at_once_books_once(office: Office, clinic: Clinic) -> None:
    key = new_key()
    async with asyncio.timeout(SECONDS):
        answers = await asyncio.gather(*(book(office, key=key, reason="once") for _ in range(TASKS)))
    assert len({answer.id for answer in answers}) == 1


async def test_a_booking_cancelled_from_two_sides_at_once_is_cancelled_once(
    office: Office, clinic: Clinic
) -> None:
    made = await book(office, start=TEN + timedelta(days=2))

    async def attempt(person: Person) -> str:
        try:
            return (await acts.cancel(office, person, made.id, new_key())).state
        except Conflict as refused:
            return refused.code

    async with asyncio.timeout(SECONDS):
        answers = await asyncio.gather(attempt(ROSA), attempt(NADIA), attempt(ROSA))
    assert sorted(answers) == ["cancelled", "not_booked", "not_booked"]


async def test_one_browser_holding_in_many_places_at_once_keeps_one(office: Office, clinic: Clinic) -> None:
    async def attempt(number: int) -> None:
        if number % 2:
            await hold(office, TEN + timedelta(days=2 + number // 5, hours=number % 3))
        else:
            await hold(office, TEN + timedelta(days=2 + number // 5, hours=6), therapist_id=OMAR.id)

    async with asyncio.timeout(SECONDS):
        await asyncio.gather(*(attempt(number) for number in range(4)))
    async with office.database.reading() as connection:
        assert len((await connection.execute(select(occupancies))).all()) == 1

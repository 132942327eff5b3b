"""Many clients who all want the times of a few therapists at once, each time wished by two, and what must hold then."""

import asyncio
import math
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from telehealth.appointments.models import appointment_clients, appointments
from telehealth.audit.office import Office, Work
from telehealth.availability import store as hours
from telehealth.availability.models import occupancies
from telehealth.availability.rules import Weekly
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service
from telehealth.errors import Conflict
from telehealth.people import store as people
from telehealth.person import Person, Role
from tests.people import NADIAS_PROFILE, SINGLE
from tests.unit.appointments.scene import Browser, book

THERAPISTS, CLIENTS, TASKS = 4, 64, 32
DAYS, HOUR = 54, timedelta(hours=1)
REFUSALS = ("time_taken", "you_are_booked_then")
FIRST_CLIENT = 1_000  # so that a therapist's lock is always the first


@dataclass(frozen=True)
class Rush:
    """The service that all want, who sees whom, and on how many hours a day, so that there is a time for every two
    attempts."""

    service: Service
    therapists: tuple[Person, ...]
    clients: tuple[Person, ...]
    hours: int
    attempts: int


@dataclass(frozen=True)
class Wish:
    """Who wants which time with whom."""

    client: Person
    therapist: Person
    start: datetime


Attempt = Callable[
    [int, Wish], Awaitable[bytes | None]
]  # of one task: the appointment's id, or None when refused


@dataclass(frozen=True)
class Outcome:
    """The acknowledged bookings (id → client), how many attempts were refused, and how long it took."""

    booked: dict[bytes, bytes]
    refused: int
    seconds: float


def numbered(number: int, role: Role) -> Person:
    """Somebody whose id says their number twice, so that no two share a lock."""
    return Person(number.to_bytes(8, "big") * 2, role, session=number.to_bytes(16, "big"))


async def open_doors(office: Office, attempts: int) -> Rush:
    """Write down who works and who comes."""
    open_hours = math.ceil(attempts / 2 / THERAPISTS / DAYS)
    assert open_hours <= 24
    therapists = tuple(numbered(1 + number, "therapist") for number in range(THERAPISTS))
    clients = tuple(numbered(FIRST_CLIENT + number, "client") for number in range(CLIENTS))
    service = replace(SINGLE, grid_minutes=60, therapist_ids=tuple(each.id for each in therapists))

    async def act(work: Work) -> None:
        for person in (*therapists, *clients):
            await people.add_person(work.connection, work.ring, person.id, person.role, work.now)
            await people.rename(work.connection, work.ring, person.id, "Somebody")
        for place, person in enumerate(therapists):
            profile = replace(
                NADIAS_PROFILE, id=person.id, slug=f"therapist-{place}", zone="UTC", position=place
            )
            await clinic.add_therapist(work.connection, profile)
        await clinic.add_service(work.connection, service)
        for person in therapists:
            for weekday in range(7):
                period = Weekly(weekday, 0, open_hours * 60)
                await hours.add_hours(work.connection, work.chance(16), person.id, period)

    await office.act(None, act)
    return Rush(service, therapists, clients, open_hours, attempts)


def wishes(rush: Rush, now: datetime) -> list[Wish]:
    """Every time is wished twice in a row, by two clients."""
    chance = random.Random(32)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    times = [
        (therapist, midnight + timedelta(days=day) + hour * HOUR)
        for therapist in rush.therapists
        for day in range(1, DAYS + 1)
        for hour in range(rush.hours)
    ]
    chance.shuffle(times)
    return [
        Wish(client, therapist, start)
        for therapist, start in times[: rush.attempts // 2]
        for client in chance.sample(rush.clients, 2)
    ]


async def run(
    office: Office, rush: Rush, attempt: Attempt, *, share: int = 0, of: int = 1, tasks: int = TASKS
) -> Outcome:
    """All attempts, or one share of so many, by so many tasks at a time."""
    waiting = iter(wishes(rush, office.clock())[share::of])
    booked: dict[bytes, bytes] = {}
    started = time.perf_counter()
    working = [_work_off(waiting, booked, attempt, share * tasks + number) for number in range(tasks)]
    refused = await asyncio.gather(*working)
    return Outcome(booked, sum(refused), time.perf_counter() - started)


async def _work_off(waiting: Iterator[Wish], booked: dict[bytes, bytes], attempt: Attempt, task: int) -> int:
    refused = 0
    for wish in waiting:
        made = await attempt(task, wish)
        if made is None:
            refused += 1
        else:
            assert made not in booked
            booked[made] = wish.client.id
    return refused


def by_acts(office: Office, rush: Rush) -> Attempt:
    """Attempts of the acts alone, without HTTP; anything but yes and a conflict is raised."""

    async def attempt(task: int, wish: Wish) -> bytes | None:
        of: dict[str, Any] = {"service_id": rush.service.id, "therapist_id": wish.therapist.id}
        try:
            key = secrets.token_hex(16)
            made = await book(office, wish.client, wish.start, browser=Browser(f"{task}"), key=key, **of)
        except Conflict as refusal:
            if refusal.code not in REFUSALS:
                raise
            return None
        return made.id

    return attempt


async def check(office: Office, rush: Rush, outcome: Outcome) -> None:
    """Nobody is booked twice, every acknowledged booking is there and no other, and everybody got an answer."""
    async with office.database.reading() as c:
        order = occupancies.c.party, occupancies.c.starts_at
        taken = (await c.execute(select(occupancies).order_by(*order))).all()
        states = select(appointments.c.id, appointments.c.state)
        found = {row.id: row.state for row in await c.execute(states)}
        part = {row.appointment_id: row.person_id for row in await c.execute(select(appointment_clients))}
    assert all(one.party != other.party or one.ends_at <= other.starts_at for one, other in pairwise(taken))
    assert found == dict.fromkeys(outcome.booked, "booked")
    assert part == outcome.booked
    assert len(taken) == 2 * len(outcome.booked)
    assert len(outcome.booked) + outcome.refused == rush.attempts
    assert len(outcome.booked) >= 0.4 * rush.attempts

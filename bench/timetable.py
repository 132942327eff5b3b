"""A clinic with many therapists and a full book, written in bulk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments.models import appointments
from telehealth.availability.models import hours, occupancies
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist
from telehealth.db.engine import Database
from telehealth.db.schema import upgrade
from telehealth.people.models import people
from tests.people import NADIAS_PROFILE, SINGLE
from tests.postgres import running_server

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)  # a Monday, before anybody works
WEEKS = 8
OPENS, CLOSES = 8, 18  # UTC hours of every weekday
SESSION, BUFFER = timedelta(minutes=50), timedelta(minutes=10)


@dataclass(frozen=True)
class Timetable:
    """What was written: a service that everybody offers, and how many appointments there are."""

    database: Database
    service: Service
    therapists: tuple[Therapist, ...]
    appointments: int


@asynccontextmanager
async def timetable(therapists: int, booked: int) -> AsyncIterator[Timetable]:
    """So many therapists with so many appointments in all, spread evenly, in a PostgreSQL of our own."""
    with running_server() as server:
        url = server.url("postgres")
        await upgrade(url)
        database = Database(url)
        try:
            async with database.transaction() as c:
                made = await _fill(c, database, therapists, booked)
            yield made
        finally:
            await database.close()


async def add_staff(c: AsyncConnection, number: int) -> tuple[Therapist, ...]:
    """So many therapists, whose ids are the numbers from 1 on; all live in UTC."""
    staff = tuple(
        replace(NADIAS_PROFILE, id=one.to_bytes(16, "big"), slug=f"therapist-{one}", zone="UTC", position=one)
        for one in range(1, number + 1)
    )
    person = {"role": "therapist", "revision": 0, "created_at": NOW}
    await c.execute(insert(people), [{**person, "id": each.id} for each in staff])
    for each in staff:
        await clinic.add_therapist(c, each)
    return staff


async def _fill(c: AsyncConnection, database: Database, number: int, booked: int) -> Timetable:
    staff = await add_staff(c, number)
    service = replace(SINGLE, therapist_ids=tuple(each.id for each in staff), horizon_days=7 * WEEKS)
    await clinic.add_service(c, service)
    ids = (one.to_bytes(16, "big") for one in count(1_000_000))
    weekly = {"start_minute": OPENS * 60, "end_minute": CLOSES * 60}
    await c.execute(
        insert(hours),
        [
            {**weekly, "id": next(ids), "therapist_id": each.id, "weekday": day}
            for each in staff
            for day in range(5)
        ],
    )
    starts = _starts(booked // number)
    rows = [(next(ids), each.id, start) for each in staff for start in starts]
    await book(c, service, rows)
    await c.execute(text("ANALYZE"))
    return Timetable(database, service, staff, len(rows))


def _starts(each: int) -> list[datetime]:
    """Evenly over the weekdays, from the morning on, a full hour each."""
    days = [day for day in range(7 * WEEKS) if day % 7 < 5]
    found = []
    for turn in range(each):
        day, hour = days[turn % len(days)], OPENS + 2 * (turn // len(days))
        found.append(NOW.replace(hour=0) + timedelta(days=day, hours=hour))
    return found


async def book(
    c: AsyncConnection,
    service: Service,
    rows: list[tuple[bytes, bytes, datetime]],
    *,
    session: timedelta = SESSION,
    buffer: timedelta = BUFFER,
) -> None:
    """Appointments, each (id, therapist, start), that nobody has come to yet."""
    known = {
        "service_id": service.id,
        "state": "booked",
        "zone": "UTC",
        "zone_version": "",
        "created_at": NOW,
    }
    await c.execute(
        insert(appointments),
        [
            {
                **known,
                "id": id_,
                "therapist_id": who,
                "local_start": f"{start:%Y-%m-%dT%H:%M}",
                "starts_at": start,
                "ends_at": start + session,
            }
            for id_, who, start in rows
        ],
    )
    await c.execute(
        insert(occupancies),
        [
            {
                "appointment_id": id_,
                "party": who,
                "starts_at": start,
                "ends_at": start + session + buffer,
                "state": "booked",
            }
            for id_, who, start in rows
        ],
    )

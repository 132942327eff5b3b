"""What can be done with appointments: every verb that pages, the command line and the worker call."""

from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments import store
from telehealth.appointments.answering import confirm, decline, propose, take
from telehealth.appointments.arranging import Order, Planned, place_for, plan
from telehealth.appointments.booking import book
from telehealth.appointments.cancelling import cancel
from telehealth.appointments.holding import Hold, extend, find_hold, hold, is_booked, release
from telehealth.appointments.moving import move
from telehealth.appointments.reading import Appointment, found_by, look, look_at, opened
from telehealth.appointments.wanted import Taken
from telehealth.audit.office import Office, Work
from telehealth.availability.acts import zone_named
from telehealth.person import Person

__all__ = [
    "Appointment",
    "Hold",
    "Order",
    "Planned",
    "Taken",
    "appointment",
    "book",
    "cancel",
    "confirm",
    "day",
    "decline",
    "extend",
    "find_hold",
    "hold",
    "is_booked",
    "mine",
    "move",
    "place_for",
    "plan",
    "propose",
    "release",
    "subjects_of",
    "take",
]


async def mine(office: Office, person: Person) -> list[Appointment]:
    """Everything of this person: what is still to come, the next first, then what is over, the latest first."""

    async def act(work: Work) -> list[Appointment]:
        found = await opened(work, person, await store.appointments_of(person, work.connection))
        await look(work, person, found)
        ahead = [each for each in found if each.state in ("asked", "booked") and each.closes_at > work.now]
        return ahead + [each for each in reversed(found) if each not in ahead]

    return await office.act(person, act)


async def day(office: Office, person: Person, shown: date, zone: str, *, days: int = 1) -> list[Appointment]:
    """What begins on that local day of `zone`, or on so many from it on, in order: a therapist's own; all for the front
    desk, without words."""
    first = datetime(shown.year, shown.month, shown.day, tzinfo=zone_named(zone))
    last = first + timedelta(days=days)  # wall clock: a local midnight again

    async def act(work: Work) -> list[Appointment]:
        rows = await store.appointments_of(person, work.connection, first=first, last=last)
        found = await opened(work, person, rows)
        await look(work, person, found)
        return found

    return await office.act(person, act)


async def appointment(office: Office, person: Person, appointment_id: bytes) -> Appointment:
    """One appointment; NotFound, on record, for everyone who takes no part in it."""

    async def act(work: Work) -> Appointment:
        found = await found_by(work, person, appointment_id)
        await look_at(work, found)
        return found

    return await office.act(person, act)


async def subjects_of(c: AsyncConnection, appointment_id: bytes) -> list[bytes]:
    """Whom an appointment concerns: for the record of refusals."""
    return await store.clients_of(c, appointment_id)

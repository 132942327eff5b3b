"""A person's tickets, once they are erased: an open one would still let them in. Rooms of old appointments. And where
somebody was during a session, once it is over."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.keys.erasing import destroy_records
from telehealth.people.models import sessions
from telehealth.rooms.models import rooms, seats, tickets, whereabouts


async def forget_tickets(c: AsyncConnection, person_id: bytes) -> int:
    """Every ticket to a seat of this person, and for a check in a session of theirs; how many there were."""
    to_seats = tickets.c.seat_id.in_(select(seats.c.seat_id).where(seats.c.person_id == person_id))
    to_checks = tickets.c.session.in_(select(sessions.c.id).where(sessions.c.person_id == person_id))
    return (await c.execute(delete(tickets).where(or_(to_seats, to_checks)))).rowcount


async def forget_expired_tickets(c: AsyncConnection, now: datetime) -> int:
    """Tickets live half a minute."""
    return (await c.execute(delete(tickets).where(tickets.c.expires_at <= now))).rowcount


async def forget_rooms(c: AsyncConnection, appointment_ids: Collection[bytes]) -> None:
    """The rooms of these appointments with their seats and tickets."""
    theirs = select(seats.c.seat_id).where(seats.c.appointment_id.in_(appointment_ids))
    await c.execute(delete(tickets).where(tickets.c.seat_id.in_(theirs)))
    await forget_whereabouts(c, whereabouts.c.appointment_id.in_(appointment_ids))
    for table in (seats, rooms):
        await c.execute(delete(table).where(table.c.appointment_id.in_(appointment_ids)))


async def forget_whereabouts(c: AsyncConnection, *which: ColumnElement[bool]) -> int:
    """Where these were, with the keys; how many rows that was."""
    ids = list((await c.execute(select(whereabouts.c.record_id).where(*which))).scalars())
    if ids:
        await destroy_records(c, ids)
        await c.execute(delete(whereabouts).where(whereabouts.c.record_id.in_(ids)))
    return len(ids)


async def forget_whereabouts_of(c: AsyncConnection, person_id: bytes) -> int:
    """Where this person was, as far as it is not forgotten yet."""
    return await forget_whereabouts(c, whereabouts.c.person_id == person_id)

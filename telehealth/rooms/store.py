"""Queries about rooms, seats and tickets; every change says what it expects to find."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments.models import appointment_clients, appointments
from telehealth.clinic.models import services
from telehealth.people import rules as people_rules
from telehealth.people.models import people, sessions
from telehealth.rooms.models import rooms, seats, tickets
from telehealth.rooms.rules import Presence


@dataclass(frozen=True)
class Seat:
    """One person's place in a room, with what decides whether they may be there."""

    seat_id: bytes
    appointment_id: bytes
    person_id: bytes
    host: bool
    state: str
    locked: bool
    call_id: bytes
    ended_at: datetime | None
    ice_policy: Literal["all", "relay"] | None
    for_partners: bool
    apart: int
    grouping: int
    appointment_state: str
    starts_at: datetime
    ends_at: datetime


def _seats() -> Select[Any]:
    return select(
        seats.c.seat_id,
        seats.c.appointment_id,
        seats.c.person_id,
        seats.c.host,
        seats.c.state,
        rooms.c.locked,
        rooms.c.call_id,
        rooms.c.ended_at,
        rooms.c.ice_policy,
        (services.c.seats > 1).label("for_partners"),
        seats.c.apart,
        rooms.c.grouping,
        appointments.c.state.label("appointment_state"),
        appointments.c.starts_at,
        appointments.c.ends_at,
    ).select_from(
        seats.join(rooms, rooms.c.appointment_id == seats.c.appointment_id)
        .join(appointments, appointments.c.id == seats.c.appointment_id)
        .join(services, services.c.id == appointments.c.service_id)
    )


async def seat_of(c: AsyncConnection, appointment_id: bytes, person_id: bytes) -> Seat | None:
    """The seat of a person in an appointment's room."""
    query = _seats().where(seats.c.appointment_id == appointment_id, seats.c.person_id == person_id)
    row = (await c.execute(query)).one_or_none()
    return None if row is None else Seat(**row._mapping)


async def seat(c: AsyncConnection, seat_id: bytes) -> Seat | None:
    """The seat of that id."""
    row = (await c.execute(_seats().where(seats.c.seat_id == seat_id))).one_or_none()
    return None if row is None else Seat(**row._mapping)


async def takes_part(c: AsyncConnection, seat: Seat) -> bool:
    """Whether whoever has the seat has not left the appointment for their own part."""
    query = select(appointment_clients.c.person_id).where(
        appointment_clients.c.appointment_id == seat.appointment_id,
        appointment_clients.c.person_id == seat.person_id,
    )
    return seat.host or (await c.execute(query)).one_or_none() is not None


async def room_ended(c: AsyncConnection, appointment_id: bytes) -> bool:
    """Whether the therapist has ended this session."""
    query = select(rooms.c.ended_at).where(rooms.c.appointment_id == appointment_id)
    return (await c.execute(query)).scalar_one_or_none() is not None


async def next_of(c: AsyncConnection, client_id: bytes, after: datetime) -> datetime | None:
    """When this client's next booked appointment begins, from then on."""
    query = (
        select(func.min(appointments.c.starts_at))
        .join(appointment_clients, appointment_clients.c.appointment_id == appointments.c.id)
        .where(
            appointment_clients.c.person_id == client_id,
            appointments.c.state == "booked",
            appointments.c.starts_at >= after,
        )
    )
    found: datetime | None = (await c.execute(query)).scalar_one()
    return found


async def add_room(
    c: AsyncConnection, appointment_id: bytes, call_id: bytes, now: datetime, *, ice_policy: str | None
) -> None:
    """Make the room of an appointment, with the policy it keeps from then on, unless somebody was quicker."""
    found = await c.execute(select(rooms.c.call_id).where(rooms.c.appointment_id == appointment_id))
    if found.one_or_none() is None:
        values = {"appointment_id": appointment_id, "call_id": call_id, "locked": False, "created_at": now}
        await c.execute(insert(rooms).values(**values, ice_policy=ice_policy))


async def add_seat(
    c: AsyncConnection, appointment_id: bytes, person_id: bytes, seat_id: bytes, *, host: bool
) -> None:
    """A seat for somebody who takes part; the host's is admitted from the start."""
    await c.execute(
        insert(seats).values(
            appointment_id=appointment_id,
            person_id=person_id,
            seat_id=seat_id,
            host=host,
            state="admitted" if host else "outside",
        )
    )


async def add_ticket(
    c: AsyncConnection, ticket_hash: bytes, seat_id: bytes, session: bytes, expires_at: datetime
) -> None:
    """A ticket is a row that lives 30 s and is used once."""
    row = {"hash": ticket_hash, "kind": "session", "seat_id": seat_id, "session": session}
    await c.execute(insert(tickets).values(**row, expires_at=expires_at))


async def use_ticket(c: AsyncConnection, ticket_hash: bytes, now: datetime) -> tuple[bytes, bytes] | None:
    """Mark a live ticket to a seat used and return (seat id, session id); None when unknown, expired or used before."""
    live = tickets.c.used_at.is_(None) & (tickets.c.expires_at > now) & (tickets.c.kind == "session")
    change = (
        update(tickets)
        .where(tickets.c.hash == ticket_hash, live)
        .values(used_at=now)
        .returning(tickets.c.seat_id, tickets.c.session)
    )
    row = (await c.execute(change)).one_or_none()
    return None if row is None else (row.seat_id, row.session)


async def seat_of_ticket(c: AsyncConnection, ticket_hash: bytes) -> bytes | None:
    """The seat for which a ticket was made, used or not; None when there is no such ticket any more."""
    query = select(tickets.c.seat_id).where(tickets.c.hash == ticket_hash)
    return (await c.execute(query)).scalar_one_or_none()


async def forget_tickets(c: AsyncConnection, before: datetime) -> None:
    """Tickets that expired a while ago say nothing any more."""
    await c.execute(delete(tickets).where(tickets.c.expires_at < before))


async def person_of(c: AsyncConnection, session: bytes) -> bytes | None:
    """Whose login session it is; None when there is none any more."""
    return (
        await c.execute(select(sessions.c.person_id).where(sessions.c.id == session))
    ).scalar_one_or_none()


async def session_stands(c: AsyncConnection, session: bytes, person_id: bytes, now: datetime) -> bool:
    """Whether the login session a seat was taken in still exists, and its person is not disabled.

    A seat is activity, so the session is never idle; its absolute end is an end here, too (security.md, section 4).
    """
    query = (
        select(sessions.c.created_at)
        .join(people, people.c.id == sessions.c.person_id)
        .where(sessions.c.id == session, sessions.c.person_id == person_id, people.c.disabled_at.is_(None))
    )
    created_at = (await c.execute(query)).scalar_one_or_none()
    return created_at is not None and now < people_rules.ends_at(created_at)


async def session_seen(c: AsyncConnection, session: bytes, now: datetime) -> None:
    """A seat counts as activity of its login session."""
    await c.execute(update(sessions).where(sessions.c.id == session).values(seen_at=now))


async def change_seat(c: AsyncConnection, seat_id: bytes, *, was: tuple[str, ...], becomes: str) -> bool:
    """Admit or remove, if the seat is still as expected."""
    change = update(seats).where(seats.c.seat_id == seat_id, seats.c.state.in_(was)).values(state=becomes)
    return (await c.execute(change)).rowcount == 1


async def send_back(c: AsyncConnection, seat_id: bytes) -> bool:
    """Somebody who was let in must be let in again, and speaks apart from nobody then."""
    change = update(seats).where(
        seats.c.seat_id == seat_id, seats.c.state == "admitted", seats.c.host.is_(False)
    )
    return (await c.execute(change.values(state="outside", apart=0))).rowcount == 1


async def part(c: AsyncConnection, appointment_id: bytes, groups: Mapping[bytes, int]) -> int:
    """These seats speak in groups, all others in group 0; returns the new count of such changes."""
    count = update(rooms).where(rooms.c.appointment_id == appointment_id)
    counted = count.values(grouping=rooms.c.grouping + 1).returning(rooms.c.grouping)
    grouping = (await c.execute(counted)).scalar_one()  # first, so that two changes come one after the other
    group = case(groups, value=seats.c.seat_id, else_=0) if groups else 0
    await c.execute(update(seats).where(seats.c.appointment_id == appointment_id).values(apart=group))
    return int(grouping)


async def set_locked(c: AsyncConnection, appointment_id: bytes, *, locked: bool) -> None:
    """Lock or unlock the door."""
    await c.execute(update(rooms).where(rooms.c.appointment_id == appointment_id).values(locked=locked))


async def end_room(c: AsyncConnection, appointment_id: bytes, now: datetime) -> bool:
    """End the session once; False when it had ended already."""
    change = (
        update(rooms)
        .where(rooms.c.appointment_id == appointment_id, rooms.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    return (await c.execute(change)).rowcount == 1


async def note_presence(c: AsyncConnection, seat_id: bytes, *, present: bool, now: datetime) -> None:
    """Who really joined, and when they were last there: the outcome comes from this."""
    if present:
        first = update(seats).where(seats.c.seat_id == seat_id, seats.c.joined_at.is_(None))
        await c.execute(first.values(joined_at=now))
        await c.execute(update(seats).where(seats.c.seat_id == seat_id).values(left_at=None))
    else:
        await c.execute(update(seats).where(seats.c.seat_id == seat_id).values(left_at=now))


async def note_came(c: AsyncConnection, seat_id: bytes, now: datetime, opens_at: datetime) -> None:
    """Somebody stands at the open door for the first time. What was before it opened was of an earlier time, from
    which the appointment has been moved."""
    first = or_(seats.c.came_at.is_(None), seats.c.came_at < opens_at)
    values = {"came_at": now, "connected_at": None, "told": 0}
    await c.execute(update(seats).where(seats.c.seat_id == seat_id, first).values(**values))


async def note_connected(c: AsyncConnection, appointment_id: bytes, person_id: bytes, now: datetime) -> bool:
    """A page says that its connection to somebody stands: once for each seat that came."""
    change = update(seats).where(
        seats.c.appointment_id == appointment_id,
        seats.c.person_id == person_id,
        seats.c.came_at.is_not(None),
        seats.c.connected_at.is_(None),
    )
    return (await c.execute(change.values(connected_at=now))).rowcount == 1


async def presences_of(c: AsyncConnection, appointment_id: bytes) -> list[Presence]:
    """Who came, and who was connected."""
    query = select(seats.c.host, seats.c.came_at, seats.c.connected_at)
    rows = await c.execute(query.where(seats.c.appointment_id == appointment_id))
    return [Presence(row.host, row.came_at, row.connected_at) for row in rows]


async def guests_of(c: AsyncConnection, appointment_id: bytes) -> list[bytes]:
    """The clients whom an entry about this room concerns: who takes part, or came to the door before leaving it."""
    query = (
        select(seats.c.person_id)
        .outerjoin(appointment_clients, _takes_part())
        .where(seats.c.appointment_id == appointment_id, seats.c.host.is_(False))
        .where(or_(appointment_clients.c.person_id.is_not(None), seats.c.came_at.is_not(None)))
    )
    return list((await c.execute(query)).scalars())


async def expected_in(c: AsyncConnection, appointment_id: bytes) -> list[tuple[bytes, bytes]]:
    """(seat, person) of the clients who agreed to take part, at this time, and were not removed."""
    query = (
        select(seats.c.seat_id, seats.c.person_id)
        .join(appointment_clients, _takes_part())
        .where(seats.c.appointment_id == appointment_id, seats.c.host.is_(False), seats.c.state != "removed")
        .where(appointment_clients.c.asked_again_at.is_(None))
        .order_by(seats.c.seat_id)
    )
    return [(row.seat_id, row.person_id) for row in await c.execute(query)]


def _takes_part() -> ColumnElement[bool]:
    same = appointment_clients.c.appointment_id == seats.c.appointment_id
    return and_(same, appointment_clients.c.person_id == seats.c.person_id)

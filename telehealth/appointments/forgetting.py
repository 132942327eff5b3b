"""What is left of a person among appointments once they are erased, and of appointments once they are old."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments import rules, store
from telehealth.appointments.ahead import ahead_of
from telehealth.appointments.models import appointment_clients, appointments, proposals
from telehealth.availability.models import holds, occupancies
from telehealth.repeats import answers


@dataclass(frozen=True)
class Left:
    """The appointments ahead that a person takes no part in any more: cancelled, or going on with the others."""

    cancelled: tuple[bytes, ...]
    left: tuple[bytes, ...]


@dataclass(frozen=True)
class Old:
    """One person's part in an appointment that is long over."""

    appointment_id: bytes
    person_id: bytes
    record_id: bytes


async def hold_changes_back(c: AsyncConnection, person_id: bytes, now: datetime) -> None:
    """Wait for whoever joins, leaves or changes an appointment ahead of this person's right now; whoever wants to from
    here on waits for us. Before their keys are held back: who changes an appointment seals something for them then."""
    theirs = select(appointment_clients.c.appointment_id).where(appointment_clients.c.person_id == person_id)
    ahead = appointments.c.state.in_(("asked", "booked")), appointments.c.starts_at > now
    query = select(appointments.c.id).where(appointments.c.id.in_(theirs), *ahead)
    await c.execute(query.order_by(appointments.c.id).with_for_update())


async def leave(c: AsyncConnection, person_id: bytes, now: datetime, classes: Collection[str]) -> Left:
    """Free the times ahead: one that is this person's alone is cancelled, in one with others only their part ends.

    `classes` are those that are erased; while `booking` is not among them, their words for it stay where they are.
    """
    await answers.forget_answers_to(c, person_id)
    await store.forget(c, await _held_for(c, person_id))
    theirs = appointment_clients.c.person_id == person_id
    query = (
        select(appointments.c.id, appointments.c.state)
        .join(appointment_clients, appointment_clients.c.appointment_id == appointments.c.id)
        .where(theirs, appointments.c.state.in_(("asked", "booked")), appointments.c.starts_at > now)
        .order_by(appointments.c.starts_at, appointments.c.id)
    )
    cancelled, left = [], []
    for appointment_id, state in (await c.execute(query)).all():
        if await _is_shared(c, appointment_id, person_id):
            if await _end_part(c, appointment_id, person_id):
                left.append(appointment_id)
            if "booking" in classes:
                await _forget_words(c, appointment_id, person_id)
        elif await store.move(c, appointment_id, was=state, becomes=rules.moved(state, "cancel")):
            cancelled.append(appointment_id)
    return Left(tuple(cancelled), tuple(left))


async def _held_for(c: AsyncConnection, person_id: bytes) -> list[bytes]:
    """Times that are kept for them, and of a therapist's those that are kept for anybody."""
    of_them = or_(
        holds.c.person_id == person_id,
        appointments.c.therapist_id == person_id,
        appointments.c.co_therapist_id == person_id,
    )
    query = select(holds.c.appointment_id).join(appointments, appointments.c.id == holds.c.appointment_id)
    return list((await c.execute(query.where(of_them))).scalars())


async def _is_shared(c: AsyncConnection, appointment_id: bytes, person_id: bytes) -> bool:
    """Whether another client comes, or may: of one who left only kept words may be there."""
    return any(each != person_id for each in await taking_part(c, appointment_id))


async def taking_part(c: AsyncConnection, appointment_id: bytes) -> list[bytes]:
    """The clients whose time is taken, or who are asked whether it may be."""
    client = occupancies.c.party == appointment_clients.c.person_id
    same = occupancies.c.appointment_id == appointment_clients.c.appointment_id
    query = select(appointment_clients.c.person_id).outerjoin(occupancies, client & same)
    found = await c.execute(
        query.where(
            appointment_clients.c.appointment_id == appointment_id,
            or_(occupancies.c.party.is_not(None), appointment_clients.c.asked_again_at.is_not(None)),
        )
    )
    return sorted(found.scalars())


async def end_part(c: AsyncConnection, appointment_id: bytes, person_id: bytes) -> None:
    """Somebody takes part no more, and their time is free."""
    await _end_part(c, appointment_id, person_id)
    await _forget_words(c, appointment_id, person_id)


async def _end_part(c: AsyncConnection, appointment_id: bytes, person_id: bytes) -> bool:
    """Free their time, and ask them nothing any more; False when they took no part before."""
    took_part = person_id in await taking_part(c, appointment_id)
    theirs = occupancies.c.appointment_id == appointment_id, occupancies.c.party == person_id
    await c.execute(delete(occupancies).where(*theirs))
    a = appointment_clients.c
    asked = update(appointment_clients).where(a.appointment_id == appointment_id, a.person_id == person_id)
    await c.execute(asked.values(asked_again_at=None))
    return took_part


async def _forget_words(c: AsyncConnection, appointment_id: bytes, person_id: bytes) -> None:
    theirs = (
        appointment_clients.c.appointment_id == appointment_id,
        appointment_clients.c.person_id == person_id,
    )
    await c.execute(delete(appointment_clients).where(*theirs))


async def has_clients_ahead(c: AsyncConnection, therapist_id: bytes, now: datetime) -> bool:
    """Whether somebody has an appointment with this therapist that is not over, or has asked for one."""
    return any(not each.being_booked for each in await ahead_of(c, therapist_id, now))


async def over_before(
    c: AsyncConnection, before: datetime, limit: int, *, but_of: Collection[bytes]
) -> tuple[list[bytes], list[Old]]:
    """The oldest `limit` appointments that ended before this moment, and everybody's part in them; one in which
    somebody of `but_of` took part stays."""
    kept = select(appointment_clients.c.appointment_id).where(appointment_clients.c.person_id.in_(but_of))
    over = appointments.c.ends_at < before, appointments.c.state != "held", appointments.c.id.not_in(kept)
    oldest = select(appointments.c.id).where(*over).order_by(appointments.c.ends_at, appointments.c.id)
    ids = list((await c.execute(oldest.limit(limit))).scalars())
    query = select(appointment_clients).where(appointment_clients.c.appointment_id.in_(ids))
    return ids, [Old(row.appointment_id, row.person_id, row.record_id) for row in await c.execute(query)]


async def forget(c: AsyncConnection, appointment_ids: Collection[bytes]) -> None:
    """Remove appointments whole; their rooms must be gone already (`rooms/forgetting.py`)."""
    await answers.forget_answers_about(c, appointment_ids)
    for table in (proposals, holds, occupancies, appointment_clients):
        await c.execute(delete(table).where(table.c.appointment_id.in_(appointment_ids)))
    await c.execute(delete(appointments).where(appointments.c.id.in_(appointment_ids)))


async def forget_expired(c: AsyncConnection, now: datetime) -> int:
    """Holds that nobody came back for, and answers to requests that nobody repeats; returns how many."""
    long_ago = holds.c.held_until <= now - rules.EXPIRED_KEPT
    held = list((await c.execute(select(holds.c.appointment_id).where(long_ago))).scalars())
    await store.forget(c, held)
    return len(held) + await answers.forget_expired(c, now)


async def with_contact_since(c: AsyncConnection, since: datetime) -> set[bytes]:
    """Those who have or had an appointment that ends after this moment."""
    query = (
        select(appointment_clients.c.person_id)
        .join(appointments, appointments.c.id == appointment_clients.c.appointment_id)
        .where(appointments.c.ends_at >= since)
    )
    return set((await c.execute(query.distinct())).scalars())

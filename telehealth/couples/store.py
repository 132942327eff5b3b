"""Queries about invitations; a link is found by the hash of its secret and by nothing else."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments.models import appointments, case_members
from telehealth.couples.models import invitations
from telehealth.db.engine import lock_parties


@dataclass(frozen=True)
class Invitation:
    """A link that still leads somewhere. Times are aware UTC."""

    id: bytes
    case_id: bytes
    appointment_id: bytes
    invited_by: bytes
    created_at: datetime
    expires_at: datetime


def _open(now: datetime) -> Select[Any]:
    names = ("id", "case_id", "appointment_id", "invited_by", "created_at", "expires_at")
    return select(*(invitations.c[name] for name in names)).where(_unused(), invitations.c.expires_at > now)


def _unused() -> ColumnElement[bool]:
    return invitations.c.accepted_by.is_(None) & invitations.c.withdrawn_at.is_(None)


async def by_hash(c: AsyncConnection, hash_: bytes, now: datetime) -> Invitation | None:
    """What a link leads to."""
    row = (await c.execute(_open(now).where(invitations.c.hash == hash_))).one_or_none()
    return None if row is None else Invitation(**row._mapping)


async def of_appointment(c: AsyncConnection, appointment_id: bytes, now: datetime) -> Invitation | None:
    """The link of an appointment that still leads somewhere: at most one."""
    row = (await c.execute(_open(now).where(invitations.c.appointment_id == appointment_id))).one_or_none()
    return None if row is None else Invitation(**row._mapping)


async def add(c: AsyncConnection, made: Invitation, hash_: bytes) -> None:
    """Write an invitation."""
    await c.execute(
        insert(invitations).values(
            id=made.id,
            hash=hash_,
            case_id=made.case_id,
            appointment_id=made.appointment_id,
            invited_by=made.invited_by,
            created_at=made.created_at,
            expires_at=made.expires_at,
        )
    )


async def withdraw(c: AsyncConnection, appointment_id: bytes, now: datetime) -> bool:
    """Whatever link an appointment has leads nowhere from now on; False when there was none."""
    theirs = invitations.c.appointment_id == appointment_id, _unused()
    return (await c.execute(update(invitations).where(*theirs).values(withdrawn_at=now))).rowcount > 0


async def use(c: AsyncConnection, invitation_id: bytes, person_id: bytes, now: datetime) -> bool:
    """Accept it, unless somebody else was quicker or it was withdrawn."""
    still = invitations.c.id == invitation_id, _unused(), invitations.c.expires_at > now
    values = {"accepted_by": person_id, "accepted_at": now}
    return (await c.execute(update(invitations).where(*still).values(**values))).rowcount == 1


async def wait_for(c: AsyncConnection, appointment_id: bytes, person_id: bytes) -> None:
    """Wait for whoever changes this appointment or this person's time right now; to be called before a key is claimed.

    The therapists' locks are the ones that moving and cancelling take, too.
    """
    query = select(appointments.c.therapist_id, appointments.c.co_therapist_id)
    row = (await c.execute(query.where(appointments.c.id == appointment_id))).one_or_none()
    therapists = [] if row is None else [id_ for id_ in row if id_ is not None]
    await lock_parties(c, [person_id, *therapists])
    await c.execute(select(appointments.c.id).where(appointments.c.id == appointment_id).with_for_update())


async def case_of(c: AsyncConnection, appointment_id: bytes) -> bytes | None:
    """The case an appointment belongs to."""
    query = select(appointments.c.case_id).where(appointments.c.id == appointment_id)
    return (await c.execute(query)).scalar_one_or_none()


async def say_alone(c: AsyncConnection, appointment_id: bytes, since: datetime | None) -> None:
    """Whether who is left comes alone, because another declined or left."""
    query = update(appointments).where(appointments.c.id == appointment_id)
    await c.execute(query.values(alone_since=since))


async def leave_case(c: AsyncConnection, case_id: bytes, person_id: bytes, now: datetime) -> None:
    """Somebody shares a case no more, so nobody asks them in it again."""
    theirs = case_members.c.case_id == case_id, case_members.c.person_id == person_id
    await c.execute(update(case_members).where(*theirs).values(left_at=now))


async def withdraw_of(c: AsyncConnection, person_id: bytes, ids: Collection[bytes], now: datetime) -> None:
    """The open links this person made for these appointments lead nowhere from now on."""
    theirs = invitations.c.invited_by == person_id, invitations.c.appointment_id.in_(ids), _unused()
    await c.execute(update(invitations).where(*theirs).values(withdrawn_at=now))

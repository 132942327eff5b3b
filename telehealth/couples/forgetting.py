"""What is left of a person among couples once they are erased, and of couples once their appointments are old."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments.models import appointment_clients, appointments, case_members, cases
from telehealth.availability.models import occupancies
from telehealth.couples.models import invitations

DEAD_KEPT = timedelta(
    days=1
)  # a link that leads nowhere any more can still be seen for a day in a copy of one's data


async def leave_cases(c: AsyncConnection, person_id: bytes) -> int:
    """A person shares no case any more and their links are gone; what the others share stays theirs. Returns how many
    cases that were."""
    theirs = or_(invitations.c.invited_by == person_id, invitations.c.accepted_by == person_id)
    await c.execute(delete(invitations).where(theirs))
    return (await c.execute(delete(case_members).where(case_members.c.person_id == person_id))).rowcount


async def say_who_comes_alone(c: AsyncConnection, appointment_ids: Collection[bytes], now: datetime) -> None:
    """Whoever is left in these appointments, and is the only one, comes alone from now on."""
    client = appointment_clients.c.person_id == occupancies.c.party
    same = appointment_clients.c.appointment_id == occupancies.c.appointment_id
    left = (
        select(func.count())
        .select_from(occupancies)
        .join(appointment_clients, client & same)
        .where(occupancies.c.appointment_id == appointments.c.id)
        .scalar_subquery()
    )
    query = update(appointments).where(appointments.c.id.in_(appointment_ids), left == 1)
    await c.execute(query.values(alone_since=now))


async def forget_invitations(c: AsyncConnection, appointment_ids: Collection[bytes]) -> None:
    """Every link of these appointments: before the appointments themselves."""
    await c.execute(delete(invitations).where(invitations.c.appointment_id.in_(appointment_ids)))


async def forget_dead_links(c: AsyncConnection, now: datetime) -> int:
    """Links that nobody used and nobody can use; returns how many."""
    unused = invitations.c.accepted_by.is_(None)
    long_ago = now - DEAD_KEPT
    dead = or_(invitations.c.expires_at <= long_ago, invitations.c.withdrawn_at <= long_ago)
    return (await c.execute(delete(invitations).where(unused, dead))).rowcount


async def forget_empty_cases(c: AsyncConnection, before: datetime, *, but_of: Collection[bytes]) -> int:
    """Cases begun before this moment that no appointment belongs to any more; one that somebody of `but_of` shares
    stays. Returns how many."""
    used = select(appointments.c.case_id).where(appointments.c.case_id.is_not(None))
    kept = select(case_members.c.case_id).where(case_members.c.person_id.in_(but_of))
    old = cases.c.created_at < before, cases.c.id.not_in(used), cases.c.id.not_in(kept)
    ids = list((await c.execute(select(cases.c.id).where(*old))).scalars())
    await c.execute(delete(invitations).where(invitations.c.case_id.in_(ids)))
    await c.execute(delete(case_members).where(case_members.c.case_id.in_(ids)))
    await c.execute(delete(cases).where(cases.c.id.in_(ids)))
    return len(ids)

"""What is left of a person among couples once they are erased, and of couples once their appointments are old."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments.forgetting import taking_part
from telehealth.appointments.models import appointments, case_members, cases
from telehealth.audit.office import Work
from telehealth.couples.leaving import tell_who_is_left
from telehealth.couples.models import invitations
from telehealth.couples.store import say_alone

DEAD_KEPT = timedelta(
    days=1
)  # a link that leads nowhere any more can still be seen for a day in a copy of one's data


async def leave_cases(c: AsyncConnection, person_id: bytes) -> int:
    """A person shares no case any more and their links are gone; what the others share stays theirs. Returns how many
    cases that were."""
    theirs = or_(invitations.c.invited_by == person_id, invitations.c.accepted_by == person_id)
    await c.execute(delete(invitations).where(theirs))
    return (await c.execute(delete(case_members).where(case_members.c.person_id == person_id))).rowcount


async def say_who_comes_alone(work: Work, appointment_ids: Collection[bytes]) -> None:
    """Somebody is gone from these appointments: whoever is left is told, and so are the therapists, not why."""
    query = select(appointments).where(appointments.c.id.in_(appointment_ids))
    for row in (await work.connection.execute(query.order_by(appointments.c.starts_at))).all():
        left = await taking_part(work.connection, row.id)
        if len(left) == 1:
            await say_alone(work.connection, row.id, work.now)
        therapists = [id_ for id_ in (row.therapist_id, row.co_therapist_id) if id_ is not None]
        await tell_who_is_left(work, row.id, row.starts_at, left, therapists)


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

"""A person's wishes, once they are erased, and wishes that are over."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments import store as appointments
from telehealth.keys.erasing import destroy_records
from telehealth.waiting import store
from telehealth.waiting.models import offers, waiting

KEPT = timedelta(days=30)  # after its end, so that what was offered can be asked about


async def wait_no_more(c: AsyncConnection, person_id: bytes, now: datetime) -> None:
    """Whatever this person waits for is over, also where a legal hold keeps it; times kept for them are open again."""
    theirs = select(waiting.c.id).where(waiting.c.person_id == person_id)
    unanswered = offers.c.waiting_id.in_(theirs), offers.c.answer.is_(None)
    kept = list((await c.execute(select(offers.c.appointment_id).where(*unanswered))).scalars())
    await c.execute(update(offers).where(*unanswered).values(answer="declined"))
    await appointments.forget(c, kept)
    ending = update(waiting).where(waiting.c.person_id == person_id, waiting.c.ended_at.is_(None))
    await c.execute(ending.values(ended_at=now))


async def forget_wishes(c: AsyncConnection, person_id: bytes) -> int:
    """Whatever this person waited for; how many wishes there were."""
    ids = list((await c.execute(select(waiting.c.id).where(waiting.c.person_id == person_id))).scalars())
    await store.forget(c, ids)
    return len(ids)


async def whose_ended(c: AsyncConnection, now: datetime) -> Sequence[bytes]:
    """Whose wishes ended a while ago."""
    return (await c.execute(select(waiting.c.person_id).where(_over(now)).distinct())).scalars().all()


async def forget_ended(c: AsyncConnection, now: datetime, *, but_of: Collection[bytes]) -> int:
    """Wishes that ended a while ago, with their keys; those of `but_of` stay."""
    over = select(waiting.c.id).where(_over(now), waiting.c.person_id.not_in(but_of))
    ids = list((await c.execute(over)).scalars())
    await destroy_records(c, ids)
    await store.forget(c, ids)
    return len(ids)


def _over(now: datetime) -> ColumnElement[bool]:
    return waiting.c.ended_at <= now - KEPT

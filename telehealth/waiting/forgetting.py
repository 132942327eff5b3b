"""A person's wishes, once they are erased, and wishes that are over."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments import store as appointments
from telehealth.keys.erasing import destroy_records
from telehealth.waiting import store
from telehealth.waiting.models import offers, waiting

KEPT = timedelta(days=30)  # after its end, so that what was offered can be asked about
A_NIGHT = 1000  # people


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


async def whose_ended(c: AsyncConnection, now: datetime, *, but_of: Collection[bytes]) -> list[bytes]:
    """Whose wishes ended a while ago, as many as go in one night; those of `but_of` stay."""
    over = select(waiting.c.person_id).where(_over(now), waiting.c.person_id.not_in(but_of)).distinct()
    return list((await c.execute(over.order_by(waiting.c.person_id).limit(A_NIGHT))).scalars())


async def forget_ended(c: AsyncConnection, now: datetime, person_ids: Collection[bytes]) -> int:
    """Wishes of theirs that ended a while ago, with their keys."""
    over = select(waiting.c.id).where(_over(now), waiting.c.person_id.in_(person_ids))
    ids = list((await c.execute(over)).scalars())
    await destroy_records(c, ids)
    await store.forget(c, ids)
    return len(ids)


def _over(now: datetime) -> ColumnElement[bool]:
    return waiting.c.ended_at <= now - KEPT

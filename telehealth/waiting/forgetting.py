"""A person's wishes, once they are erased, and wishes that are over."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments import store as appointments
from telehealth.keys.erasing import destroy_records
from telehealth.waiting import store
from telehealth.waiting.models import offers, waiting

KEPT = timedelta(days=30)  # after its end, so that what was offered can be asked about


async def forget_wishes(c: AsyncConnection, person_id: bytes) -> int:
    """Whatever this person waits for; times kept for them are open again. How many wishes there were."""
    ids = list((await c.execute(select(waiting.c.id).where(waiting.c.person_id == person_id))).scalars())
    kept = select(offers.c.appointment_id).where(offers.c.waiting_id.in_(ids), offers.c.answer.is_(None))
    await appointments.forget(c, list((await c.execute(kept)).scalars()))
    await store.forget(c, ids)
    return len(ids)


async def forget_ended(c: AsyncConnection, now: datetime) -> int:
    """Wishes that ended a while ago, with their keys."""
    over = select(waiting.c.id).where(waiting.c.ended_at <= now - KEPT)
    ids = list((await c.execute(over)).scalars())
    await destroy_records(c, ids)
    await store.forget(c, ids)
    return len(ids)

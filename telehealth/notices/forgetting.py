"""A person's messages, once they are erased or old."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.notices import entries, outbox
from telehealth.notices.models import notices, preferences


async def forget_notices(c: AsyncConnection, person_id: bytes) -> int:
    """Every message to this person, sent or not; returns how many there were."""
    theirs = select(notices.c.id).where(notices.c.person_id == person_id)
    await outbox.forget(c, list((await c.execute(theirs)).scalars()))
    return (await c.execute(delete(notices).where(notices.c.person_id == person_id))).rowcount


async def written_to_since(c: AsyncConnection, person_id: bytes, since: datetime) -> bool:
    """Whether this person has a message from that moment or later."""
    query = select(notices.c.id).where(notices.c.person_id == person_id, notices.c.created_at >= since)
    return (await c.execute(query.limit(1))).first() is not None


async def older_than(
    c: AsyncConnection, before: datetime, limit: int, *, but_of: Collection[bytes]
) -> list[tuple[bytes, bytes]]:
    """(message, person) of the oldest messages from before this moment, but for those to `but_of`."""
    old = notices.c.created_at < before, notices.c.person_id.not_in(but_of)
    query = select(notices.c.id, notices.c.person_id).where(*old)
    rows = await c.execute(query.order_by(notices.c.created_at, notices.c.id).limit(limit))
    return [(row.id, row.person_id) for row in rows]


async def forget(c: AsyncConnection, notice_ids: Collection[bytes]) -> None:
    """These messages."""
    await outbox.forget(c, notice_ids)
    await c.execute(delete(notices).where(notices.c.id.in_(notice_ids)))


async def forget_choices(c: AsyncConnection, person_id: bytes) -> None:
    """How this person wished to be told."""
    await c.execute(delete(preferences).where(preferences.c.person_id == person_id))


async def forget_calendar(c: AsyncConnection, person_id: bytes) -> None:
    """What this person's calendar was told, and what they were reminded of."""
    await entries.forget_of(c, person_id)


async def forget_appointments(c: AsyncConnection, appointment_ids: Collection[bytes]) -> None:
    """Whatever calendars and reminders said of these appointments."""
    await entries.forget_about(c, appointment_ids)

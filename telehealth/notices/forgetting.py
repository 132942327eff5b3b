"""A person's messages, once they are erased or old."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.notices.models import notices


async def forget_notices(c: AsyncConnection, person_id: bytes) -> int:
    """Every message to this person; returns how many there were."""
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
    await c.execute(delete(notices).where(notices.c.id.in_(notice_ids)))

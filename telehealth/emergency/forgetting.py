"""What was written about a person in an emergency, once they are erased."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.emergency.models import emergency_grants as grants


async def close_access(c: AsyncConnection, person_id: bytes, now: datetime) -> int:
    """Nothing of this person stands open any more; returns how many grants that ended."""
    standing = grants.c.subject_id == person_id, grants.c.ended_at.is_(None), grants.c.ends_at > now
    return (await c.execute(update(grants).where(*standing).values(ended_at=now))).rowcount


async def forget_words(c: AsyncConnection, person_id: bytes) -> int:
    """Why somebody asked, in requests about this person, and what this person typed in requests of their own that
    came to nothing; returns how many."""
    own = grants.c.subject_id.is_(None) & (grants.c.asked_by == person_id)
    worded = or_(grants.c.name.is_not(None), grants.c.reason.is_not(None))
    query = select(grants.c.id).where(worded, or_(grants.c.subject_id == person_id, own))
    ids = list((await c.execute(query)).scalars())
    if ids:
        await c.execute(update(grants).where(grants.c.id.in_(ids)).values(name=None, reason=None))
    return len(ids)

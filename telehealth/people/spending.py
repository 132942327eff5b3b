"""What works once only: a second use finds it spent, on whichever replica it arrives."""

import hashlib
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.framing import length_prefixed
from telehealth.people.models import spent_tokens


async def spend(
    c: AsyncConnection, kind: str, issuer: str, value: str, *, expires_at: datetime, now: datetime
) -> bool:
    """Whether this is its first use; remembered until `expires_at`, when it would be refused for its age anyway."""
    await c.execute(delete(spent_tokens).where(spent_tokens.c.expires_at <= now))
    hashed = hashlib.sha256(length_prefixed(kind.encode(), issuer.encode(), value.encode())).digest()
    try:
        async with c.begin_nested():
            await c.execute(insert(spent_tokens).values(hash=hashed, expires_at=expires_at))
    except IntegrityError:
        return False
    return True

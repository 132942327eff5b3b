"""A person's passkeys, challenges and codes, once they are erased."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.passkeys.models import passkey_challenges, passkey_codes, passkeys


async def forget_attempts(c: AsyncConnection, person_id: bytes) -> None:
    """Nothing that was begun can be finished any more."""
    for table in (passkey_challenges, passkey_codes):
        await c.execute(delete(table).where(table.c.person_id == person_id))


async def forget_passkeys(c: AsyncConnection, person_id: bytes) -> int:
    """The passkeys themselves; returns how many there were."""
    return (await c.execute(delete(passkeys).where(passkeys.c.person_id == person_id))).rowcount


async def forget_expired(c: AsyncConnection, now: datetime) -> int:
    """Challenges and codes that can be used no more."""
    count = 0
    for table in (passkey_challenges, passkey_codes):
        count += (await c.execute(delete(table).where(table.c.expires_at <= now))).rowcount
    return count

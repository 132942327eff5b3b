"""A therapist's public profile, once they are erased: their appointments stay, with nobody's name beside them."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.clinic.models import service_therapists, therapists

FORMER = "A former therapist"
LAST = 10_000  # behind everybody who is here


async def forget_therapist(c: AsyncConnection, person_id: bytes, now: datetime) -> int:
    """Empty the profile, take it out of every service, retire it; returns how many profiles that were, one or none."""
    await c.execute(delete(service_therapists).where(service_therapists.c.therapist_id == person_id))
    words = dict.fromkeys(("title", "pronouns", "specialties", "languages", "about"), "")
    values = {"name": FORMER, "slug": person_id.hex(), "position": LAST, "retired_at": now, **words}
    return (
        await c.execute(update(therapists).where(therapists.c.person_id == person_id).values(**values))
    ).rowcount

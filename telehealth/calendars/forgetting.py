"""A therapist's other calendars, once they are erased."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.availability.models import busy_calendars, busy_times, feeds


async def forget_calendars(c: AsyncConnection, therapist_id: bytes) -> None:
    """What was read, where, and their own address."""
    mine = select(busy_calendars.c.id).where(busy_calendars.c.therapist_id == therapist_id)
    await c.execute(delete(busy_times).where(busy_times.c.calendar_id.in_(mine)))
    await c.execute(delete(busy_calendars).where(busy_calendars.c.therapist_id == therapist_id))
    await c.execute(delete(feeds).where(feeds.c.therapist_id == therapist_id))

"""A therapist's hours, once they are erased."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.availability.models import exceptions, hours


async def forget_hours(c: AsyncConnection, therapist_id: bytes) -> None:
    """When they worked, and when they did not."""
    for table in (hours, exceptions):
        await c.execute(delete(table).where(table.c.therapist_id == therapist_id))

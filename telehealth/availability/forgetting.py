"""A therapist's hours, once they are erased."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.availability.models import exceptions, hours, workloads


async def forget_hours(c: AsyncConnection, therapist_id: bytes) -> None:
    """When they worked, when they did not, and how much at most."""
    for table in (hours, exceptions, workloads):
        await c.execute(delete(table).where(table.c.therapist_id == therapist_id))

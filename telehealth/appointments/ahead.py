"""What a therapist still has before them: while there is anything, they cannot stop working here."""

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments.models import appointments
from telehealth.availability.models import holds
from telehealth.clinic.elsewhere import Ahead


async def ahead_of(c: AsyncConnection, therapist_id: bytes, now: datetime) -> list[Ahead]:
    """Appointments with this therapist, alone or beside another, that are booked or asked for and not over, and times
    of theirs that somebody is choosing just now; in order of time."""
    theirs = or_(appointments.c.therapist_id == therapist_id, appointments.c.co_therapist_id == therapist_id)
    arranged = and_(appointments.c.state.in_(("booked", "asked")), appointments.c.ends_at > now)
    being_booked = and_(appointments.c.state == "held", holds.c.held_until > now)
    query = (
        select(appointments.c.starts_at, appointments.c.service_id, appointments.c.state)
        .outerjoin_from(appointments, holds, holds.c.appointment_id == appointments.c.id)
        .where(theirs, or_(arranged, being_booked))
        .order_by(appointments.c.starts_at, appointments.c.id)
    )
    return [Ahead(row.starts_at, row.service_id, row.state == "held") for row in await c.execute(query)]

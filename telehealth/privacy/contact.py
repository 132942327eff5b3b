"""Who has been here lately: by their appointments, and by what stands on record, which outlives them."""

from datetime import datetime

from sqlalchemy import or_, select

from telehealth.appointments.forgetting import with_contact_since
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Work
from telehealth.people.models import people


async def out_of_touch_since(work: Work, since: datetime) -> list[bytes]:
    """Clients known for longer who did nothing since then, and whom no appointment or session concerned."""
    known = select(people.c.id).where(people.c.role == "client", people.c.created_at < since)
    clients = (
        (await work.connection.execute(known.order_by(people.c.created_at, people.c.id))).scalars().all()
    )
    booked = await with_contact_since(work.connection, since)
    seen = await _seen_since(work, since)
    return [id_ for id_ in clients if id_ not in booked and work.pseudonym(id_) not in seen]


async def _seen_since(work: Work, since: datetime) -> set[bytes]:
    """The pseudonyms of those who did something, and of those whose appointment or session somebody touched."""
    column = audit_leaves.c
    lately = column.ts >= since, column.outcome == "success"
    did = select(column.agent).where(*lately, column.agent.is_not(None)).distinct()
    about = or_(column.type.startswith("appointment."), column.type.startswith("room."))
    met = select(column.patient).where(*lately, column.patient.is_not(None), about).distinct()
    found = set((await work.connection.execute(did)).scalars())
    return found | set((await work.connection.execute(met)).scalars())

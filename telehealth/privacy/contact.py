"""Who has been here lately: by their appointments, and by what stands on record, which outlives them.

`only` asks about one person instead of everybody.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from telehealth.appointments.forgetting import with_contact_since
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Work
from telehealth.people.models import people

NO_APPOINTMENT_YET = ("appointment.hold", "appointment.extend", "appointment.release")


async def out_of_touch_since(work: Work, since: datetime, *, only: bytes | None = None) -> list[bytes]:
    """Clients known for longer who did nothing since then, and whom no appointment or session concerned."""
    clients = await _known_before(work, since, only)
    booked = await with_contact_since(work.connection, since)
    seen = await _active_since(work, since, only) | await _met_since(work, since, only)
    return [id_ for id_ in clients if id_ not in booked and work.pseudonym(id_) not in seen]


async def without_appointment_since(
    work: Work, since: datetime, booking_days: int, *, only: bytes | None = None
) -> list[bytes]:
    """Clients known for longer whose last appointment was before that moment, or who had none.

    Appointments are removed `booking_days` after their end, which is on record; 0 where they never are.
    """
    clients = await _known_before(work, since, only)
    booked = await with_contact_since(work.connection, since)
    cleared = await _cleared_since(work, since + timedelta(days=booking_days), only)
    seen = cleared | await _met_since(work, since, only)
    return [id_ for id_ in clients if id_ not in booked and work.pseudonym(id_) not in seen]


async def _known_before(work: Work, since: datetime, only: bytes | None) -> list[bytes]:
    known = select(people.c.id).where(people.c.role == "client", people.c.created_at < since)
    if only is not None:
        known = known.where(people.c.id == only)
    ordered = known.order_by(people.c.created_at, people.c.id)
    return list((await work.connection.execute(ordered)).scalars())


async def _active_since(work: Work, since: datetime, only: bytes | None) -> set[bytes]:
    """The pseudonyms of those who did something."""
    column = audit_leaves.c
    did = select(column.agent).where(column.ts >= since, column.outcome == "success")
    return await _pseudonyms(work, did, column.agent, only)


async def _met_since(work: Work, since: datetime, only: bytes | None) -> set[bytes]:
    """Those whose appointment or session somebody touched; a time that was only kept is none."""
    column = audit_leaves.c
    about = or_(column.type.startswith("appointment."), column.type.startswith("room."))
    met = select(column.patient).where(column.ts >= since, column.outcome == "success", about)
    return await _pseudonyms(work, met.where(column.type.not_in(NO_APPOINTMENT_YET)), column.patient, only)


async def _cleared_since(work: Work, since: datetime, only: bytes | None) -> set[bytes]:
    """Those of whom an old appointment was removed."""
    column = audit_leaves.c
    cleared = select(column.patient).where(column.ts >= since, column.type == "retention.booking")
    return await _pseudonyms(work, cleared, column.patient, only)


async def _pseudonyms(
    work: Work, query: Select[Any], who: ColumnElement[Any], only: bytes | None
) -> set[bytes]:
    theirs = who.is_not(None) if only is None else who == work.pseudonym(only)
    return set((await work.connection.execute(query.where(theirs).distinct())).scalars())

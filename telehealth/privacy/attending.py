"""A person's own part in their appointments, as it stands in the archive."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from telehealth.appointments import store as appointment_store
from telehealth.appointments.reading import Appointment, opened
from telehealth.audit.office import Work
from telehealth.person import Person
from telehealth.privacy.stamps import maybe, stamp
from telehealth.rooms.models import seats
from telehealth.rooms.whereabouts import said_by


async def appointments_of(work: Work, person: Person) -> list[Appointment]:
    """Those in which this person takes part as a client: a therapist's are about other people."""
    as_client = Person(person.id, "client", person.session)
    rows = await appointment_store.appointments_of(as_client, work.connection)
    return await opened(work, as_client, rows)


async def own_parts(work: Work, person: Person, found: Sequence[Appointment]) -> list[dict[str, Any]]:
    """What was said, seen and done in them. Where somebody was stands there only while a session goes on."""
    query = select(seats).where(seats.c.person_id == person.id)
    sat = {row.appointment_id: row for row in await work.connection.execute(query)}
    said = await said_by(work.connection, work.ring, person.id)
    return [
        {
            "id": each.id.hex(),
            "service": each.service.name,
            "with": " and ".join(therapist.name for therapist in each.therapists),
            "state": each.state,
            "outcome": each.outcome,
            "cancelled_late": each.cancelled_late,
            "starts_at": stamp(each.starts_at),
            "ends_at": stamp(each.ends_at),
            "what_you_wrote": each.reason,
            "where_you_are": said[each.id].place if each.id in said else None,
            "whom_to_call": said[each.id].contact if each.id in said else None,
            "you_are_asked_about_its_time": each.asks_me,
            "you_came": maybe(sat[each.id].came_at) if each.id in sat else None,
            "you_were_connected": maybe(sat[each.id].connected_at) if each.id in sat else None,
            "you_said_how_sound_and_picture_were": each.id in sat and sat[each.id].told > 0,
            "you_joined": maybe(sat[each.id].joined_at) if each.id in sat else None,
            "you_left": maybe(sat[each.id].left_at) if each.id in sat else None,
        }
        for each in found
    ]

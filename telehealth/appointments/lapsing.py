"""Requests that nobody answered: they lapse, and their time is free again."""

from datetime import timedelta

from sqlalchemy import select

from telehealth.appointments import changes, rules, store
from telehealth.appointments.models import appointments
from telehealth.appointments.reading import Appointment, opened
from telehealth.appointments.telling import tell
from telehealth.audit.office import Office, Work
from telehealth.clinic.models import services
from telehealth.db.engine import lock_parties
from telehealth.person import Person

AT_MOST = 50  # of one turn
NEAREST = timedelta(days=1)  # no request lapses earlier than that before its start


async def turn(office: Office) -> int:
    """Let the requests lapse whose answer is overdue (`rules.answer_by`); says how many."""
    now = office.clock()
    async with office.database.reading() as c:
        query = (
            select(
                appointments.c.id,
                appointments.c.therapist_id,
                appointments.c.starts_at,
                appointments.c.asked_at,
                services.c.notice_minutes,
            )
            .join(services, services.c.id == appointments.c.service_id)
            .where(appointments.c.state == "asked", appointments.c.starts_at <= now + NEAREST)
            .order_by(appointments.c.starts_at)
        )
        overdue = [
            (row.id, row.therapist_id)
            for row in await c.execute(query)
            if rules.answer_by(row.starts_at, row.asked_at or row.starts_at, row.notice_minutes) <= now
        ]
    done = 0
    for appointment_id, therapist_id in overdue[:AT_MOST]:
        done += await _lapse(office, appointment_id, Person(therapist_id, "therapist"))
    return done


async def _lapse(office: Office, appointment_id: bytes, therapist: Person) -> int:
    """1, or 0 when somebody answered or another worker was quicker."""

    async def act(work: Work) -> int:
        found = await _found(work, therapist, appointment_id)
        if found is None:
            return 0
        await lock_parties(work.connection, changes.parties_of(found))
        found = await _found(work, therapist, appointment_id)  # perhaps it has another time meanwhile
        if found is None or found.answer_by is None or found.answer_by > work.now:
            return 0
        becomes = rules.moved("asked", "lapse")
        if not await store.move(work.connection, found.id, was="asked", becomes=becomes):
            return 0
        await work.audit(
            "appointment.lapse", "U", entity="appointment", entity_id=found.id, subjects=found.client_ids
        )
        await tell(work, found, "appointment_lapsed")
        return 1

    return await office.act(None, act)


async def _found(work: Work, therapist: Person, appointment_id: bytes) -> Appointment | None:
    row = await store.appointment_of(therapist, work.connection, appointment_id)
    return None if row is None else (await opened(work, therapist, [row]))[0]

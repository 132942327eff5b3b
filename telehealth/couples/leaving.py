"""End one's own part in an appointment; who is left comes alone, and when nobody is left it is cancelled."""

from collections.abc import Sequence
from datetime import datetime

from telehealth.appointments import store as appointments
from telehealth.appointments.acts import cancel
from telehealth.appointments.forgetting import end_part
from telehealth.appointments.reading import NOT_FOUND
from telehealth.appointments.rules import NOT_BOOKED
from telehealth.appointments.store import Row
from telehealth.audit.office import Office, Work
from telehealth.clinic import store as clinic
from telehealth.couples import rules, store
from telehealth.errors import Conflict, NotFound
from telehealth.keys.erasing import destroy_records
from telehealth.notices.acts import announce
from telehealth.person import Person
from telehealth.repeats import answers


async def leave(office: Office, person: Person, appointment_id: bytes, key: str) -> bool:
    """Leave for one's own part: True. Where nobody else takes part it is cancelled, by its rules and with its refusals:
    False. NotFound for everybody who takes no part; Conflict "not_booked" once it has begun or is cancelled."""
    claimed = answers.key_from(key)

    async def act(work: Work) -> bool:
        await store.wait_for(work.connection, appointment_id, person.id)
        row = await _own(work, person, appointment_id)
        if row is not None and row.client_ids == (person.id,):
            return False
        if await answers.claim(work, person, claimed, ["leave", appointment_id.hex()]) is None:
            await _leave(work, person, row, appointment_id)
            await answers.keep(work, person, claimed, appointment_id)
        return True

    if await office.act(person, act):
        return True
    await cancel(office, person, appointment_id, key)
    return False


async def _own(work: Work, person: Person, appointment_id: bytes) -> Row | None:
    """The appointment for more than one in which this client takes part."""
    if person.role != "client":
        return None
    row = await appointments.appointment_of(person, work.connection, appointment_id)
    service = None if row is None else await clinic.service(work.connection, row.service_id)
    return row if service is not None and service.seats > 1 else None


async def _leave(work: Work, person: Person, row: Row | None, appointment_id: bytes) -> None:
    about = ("appointment", appointment_id)
    if row is None:
        raise NotFound("appointment_not_found", NOT_FOUND, about=about)
    if not rules.may_leave(row.state, starts_at=row.starts_at, now=work.now):
        raise Conflict("not_booked", NOT_BOOKED, about=about)
    others = [id_ for id_ in row.client_ids if id_ != person.id]
    own = [words.record_id for words in row.clients if words.person_id == person.id]
    await end_part(work.connection, row.id, person.id)
    await destroy_records(work.connection, own)
    await store.withdraw_of(work.connection, person.id, [row.id], work.now)
    if len(others) == 1:
        await store.say_alone(work.connection, row.id, work.now)
    await work.audit(
        "appointment.leave", "U", entity="appointment", entity_id=row.id, subjects=[person.id, *others]
    )
    await tell_who_is_left(work, row.id, row.starts_at, others, row.therapist_ids)
    await announce(work, person.id, "partner_out", _body(row.id, row.starts_at), appointment_id=row.id)


async def tell_who_is_left(
    work: Work, appointment_id: bytes, start: datetime, clients: Sequence[bytes], therapists: Sequence[bytes]
) -> None:
    """Somebody does not come any more: these clients do, and these therapists see them. Nobody is told why."""
    body = _body(appointment_id, start)
    for client in clients:
        await announce(work, client, "partner_left", body)
    for therapist_id in therapists:
        await announce(work, therapist_id, "partner_left_one", body)


def _body(appointment_id: bytes, start: datetime) -> dict[str, str]:
    return {"id": appointment_id.hex(), "start": start.isoformat()}

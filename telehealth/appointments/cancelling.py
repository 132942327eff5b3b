"""Cancel an appointment, or take a request back."""

from telehealth.appointments import changes, rules, store
from telehealth.appointments.reading import Appointment, found_by
from telehealth.appointments.telling import tell
from telehealth.audit.office import Office, Work
from telehealth.errors import Conflict
from telehealth.person import Person
from telehealth.repeats import answers

NOT_ALONE = "You come together, so nobody cancels for both. You can leave the appointment for your own part."
TOO_LATE = "This appointment has begun, so it cannot be cancelled any more. Please write to the practice."


async def cancel(
    office: Office, person: Person, appointment_id: bytes, key: str, message: str = ""
) -> Appointment:
    """Cancel an appointment until it begins; a client's is late after the service's window (`cancelled_late`).

    `message` is what staff write to the clients; a client needs no words. NotFound for strangers, Conflict "not_booked"
    or "too_late_to_cancel", Invalid "message_too_long"; the same `key` gives the same answer again.
    """
    claimed, words = answers.key_from(key), rules.message_from(message)

    async def act(work: Work) -> Appointment:
        await changes.lock(work, person, appointment_id)
        request = ["cancel", appointment_id.hex(), words]
        if await answers.claim(work, person, claimed, request, appointment_id) is None:
            await _cancel(work, person, await found_by(work, person, appointment_id), words)
        return await found_by(work, person, appointment_id)

    return await office.act(person, act)


async def _cancel(work: Work, person: Person, found: Appointment, message: str) -> None:
    about = ("appointment", found.id)
    cancelled = changes.after(found, "cancel")
    if person.role == "client" and len(found.client_ids) > 1:
        raise Conflict("not_yours_alone", NOT_ALONE, about=about)
    if not found.may_cancel:
        raise Conflict("too_late_to_cancel", TOO_LATE, about=about)
    moved = await store.move(
        work.connection,
        found.id,
        was=found.state,
        becomes=cancelled,
        sequence=found.sequence + 1,
        cancelled_late=found.is_late,
        clash_at=None,
    )
    if not moved:
        raise Conflict("not_booked", rules.NOT_BOOKED, about=about)
    await changes.forget_proposals(work.connection, found.id)
    await work.audit(
        "appointment.cancel", "U", entity="appointment", entity_id=found.id, subjects=found.client_ids
    )
    more = {"was": found.state} | ({"late": "yes"} if found.is_late else {})
    words = message if person.role != "client" else ""
    await tell(work, found, "appointment_cancelled", more, message=words)

"""Answer a request that a therapist confirms first, and take a time that was proposed instead."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from telehealth.appointments import changes, rules, store
from telehealth.appointments.moving import check_new_time, give_time, wish_of
from telehealth.appointments.reading import Appointment, found_by
from telehealth.appointments.telling import tell
from telehealth.appointments.wanted import Taken, check_still_offered, check_therapists_open, naming_others
from telehealth.audit.office import Office, Work
from telehealth.availability.acts import zone_named
from telehealth.errors import Conflict, Forbidden, Invalid
from telehealth.person import Person
from telehealth.repeats import answers

NOT_YOURS = "Only the therapist who was asked answers this."
TOO_LATE = "The time of this request has come, so it cannot be answered any more."
NOT_IN_HOURS = "This time is not open in your hours any more. You can confirm it anyway, or propose others."
NOT_OPEN = "One of the times you propose is not open. Please choose again."
TOO_MANY = f"Please propose {rules.MAX_PROPOSALS} times at most, each of them once."
NONE_CHOSEN = "Please choose the times to propose."
TOO_LATE_TO_PROPOSE = "This appointment cannot be moved any more, so there is nothing to propose."
NOT_PROPOSED = "This time is not proposed any more. Please choose another one."


async def confirm(
    office: Office, person: Person, appointment_id: bytes, *, key: str, anyway: bool = False
) -> Appointment:
    """Say yes to a request: it is booked, once all is checked again in the same transaction.

    Conflict "not_asked", "too_late_to_answer", "not_in_hours" (unless `anyway`), Taken "time_taken"; Forbidden for
    anybody but its therapist who sees it, NotFound for all others.
    """
    claimed = answers.key_from(key)

    async def act(work: Work) -> Appointment:
        await changes.lock(work, person, appointment_id)
        request = ["confirm", appointment_id.hex(), str(anyway)]
        if await answers.claim(work, person, claimed, request, appointment_id) is None:
            found = await _to_answer(work, person, appointment_id, "confirm")
            if not anyway:
                await _check_hours(work, person, found)
            await _answer(work, found, rules.moved(found.state, "confirm"))
            await work.audit(
                "appointment.confirm",
                "U",
                entity="appointment",
                entity_id=found.id,
                subjects=found.client_ids,
            )
            await tell(work, found, "appointment_confirmed")
        return await found_by(work, person, appointment_id)

    return await naming_others(office, person, act)


async def decline(
    office: Office,
    person: Person,
    appointment_id: bytes,
    *,
    key: str,
    message: str = "",
    proposals: Sequence[datetime] = (),
) -> Appointment:
    """Say no to a request; its time is free again. Up to five open starts (aware UTC) can be proposed instead.

    Invalid "too_many_proposals", "proposal_not_open", "message_too_long"; else as `confirm`.
    """
    claimed, words = answers.key_from(key), rules.message_from(message)
    request = ["decline", appointment_id.hex(), words, *(each.isoformat() for each in proposals)]

    async def act(work: Work) -> Appointment:
        await changes.lock(work, person, appointment_id)
        if await answers.claim(work, person, claimed, request, appointment_id) is None:
            found = await _to_answer(work, person, appointment_id, "decline")
            await check_proposals(work, person, found, proposals)
            await _answer(work, found, rules.moved(found.state, "decline"))
            await changes.propose(work.connection, found.id, proposals, work.now)
            await work.audit(
                "appointment.decline",
                "U",
                entity="appointment",
                entity_id=found.id,
                subjects=found.client_ids,
            )
            await tell(work, found, "appointment_declined", _proposed(proposals), message=words)
        return await found_by(work, person, appointment_id)

    return await office.act(person, act)


async def propose(
    office: Office,
    person: Person,
    appointment_id: bytes,
    *,
    key: str,
    proposals: Sequence[datetime],
    message: str = "",
) -> Appointment:
    """Staff propose up to five other open starts for what is booked; it stays as it is until the client takes one.

    Conflict "not_booked", "too_late_to_move"; Invalid "no_proposals", else as `decline`; Forbidden for clients.
    """
    claimed, words = answers.key_from(key), rules.message_from(message)
    request = ["propose", appointment_id.hex(), words, *(each.isoformat() for each in proposals)]

    async def act(work: Work) -> Appointment:
        await changes.lock(work, person, appointment_id)
        if await answers.claim(work, person, claimed, request, appointment_id) is None:
            found = await found_by(work, person, appointment_id)
            about = ("appointment", found.id)
            if person.role == "client":
                raise Forbidden("not_the_therapist", NOT_YOURS, about=about)
            changes.after(found, "take")
            if not found.may_move:
                raise Conflict("too_late_to_move", TOO_LATE_TO_PROPOSE, about=about)
            if not proposals:
                raise Invalid("no_proposals", NONE_CHOSEN, fields={"proposals": NONE_CHOSEN})
            await check_proposals(work, person, found, proposals)
            await changes.propose(work.connection, found.id, proposals, work.now)
            await work.audit(
                "appointment.propose",
                "U",
                entity="appointment",
                entity_id=found.id,
                subjects=found.client_ids,
            )
            await tell(work, found, "appointment_proposed", message=words)
        return await found_by(work, person, appointment_id)

    return await office.act(person, act)


async def take(
    office: Office, person: Person, appointment_id: bytes, *, start: datetime, key: str, zone: str = "UTC"
) -> Appointment:
    """A client takes a proposed start: whatever was declined or booked is booked then.

    Conflict "not_proposed", "not_booked"; Taken and Invalid as `move`.
    """
    claimed, shown_in = answers.key_from(key), zone_named(zone)

    async def act(work: Work) -> Appointment:
        await changes.lock(work, person, appointment_id)
        request = ["take", appointment_id.hex(), start.isoformat()]
        if await answers.claim(work, person, claimed, request, appointment_id) is None:
            found = await found_by(work, person, appointment_id)
            if person.role != "client" or start not in found.proposals:
                raise Conflict("not_proposed", NOT_PROPOSED, about=("appointment", found.id))
            becomes = changes.after(found, "take")
            wish = wish_of(found, person, start, shown_in)
            if found.state == "declined":  # which keeps nobody from leaving the practice
                await check_still_offered(work, wish)
            await check_new_time(work, found, wish)
            busy = await give_time(work, found, wish, becomes=becomes)
            await work.audit(
                "appointment.take", "U", entity="appointment", entity_id=found.id, subjects=found.client_ids
            )
            kind = "appointment_booked" if found.state == "declined" else "appointment_moved"
            before = {"before": found.starts_at.isoformat()}
            await tell(work, await found_by(work, person, found.id), kind, before, busy=busy)
        return await found_by(work, person, appointment_id)

    return await naming_others(office, person, act)


async def check_proposals(
    work: Work, person: Person, found: Appointment, proposals: Sequence[datetime]
) -> None:
    """Refuse starts that nobody could take. The time it has now counts as free, since it will be."""
    if len(proposals) > rules.MAX_PROPOSALS or len(set(proposals)) != len(proposals):
        raise Invalid("too_many_proposals", TOO_MANY, fields={"proposals": TOO_MANY})
    for start in proposals:
        try:
            await check_therapists_open(work, wish_of(found, person, start, zone_named(found.zone)))
        except (Invalid, Taken):
            raise Invalid("proposal_not_open", NOT_OPEN, fields={"proposals": NOT_OPEN}) from None


async def _to_answer(work: Work, person: Person, appointment_id: bytes, verb: rules.Verb) -> Appointment:
    found = await found_by(work, person, appointment_id)
    about = ("appointment", found.id)
    if person.role != "therapist":
        raise Forbidden("not_the_therapist", NOT_YOURS, about=about)
    changes.after(found, verb)
    if not found.may_answer:
        raise Conflict("too_late_to_answer", TOO_LATE, about=about)
    return found


async def _check_hours(work: Work, person: Person, found: Appointment) -> None:
    """Whether it would still be offered, were it not taken by this request; the notice is over by now."""
    wish = wish_of(found, person, found.starts_at, zone_named(found.zone))
    now_or_never = replace(found.service, notice_minutes=0)
    try:
        await check_therapists_open(work, replace(wish, service=now_or_never))
    except Invalid:
        raise Conflict("not_in_hours", NOT_IN_HOURS, about=("appointment", found.id)) from None


async def _answer(work: Work, found: Appointment, becomes: rules.State) -> None:
    if not await store.move(work.connection, found.id, was=found.state, becomes=becomes):
        raise Conflict("not_asked", rules.NOT_ASKED, about=("appointment", found.id))


def _proposed(proposals: Sequence[datetime]) -> dict[str, str]:
    return {"proposed": str(len(proposals))} if proposals else {}

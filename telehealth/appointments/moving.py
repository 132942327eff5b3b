"""Give an appointment another time: everybody's part in it moves, or nothing does."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from telehealth.appointments import changes, rules
from telehealth.appointments.reading import Appointment, found_by
from telehealth.appointments.telling import tell
from telehealth.appointments.wanted import (
    FARTHEST,
    NOT_OFFERED,
    Wanted,
    busy_then,
    check_person_free,
    check_therapists_open,
    clear_the_way,
    naming_others,
    taken,
)
from telehealth.audit.office import Office, Work
from telehealth.availability.acts import zone_named
from telehealth.db.engine import is_overlap
from telehealth.errors import Conflict, Invalid
from telehealth.person import Person
from telehealth.repeats import answers

NOBODY = b""  # who moves holds no time
TOO_LATE = "It is too late to move this appointment here. You can still cancel it until it begins."
SAME = "This is the time it has already. Please choose another one."
CLIENT_BUSY = "Somebody who takes part has something else at that time. Please choose another time."


async def move(
    office: Office,
    person: Person,
    appointment_id: bytes,
    *,
    start: datetime,
    key: str,
    message: str = "",
    anyway: bool = False,
    zone: str = "UTC",
) -> Appointment:
    """Move an appointment to `start`, an open time of the same service and therapists, in one transaction.

    `anyway` lets staff choose a time outside the hours, the notice and the horizon, never one that is taken; `message`
    is what they write to the clients. A client whose service is confirmed first asks anew.
    Taken (with `.alternatives`): "time_taken", "you_are_booked_then". Conflict "client_busy", "too_late_to_move",
    "not_booked"; Invalid "not_offered", "same_time", "message_too_long"; NotFound for strangers.
    """
    claimed, words, shown_in = answers.key_from(key), rules.message_from(message), zone_named(zone)
    request = ["move", appointment_id.hex(), start.isoformat(), words, str(anyway)]

    async def act(work: Work) -> Appointment:
        await changes.lock(work, person, appointment_id)
        answer = await answers.claim(work, person, claimed, request, appointment_id)
        found = await found_by(work, person, appointment_id)
        if answer is not None:
            return found
        return await _move(work, person, found, wish_of(found, person, start, shown_in), words, anyway=anyway)

    return await naming_others(office, person, act)


def wish_of(found: Appointment, person: Person, start: datetime, zone: ZoneInfo) -> Wanted:
    """Another start for an appointment, wished for by this person."""
    who = person if person.role == "client" else None
    return Wanted(
        found.service, found.therapist, start, NOBODY, who, zone, found.co_therapist, instead=found.id
    )


async def _move(
    work: Work, person: Person, found: Appointment, wish: Wanted, message: str, *, anyway: bool
) -> Appointment:
    changes.after(found, "move")
    if not found.may_move:
        raise Conflict("too_late_to_move", TOO_LATE, about=("appointment", found.id))
    becomes = rules.state_after_move(person.role, found.state, confirms_first=found.service.confirms_first)
    await check_new_time(work, found, wish, anyway=anyway and person.role != "client")
    busy = await give_time(work, found, wish, becomes=becomes)
    await work.audit(
        "appointment.move", "U", entity="appointment", entity_id=found.id, subjects=found.client_ids
    )
    moved = await found_by(work, person, found.id)
    words = message if person.role != "client" else ""
    kind = "appointment_asked" if becomes == "asked" else "appointment_moved"
    await tell(work, moved, kind, {"before": found.starts_at.isoformat()}, message=words, busy=busy)
    return moved


async def check_new_time(work: Work, found: Appointment, wish: Wanted, *, anyway: bool = False) -> None:
    """Refuse a start that is not offered; with `anyway` only one that is past, or farther than anybody books."""
    if wish.starts_at == found.starts_at and found.state != "declined":
        raise Invalid("same_time", SAME)
    await check_person_free(work, wish)
    if not anyway:
        await check_therapists_open(work, wish)
    elif not work.now < wish.starts_at <= work.now + FARTHEST:
        raise Invalid("not_offered", NOT_OFFERED)


async def give_time(work: Work, found: Appointment, wish: Wanted, *, becomes: str) -> Sequence[bytes]:
    """Write the new time; returns the clients who have something else then.

    Whoever moves it comes. A client's partner is asked whether they do: nothing of their time is taken until they say
    so, and whether they have something else then is told to them alone. Staff who move it have asked, so that everybody
    comes who did before; they are refused where somebody cannot.
    """
    here = await changes.still_here(work, found)
    by_staff = wish.person is None
    unsaid = [each for each in here if (each in found.unsaid_ids if by_staff else not _is(wish, each))]
    clients = [each for each in here if each not in unsaid]
    busy = await busy_then(work, wish, clients if by_staff else unsaid)
    if busy and by_staff:
        raise Conflict("client_busy", CLIENT_BUSY, about=("appointment", found.id))
    asked_at = work.now if becomes == "asked" else None
    try:
        await clear_the_way(work, wish)
        same = await changes.set_time(
            work, found, wish.starts_at, becomes=becomes, clients=clients, asked_at=asked_at
        )
    except IntegrityError as error:
        if is_overlap(error):
            raise taken(wish, about=("appointment", found.id)) from None
        raise
    if not same:
        raise Conflict("not_booked", rules.NOT_BOOKED, about=("appointment", found.id))
    await changes.ask_again(work.connection, found.id, unsaid, work.now)
    return busy


def _is(wish: Wanted, client_id: bytes) -> bool:
    return wish.person is not None and wish.person.id == client_id

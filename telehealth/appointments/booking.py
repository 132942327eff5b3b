"""Book a time: one transaction, or nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from telehealth.appointments import cases, rules, store
from telehealth.appointments.holding import is_of
from telehealth.appointments.placing import add_time, audit_booking, write_down
from telehealth.appointments.reading import Appointment, found_by, shown
from telehealth.appointments.telling import tell
from telehealth.appointments.wanted import (
    Wanted,
    check_open,
    check_person_free,
    clear_the_way,
    expired,
    naming_others,
    taken,
    wanted,
)
from telehealth.audit.office import Office, Work
from telehealth.availability.acts import zone_named
from telehealth.db.engine import is_overlap, lock_parties
from telehealth.errors import Forbidden, Refusal
from telehealth.people import store as people
from telehealth.people.rules import name_from
from telehealth.person import Person
from telehealth.repeats import answers

NOT_A_CLIENT = "Only clients book a time here. Please sign in with a client's account."


@dataclass(frozen=True)
class Saying:
    """What somebody typed: the name they want to be called, if asked, and why they come; and, of a time for more than
    one, whether with the same partner as before, where there is one."""

    name: str | None
    reason: str
    same_partner: bool | None = None


async def book(
    office: Office,
    person: Person,
    *,
    hold_id: bytes | None,
    holder: bytes,
    service_id: bytes,
    therapist_id: bytes,
    start: datetime,
    name: str | None,
    reason: str,
    zone: str,
    key: str,
    same_partner: bool | None = None,
    co_therapist_id: bytes | None = None,
    also: Callable[[Work], Awaitable[None]] | None = None,
) -> Appointment:
    """Book the held time, or an open one without a hold; the same `key` and request give the same appointment again.
    `also` is done in the same transaction, once.

    Taken (with `.alternatives`): "hold_expired" of a time still open, "time_taken", "you_are_booked_then". Conflict
    "idempotency_mismatch". Invalid: "not_offered", "partner_unsaid", and what is wrong with a field. Forbidden for
    staff.
    """
    if person.role != "client":
        raise Forbidden("not_a_client", NOT_A_CLIENT)
    shown_in, claimed = zone_named(zone), answers.key_from(key)
    saying = Saying(None if name is None else name_from(name), rules.reason_from(reason), same_partner)
    ids = [(hold_id or b"").hex(), service_id.hex(), therapist_id.hex(), start.isoformat()]
    request = ["book", *ids, saying.name or "", saying.reason, str(same_partner)]

    async def act(work: Work) -> Appointment:
        held = None if hold_id is None else await store.hold_of(person, work.connection, holder, hold_id)
        if held is not None and (held.therapist_id, held.starts_at) == (therapist_id, start):
            companion = held.co_therapist_id
        else:
            companion = co_therapist_id
        wish: Wanted | None = None
        try:
            wish = await wanted(
                work,
                person,
                service_id=service_id,
                therapist_id=therapist_id,
                start=start,
                holder=holder,
                zone=shown_in,
                co_therapist_id=companion,
            )
            await lock_parties(work.connection, [*(each.id for each in wish.therapists), person.id, holder])
            appointment_id = await _free(work, wish, hold_id)
        except Refusal:  # unless this is a repeated request that was granted
            if wish is None:
                await lock_parties(work.connection, [therapist_id, person.id, holder])
            answer = await answers.given(work, person, claimed, request)
            if answer is None:
                raise
            return await found_by(work, person, answer)
        # After the locks: its foreign key locks the person's row, and who waits for a party while holding that waits
        # for ever.
        answer = await answers.claim(work, person, claimed, request, appointment_id)
        if answer is not None:
            return await found_by(work, person, answer)
        made = await _book(work, person, wish, appointment_id, saying)
        if also is not None:
            await also(work)
        return made

    return await naming_others(office, person, act)


async def _free(work: Work, wish: Wanted, hold_id: bytes | None) -> bytes:
    """The id of the appointment to be, which is that of its hold; refuses what cannot be had, and writes nothing. To be
    called under the parties' locks."""
    held = None
    if hold_id is not None:
        held = await store.hold_of(wish.person, work.connection, wish.holder, hold_id)
    if held is not None and is_of(held, wish) and _stands(held, work.now):
        await check_person_free(work, wish)
        return held.id
    await check_open(work, wish)
    if hold_id is not None and (held is None or is_of(held, wish)):
        raise expired(wish, hold_id)
    return work.chance(16)


async def _book(
    work: Work, person: Person, wish: Wanted, appointment_id: bytes, saying: Saying
) -> Appointment:
    called = await keep_name(work, person, saying.name)
    state = await _take(work, person, wish, appointment_id)
    words = await write_down(work, appointment_id, person.id, saying.reason)
    case_id = await cases.begin(
        work, person, wish.service, appointment_id, wish.starts_at, same_partner=saying.same_partner
    )
    await audit_booking(work, appointment_id, [person.id])
    row = store.Row(
        appointment_id,
        wish.service.id,
        wish.therapist.id,
        state,
        *wish.session,
        wish.therapist.zone,
        (words,),
        co_therapist_id=wish.time.co_therapist_id,
        case_id=case_id,
        asked_at=work.now if state == "asked" else None,
    )
    names, reason = {person.id: called}, saying.reason or None
    made = shown(work, person, row, wish.service, wish.therapists, names=names, reason=reason)
    await tell(work, made, f"appointment_{state}")
    return made


def _stands(held: store.HeldRow, now: datetime) -> bool:
    """A hold keeps its promise even when the notice has run out meanwhile, but not into the past."""
    return not rules.is_expired(held.held_until, now) and held.starts_at > now


async def keep_name(work: Work, person: Person, name: str | None) -> str:
    """What somebody wants to be called, where they say it, or is called already; Invalid where neither is known."""
    known = (await people.names_of(work.connection, work.ring, [person.id])).get(person.id)
    if name is None:
        return known or name_from("")  # which refuses, and says what is missing
    if name != known:
        await people.rename(work.connection, work.ring, person.id, name)
        await work.audit("profile.change", "U", entity="person", entity_id=person.id, subjects=[person.id])
    return name


async def _take(work: Work, person: Person, wish: Wanted, appointment_id: bytes) -> rules.State:
    """Make the hold an appointment, or a new one; the database has the last word on whether the time is free."""
    c = work.connection
    state = rules.moved("held", "ask" if wish.service.confirms_first else "book")
    try:
        earlier = [each.id for each in await store.holds_of(person, c, wish.holder)]
        await store.forget(c, [each for each in earlier if each != appointment_id])
        await clear_the_way(work, wish)
        if appointment_id in earlier:
            await store.drop_hold(c, appointment_id)
            asked_at = work.now if state == "asked" else None
            values = {"booked_by": person.id, "asked_at": asked_at}
            await store.move(c, appointment_id, was="held", becomes=state, **values)
            await store.occupy(c, appointment_id, {person.id: wish.session}, state=state)
        else:
            await add_time(
                work,
                appointment_id,
                wish.service,
                wish.therapists,
                wish.starts_at,
                state=state,
                by=person.id,
                clients=[person.id],
            )
    except IntegrityError as error:
        if is_overlap(error):
            raise taken(wish) from None
        raise
    return state

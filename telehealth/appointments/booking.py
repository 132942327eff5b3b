"""Book a time: one transaction, or nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from telehealth.appointments import cases, rules, store
from telehealth.appointments.holding import is_of
from telehealth.appointments.placing import add_time, audit_booking, write_down
from telehealth.appointments.reading import Appointment, found_by
from telehealth.appointments.telling import tell
from telehealth.appointments.wanted import (
    Wanted,
    check_open,
    check_person_free,
    clear_the_way,
    expired,
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
) -> Appointment:
    """Book the held time, or an open one without a hold; the same `key` and request give the same appointment again.

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
        same = held is not None and (held.therapist_id, held.starts_at) == (therapist_id, start)
        try:
            wish: Wanted | Refusal = await wanted(
                work,
                person,
                service_id=service_id,
                therapist_id=therapist_id,
                start=start,
                holder=holder,
                zone=shown_in,
                co_therapist_id=held.co_therapist_id if held is not None and same else co_therapist_id,
            )
        except (
            Refusal
        ) as refusal:  # unless this is a repeated request that was granted while that was offered
            wish = refusal
        # Before a claim: its foreign key locks the person's row, and who waits for a party while holding that waits
        # for ever.
        therapists = [therapist_id] if isinstance(wish, Refusal) else [each.id for each in wish.therapists]
        await lock_parties(work.connection, [*therapists, person.id, holder])
        appointment_id = await answers.claim(work, person, claimed, request)
        if appointment_id is None:
            if isinstance(wish, Refusal):
                raise wish
            appointment_id = await _book(work, person, wish, hold_id, saying)
            await answers.keep(work, person, claimed, appointment_id)
        return await found_by(work, person, appointment_id)

    return await office.act(person, act)


async def _book(work: Work, person: Person, wish: Wanted, hold_id: bytes | None, saying: Saying) -> bytes:
    held = None
    if hold_id is not None:
        held = await store.hold_of(person, work.connection, wish.holder, hold_id)
    if held is not None and is_of(held, wish) and _stands(held, work.now):
        await check_person_free(work, wish)
        appointment_id = held.id
    else:
        await check_open(work, wish)
        if hold_id is not None and (held is None or is_of(held, wish)):
            raise await expired(work, wish, hold_id)
        appointment_id = work.chance(16)
    await keep_name(work, person, saying.name)
    await _take(work, person, wish, appointment_id)
    await write_down(work, appointment_id, person.id, saying.reason)
    await cases.begin(
        work, person, wish.service, appointment_id, wish.starts_at, same_partner=saying.same_partner
    )
    await audit_booking(work, appointment_id, [person.id])
    kind = "appointment_asked" if wish.service.confirms_first else "appointment_booked"
    await tell(work, await found_by(work, person, appointment_id), kind)
    return appointment_id


def _stands(held: store.HeldRow, now: datetime) -> bool:
    """A hold keeps its promise even when the notice has run out meanwhile, but not into the past."""
    return not rules.is_expired(held.held_until, now) and held.starts_at > now


async def keep_name(work: Work, person: Person, name: str | None) -> None:
    """What somebody wants to be called, where they say it; Invalid where it is not known yet."""
    known = await people.names_of(work.connection, work.ring, [person.id])
    if name is None and not known:
        name_from("")  # refuses, and says what is missing
    if name is not None and name != known.get(person.id):
        await people.rename(work.connection, work.ring, person.id, name)
        await work.audit("profile.change", "U", entity="person", entity_id=person.id, subjects=[person.id])


async def _take(work: Work, person: Person, wish: Wanted, appointment_id: bytes) -> None:
    """Make the hold an appointment, or a new one; the database has the last word on whether the time is free."""
    c = work.connection
    state = rules.moved("held", "ask" if wish.service.confirms_first else "book")
    try:
        async with c.begin_nested():
            earlier = await store.holds_of(person, c, wish.holder)
            await store.forget(c, [each.id for each in earlier if each.id != appointment_id])
            await clear_the_way(work, wish)
            if any(each.id == appointment_id for each in earlier):
                await store.drop_hold(c, appointment_id)
                asked_at = work.now if state == "asked" else None
                values = {"booked_by": person.id, "asked_at": asked_at}
                await store.move(c, appointment_id, was="held", becomes=state, **values)
            else:
                await add_time(
                    work,
                    appointment_id,
                    wish.service,
                    wish.therapists,
                    wish.starts_at,
                    state=state,
                    by=person.id,
                )
            await store.occupy(c, appointment_id, person.id, wish.session, state=state)
    except IntegrityError as error:
        if is_overlap(error):
            raise await taken(work, wish) from None
        raise

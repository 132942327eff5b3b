"""Keep a time for somebody while they make up their mind or sign in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from telehealth.appointments import rules, store
from telehealth.appointments.placing import add_time
from telehealth.appointments.wanted import (
    Taken,
    Wanted,
    check_open,
    clear_the_way,
    naming_others,
    taken,
    wanted,
)
from telehealth.audit.office import Office, Work
from telehealth.availability.acts import zone_named
from telehealth.db.engine import is_overlap, lock_parties
from telehealth.errors import NotFound, TooMany
from telehealth.person import Person

NO_HOLD = "There is nothing kept for you here. Please choose a time again."
TOO_MANY = (
    "Three times are being kept for visitors at your address already. Please wait five minutes and try again."
)


@dataclass(frozen=True)
class Hold:
    """A time that is kept until `held_until`; `expired` when that has passed. Times are aware UTC."""

    id: bytes
    service_id: bytes
    therapist_id: bytes
    starts_at: datetime
    ends_at: datetime
    held_until: datetime
    expired: bool
    co_therapist_id: bytes | None = None


async def hold(
    office: Office,
    person: Person | None,
    *,
    service_id: bytes,
    therapist_id: bytes,
    start: datetime,
    holder: bytes,
    address: bytes,
    zone: str,
    co_therapist_id: bytes | None = None,
) -> Hold:
    """Keep a time for five minutes: one for each browser and person, three for all visitors of an address.

    An earlier hold of theirs is given back; the same time chosen again is the same hold. Taken when somebody has it
    already, Invalid "not_offered" when nobody could, TooMany, NotFound for unknown ids.
    """
    shown_in = zone_named(zone)

    async def act(work: Work) -> Hold:
        wish = await wanted(
            work,
            person,
            service_id=service_id,
            therapist_id=therapist_id,
            start=start,
            holder=holder,
            zone=shown_in,
            co_therapist_id=co_therapist_id,
        )
        own = [holder, address] if person is None else [holder, person.id]
        await lock_parties(work.connection, [*(each.id for each in wish.therapists), *own])
        earlier = await store.holds_of(person, work.connection, holder)
        same = next((each for each in earlier if _is_live_hold_of(each, wish, work.now)), None)
        if same is not None:
            return _hold(same, work.now)
        await store.forget(work.connection, [each.id for each in earlier])
        if person is None:
            await _check_address(work, address)
        await check_open(work, wish)
        await clear_the_way(work, wish)
        return await _keep(work, wish, address)

    return await naming_others(office, person, act)


def _is_live_hold_of(row: store.HeldRow, wish: Wanted, now: datetime) -> bool:
    return is_of(row, wish) and not rules.is_expired(row.held_until, now)


def is_of(row: store.HeldRow, wish: Wanted) -> bool:
    """Whether a hold keeps exactly the wanted time."""
    kept = row.service_id, {row.therapist_id, row.co_therapist_id} - {None}, row.starts_at
    return kept == (wish.service.id, {each.id for each in wish.therapists}, wish.starts_at)


async def _check_address(work: Work, address: bytes) -> None:
    if await store.live_holds_from(work.connection, address, work.now) >= rules.HOLDS_PER_ADDRESS:
        raise TooMany("too_many_holds", TOO_MANY)


async def _keep(work: Work, wish: Wanted, address: bytes) -> Hold:
    hold_id, held_until = work.chance(16), work.now + rules.HELD_FOR
    try:
        await add_time(work, hold_id, wish.service, wish.therapists, wish.starts_at, state="held", by=None)
    except IntegrityError as error:
        if is_overlap(error):
            raise taken(wish) from None
        raise
    await store.add_hold(
        work.connection,
        hold_id,
        held_until=held_until,
        holder=wish.holder,
        address=address if wish.person is None else None,
        person_id=None if wish.person is None else wish.person.id,
    )
    await work.audit("appointment.hold", "C", entity="appointment", entity_id=hold_id, subjects=[])
    co = wish.time.co_therapist_id
    return Hold(hold_id, wish.service.id, wish.therapist.id, *wish.session, held_until, False, co)


async def extend(office: Office, hold_id: bytes, holder: bytes) -> Hold:
    """Keep it for 15 minutes from now, once: somebody is on the way to the provider. Asked again it stays as it is.

    NotFound when it is not theirs; Conflict "hold_expired" when it has run out.
    """

    async def act(work: Work) -> Hold:
        row = await _own(work, None, holder, hold_id)
        if rules.is_expired(row.held_until, work.now):
            sentence = "The time we kept for you has run out. Please choose it again."
            raise Taken("hold_expired", sentence, about=("appointment", hold_id))
        await store.extend_hold(work.connection, hold_id, work.now + rules.HELD_AT_PROVIDER)
        await work.audit("appointment.extend", "U", entity="appointment", entity_id=hold_id, subjects=[])
        return _hold(await _own(work, None, holder, hold_id), work.now)

    return await office.act(None, act)


async def find_hold(office: Office, person: Person | None, hold_id: bytes, holder: bytes) -> Hold:
    """The hold, expired or not; NotFound when it is not theirs or no longer a hold."""
    async with office.work(person) as work:
        return _hold(await _own(work, person, holder, hold_id), work.now)


async def is_booked(office: Office, person: Person, hold_id: bytes) -> bool:
    """Whether a time that was held is an appointment of this person's by now: they went back in their browser."""
    async with office.database.reading() as connection:
        return await store.appointment_of(person, connection, hold_id) is not None


async def release(office: Office, hold_id: bytes, holder: bytes, person: Person | None = None) -> None:
    """Give the time back. What is not this browser's, or not held any more, stays as it is.

    `person` is who did it, where somebody is signed in, for the record alone.
    """

    async def act(work: Work) -> None:
        await lock_parties(work.connection, [holder])  # it may be booked just now
        if await store.hold_of(None, work.connection, holder, hold_id) is not None:
            await store.forget(work.connection, [hold_id])
            await work.audit("appointment.release", "D", entity="appointment", entity_id=hold_id, subjects=[])

    await office.act(person, act)


async def _own(work: Work, person: Person | None, holder: bytes, hold_id: bytes) -> store.HeldRow:
    row = await store.hold_of(person, work.connection, holder, hold_id)
    if row is None:
        raise NotFound("hold_not_found", NO_HOLD, about=("appointment", hold_id))
    return row


def _hold(row: store.HeldRow, now: datetime) -> Hold:
    return Hold(
        id=row.id,
        service_id=row.service_id,
        therapist_id=row.therapist_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        held_until=row.held_until,
        expired=rules.is_expired(row.held_until, now),
        co_therapist_id=row.co_therapist_id,
    )

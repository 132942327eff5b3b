"""What a therapist does with their own hours: read them, ask what a change would do, save it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments import changes
from telehealth.appointments import store as appointments
from telehealth.appointments.moving import wish_of
from telehealth.appointments.placing import with_buffers
from telehealth.appointments.reading import Appointment, look, opened
from telehealth.appointments.rules import MAX_PROPOSALS
from telehealth.appointments.wanted import alternatives
from telehealth.audit.office import Office, Work
from telehealth.availability.rules import Session
from telehealth.availability.store import busy_elsewhere
from telehealth.db.engine import lock_parties
from telehealth.errors import Conflict, NotFound
from telehealth.hours import rules, store
from telehealth.hours.rules import Booked, Change, Plan
from telehealth.notices.acts import announce
from telehealth.person import Person
from telehealth.repeats import answers

Choice = Literal["keep", "offer"]
OFFER = "appointment_offer_new_times"
PAST_KEPT = timedelta(days=31)  # days that differed are shown for a month
NOT_HERE = "There is nothing at this address. Perhaps it is not yours to see."
MEANWHILE = "Another appointment would lie outside your hours now. Please look at the list once more."


@dataclass(frozen=True)
class Hours:
    """A therapist's hours, the appointments of a range, what other calendars keep in it (UTC, [start, end)), and the
    appointments ahead that do not fit."""

    plan: Plan
    elsewhere: list[tuple[datetime, datetime]]
    appointments: list[Appointment]
    outside: list[Appointment]


async def hours(office: Office, person: Person, since: datetime, until: datetime) -> Hours:
    """One's own hours, and one's appointments in [since, until). NotFound for everybody but therapists."""

    async def act(work: Work) -> Hours:
        plan = await _plan(work, person, since)
        rows = await appointments.appointments_of(person, work.connection, first=min(since, work.now))
        found = [each for each in await opened(work, person, rows) if each.state != "cancelled"]
        ahead = [each for each in found if _is_ahead(each, work.now)]
        strange = rules.misfits(plan, [_booked(each) for each in ahead])
        outside = [each for each in ahead if each.id in strange]
        shown = [each for each in found if since <= each.starts_at < until]
        await look(work, person, [*shown, *outside])
        elsewhere = await busy_elsewhere(work.connection, [person.id], since, until)
        return Hours(plan, elsewhere[person.id], shown, outside)

    return await office.act(person, act)


async def preview(office: Office, person: Person, change: Change) -> list[Appointment]:
    """The appointments that this change would leave outside the hours, in order of time; nothing is changed."""

    async def act(work: Work) -> list[Appointment]:
        _, _, found = await _left_out(work, person, change)
        await look(work, person, found)
        return found

    return await office.act(person, act)


async def save(
    office: Office,
    person: Person,
    change: Change,
    *,
    choice: Choice | None,
    shown: Collection[bytes],
    key: str,
) -> bytes:
    """Save a change; with "offer" each client whose appointment it leaves out is asked to choose another time.

    Conflict "hours_conflict" when it leaves out an appointment that is not among those `shown`. The same `key` and
    change are saved once. Returns the id of what was changed.
    """
    claimed = answers.key_from(key)
    which = "" if change.is_new else change.id.hex()
    request = ["hours", which, repr(change.becomes), choice or ""]

    async def act(work: Work) -> bytes:
        await lock_parties(work.connection, [person.id])
        known = await answers.claim(work, person, claimed, request)
        if known is not None:
            return known
        before, after, found = await _left_out(work, person, change)
        if (choice is None and found) or not {each.id for each in found} <= set(shown):
            raise Conflict("hours_conflict", MEANWHILE)
        await store.write(person, work.connection, before, after)
        await work.audit("hours.change", "U", entity="hours", entity_id=change.id, subjects=[person.id])
        if choice == "offer":
            for each in found:
                await _offer(work, person, each)
        await answers.keep(work, person, claimed, change.id)
        return change.id

    return await office.act(person, act)


async def _left_out(work: Work, person: Person, change: Change) -> tuple[Plan, Plan, list[Appointment]]:
    before = await _plan(work, person, work.now)
    after = rules.planned(before, change)
    rows = await appointments.appointments_of(person, work.connection, first=work.now)
    ahead = [each for each in await opened(work, person, rows) if _is_ahead(each, work.now)]
    out = rules.left_out(before, after, [_booked(each) for each in ahead])
    return before, after, [each for each in ahead if each.id in out]


async def _plan(work: Work, person: Person, since: datetime) -> Plan:
    if person.role != "therapist":
        raise NotFound("not_found", NOT_HERE)
    return await store.plan_of(person, work.connection, (min(since, work.now) - PAST_KEPT).date())


def _is_ahead(found: Appointment, now: datetime) -> bool:
    return found.state in ("booked", "asked") and found.starts_at > now


def _booked(found: Appointment) -> Booked:
    begins_at, ends_at = with_buffers(found.service, found.starts_at)
    return Booked(found.id, found.ends_at, Session(found.starts_at, begins_at, ends_at))


async def _offer(work: Work, person: Person, found: Appointment) -> None:
    """Ask for another time, with the nearest that are open beside it, each to be had with one click."""
    c, wish = work.connection, wish_of(found, person, found.starts_at, ZoneInfo(found.zone))
    await changes.ask_for_another_time(c, found.id, work.now)
    if found.state == "booked":
        near = [each.start for each in await alternatives(c, wish, work.now)][:MAX_PROPOSALS]
        await changes.propose(c, found.id, sorted(near), work.now)
    body = {"id": found.id.hex(), "start": found.starts_at.isoformat(), "with": found.therapist.name}
    for client_id in found.client_ids:
        await announce(work, client_id, OFFER, body, appointment_id=found.id)


async def subjects_of(c: AsyncConnection, id_: bytes) -> list[bytes]:
    """Whose hours they are: for the record of refusals."""
    therapist_id = await store.whose(c, id_)
    return [] if therapist_id is None else [therapist_id]

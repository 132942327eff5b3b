"""Come along, say no, or suggest another time. What somebody else does then is told to nobody but them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from telehealth.appointments import cases
from telehealth.appointments import rules as appointment_rules
from telehealth.appointments import store as appointments
from telehealth.appointments.booking import keep_name
from telehealth.appointments.moving import NOBODY
from telehealth.appointments.placing import write_down
from telehealth.appointments.wanted import Wanted, alternatives, check_open
from telehealth.audit.office import Office, Work
from telehealth.availability.acts import OpenTime, zone_named
from telehealth.couples import store
from telehealth.couples.asking import GONE, Asked, asked
from telehealth.db.engine import is_overlap
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.notices.acts import announce
from telehealth.people.rules import name_from
from telehealth.person import Person
from telehealth.repeats import answers

BOOKED_THEN = (
    "You have something else at that time. Nobody but you is told. You can suggest another time, or say no."
)
CONSENT = "Please say that you have read how we treat what one of you tells alone."


@dataclass(frozen=True)
class Way:
    """How somebody came to be asked: the hash of the link they hold, where they hold one."""

    appointment_id: bytes
    link: bytes | None = None


@dataclass(frozen=True)
class Said:
    """What somebody typed in joining: the name they want to be called, if asked, why they come, and whether they agree
    to how the practice treats secrets."""

    name: str | None
    reason: str
    agrees: bool


async def look(
    office: Office, person: Person, *, appointment_id: bytes | None = None, link: bytes | None = None
) -> Asked:
    """What somebody is asked to. NotFound as `asking.asked` says."""

    async def act(work: Work) -> Asked:
        found = await asked(work, person, appointment_id=appointment_id, link=link)
        await work.looked(entity="person", entity_id=person.id, subjects=[found.by])
        return found

    return await office.act(person, act)


async def other_times(office: Office, person: Person, found: Asked, zone: str) -> list[OpenTime]:
    """Open times near it at which this person is free, at most six; nobody else's time is looked at."""
    async with office.database.reading() as connection:
        near = await alternatives(connection, _wish(found, person, found.starts_at, zone), office.clock())
    return sorted(near, key=lambda time: time.start)


async def join(office: Office, person: Person, way: Way, said: Said, key: str) -> bytes:
    """Come along: a part of one's own, one's own time, one's own words; returns the appointment's id.

    NotFound as `asking.asked` says, and for whoever comes second. Conflict "joined_already", "you_are_booked_then", on
    nobody's record but one's own; Invalid for a field. The same `key` and words give the same answer again.
    """
    claimed = answers.key_from(key)
    name = None if said.name is None else name_from(said.name)
    reason = appointment_rules.reason_from(said.reason)
    if not said.agrees:
        raise Invalid("consent_needed", CONSENT, fields={"agrees": CONSENT})

    async def act(work: Work) -> bytes:
        await _wait(work, person, way)
        request = ["join", way.appointment_id.hex(), name or "", reason]
        done = await answers.claim(work, person, claimed, request)
        if done is not None:
            return done
        found = await asked(work, person, appointment_id=way.appointment_id, link=way.link)
        await keep_name(work, person, name)
        await _take(work, person, found)
        await write_down(work, found.appointment_id, person.id, reason)
        await cases.join(work, found.case_id, person.id)
        await store.say_alone(work.connection, found.appointment_id, None)
        await work.audit(
            "partner.join",
            "C",
            entity="appointment",
            entity_id=found.appointment_id,
            subjects=[person.id, *found.client_ids],
            detail={"secrets": found.secrets},
        )
        for client in found.client_ids:
            await announce(work, client, "partner_joined", _body(found))
        await announce(work, person.id, "partner_yours", _body(found), appointment_id=found.appointment_id)
        await answers.keep(work, person, claimed, found.appointment_id)
        return found.appointment_id

    return await office.act(person, act)


async def decline(office: Office, person: Person, way: Way, key: str, *, never_again: bool = False) -> None:
    """Say no: who asked is told that, and not why. `never_again`: nobody asks this person in this case any more."""
    claimed = answers.key_from(key)

    async def act(work: Work) -> None:
        await _wait(work, person, way)
        request = ["decline", way.appointment_id.hex(), str(never_again)]
        if await answers.claim(work, person, claimed, request) is not None:
            return
        found = await asked(work, person, appointment_id=way.appointment_id, link=way.link)
        if found.invitation is not None:
            await store.withdraw(work.connection, found.appointment_id, work.now)
        if never_again:
            await store.leave_case(work.connection, found.case_id, person.id, work.now)
        if len(found.client_ids) == 1:
            await store.say_alone(work.connection, found.appointment_id, work.now)
        await work.audit(
            "partner.decline",
            "U",
            entity="appointment",
            entity_id=found.appointment_id,
            subjects=[person.id, *found.client_ids],
        )
        await announce(work, found.by, "partner_declined", _body(found))
        await answers.keep(work, person, claimed, found.appointment_id)

    await office.act(person, act)


async def suggest(office: Office, person: Person, way: Way, start: datetime, key: str, zone: str) -> None:
    """Tell who asked that another open time would suit better; nothing moves by itself.

    Taken and Invalid "not_offered" as for a booking of one's own.
    """
    claimed = answers.key_from(key)

    async def act(work: Work) -> None:
        await _wait(work, person, way)
        request = ["suggest", way.appointment_id.hex(), start.isoformat()]
        if await answers.claim(work, person, claimed, request) is not None:
            return
        found = await asked(work, person, appointment_id=way.appointment_id, link=way.link)
        await check_open(work, _wish(found, person, start, zone))
        await work.audit(
            "partner.suggest",
            "U",
            entity="appointment",
            entity_id=found.appointment_id,
            subjects=[person.id, found.by],
        )
        body = {**_body(found), "instead": start.isoformat()}
        await announce(work, found.by, "partner_suggests", body)
        await answers.keep(work, person, claimed, found.appointment_id)

    await office.act(person, act)


async def _wait(work: Work, person: Person, way: Way) -> None:
    """For whoever changes this person's time or the appointment right now: before anything is claimed."""
    await store.wait_for(work.connection, way.appointment_id, person.id)


async def _take(work: Work, person: Person, found: Asked) -> None:
    """The link is used, and the person's own time is taken, in the state the appointment has."""
    c = work.connection
    if found.invitation is not None and not await store.use(c, found.invitation.id, person.id, work.now):
        raise NotFound("invitation_gone", GONE)
    try:
        async with c.begin_nested():
            mine = {person.id: (found.starts_at, found.ends_at)}
            await appointments.occupy(c, found.appointment_id, mine, state=found.state)
    except IntegrityError as error:
        if is_overlap(error):
            raise Conflict("you_are_booked_then", BOOKED_THEN, about=("person", person.id)) from None
        raise


def _wish(found: Asked, person: Person, start: datetime, zone: str) -> Wanted:
    first, *more = found.therapists
    return Wanted(
        found.service,
        first,
        start,
        NOBODY,
        person,
        zone_named(zone),
        more[0] if more else None,
        instead=found.appointment_id,
    )


def _body(found: Asked) -> dict[str, str]:
    return {"id": found.appointment_id.hex(), "start": found.starts_at.isoformat()}

"""Ask somebody to come along by a link that works once and says nothing but where to sign in."""

from dataclasses import dataclass
from datetime import datetime

from telehealth.appointments import cases
from telehealth.appointments import store as appointments
from telehealth.appointments.acts import Appointment
from telehealth.appointments.reading import NOT_FOUND, look, opened
from telehealth.audit.office import Office, Work
from telehealth.audit.rules import Action
from telehealth.clinic import store as clinic
from telehealth.couples import rules, store
from telehealth.couples.store import Invitation
from telehealth.errors import Conflict, NotFound
from telehealth.person import Person
from telehealth.repeats import answers
from telehealth.web.cookies import hash_of, text_of

NOBODY_MISSING = "Nobody is missing from this appointment, or it is over, so there is nobody to invite."


@dataclass(frozen=True)
class Company:
    """An appointment for more than one as one of them sees it: the link that is open, whether a partner of before is
    asked on their own pages, and whether somebody can still be invited. `secrets` as in `asking.Asked`."""

    appointment: Appointment
    invitation: Invitation | None
    is_asked: bool
    may_invite: bool
    may_leave: bool
    secrets: str


@dataclass(frozen=True)
class Link:
    """A link that leads somewhere; `token` (43 characters) is kept nowhere."""

    token: str
    expires_at: datetime


async def company(office: Office, person: Person, appointment_id: bytes) -> Company:
    """Who comes; NotFound for everybody who takes no part, and where it is for one alone."""

    async def act(work: Work) -> Company:
        found = await _own(work, person, appointment_id)
        await look(work, person, [found])
        open_ = _is_open(found, work.now)
        return Company(
            appointment=found,
            invitation=await store.of_appointment(work.connection, appointment_id, work.now)
            if open_
            else None,
            is_asked=bool(found.unsaid_ids)
            or (
                open_
                and found.company == "waiting"
                and await cases.is_somebody_asked(work.connection, found.case_id, found.client_ids)
            ),
            may_invite=open_,
            may_leave=rules.may_leave(found.state, starts_at=found.starts_at, now=work.now),
            secrets=(await clinic.policies(work.connection)).secrets,
        )

    return await office.act(person, act)


async def invite(
    office: Office, person: Person, appointment_id: bytes, *, secret: bytes, key: str
) -> Link | None:
    """Make a link of `secret` (32 bytes), good until a week has passed or the appointment begins; one made before leads
    nowhere from now on.

    The same `key` and `secret` are the same link, None when it leads nowhere any more. NotFound for everybody who takes
    no part, Conflict "nobody_missing".
    """
    claimed, token = answers.key_from(key), text_of(secret)

    async def act(work: Work) -> Link | None:
        await store.wait_for(work.connection, appointment_id, person.id)
        found = await _own(work, person, appointment_id)
        if await answers.claim(work, person, claimed, ["invite", appointment_id.hex()]) is not None:
            same = await store.by_hash(work.connection, hash_of(secret, "invitation"), work.now)
            return None if same is None else Link(token, same.expires_at)
        if not _is_open(found, work.now):
            raise Conflict("nobody_missing", NOBODY_MISSING, about=("appointment", appointment_id))
        case_id = await _case(work, found)
        await store.withdraw(work.connection, appointment_id, work.now)
        expires_at = rules.expires_at(work.now, found.starts_at)
        made = Invitation(work.chance(16), case_id, appointment_id, person.id, work.now, expires_at)
        await store.add(work.connection, made, hash_of(secret, "invitation"))
        await _on_record(work, "partner.invite", "C", person, appointment_id)
        await answers.keep(work, person, claimed, appointment_id)
        return Link(token, expires_at)

    return await office.act(person, act)


async def withdraw(office: Office, person: Person, appointment_id: bytes) -> None:
    """The link leads nowhere from now on; where there is none, nothing changes."""

    async def act(work: Work) -> None:
        await _own(work, person, appointment_id)
        if await store.withdraw(work.connection, appointment_id, work.now):
            await _on_record(work, "partner.withdraw", "U", person, appointment_id)

    await office.act(person, act)


async def _own(work: Work, person: Person, appointment_id: bytes) -> Appointment:
    row = None
    if person.role == "client":
        row = await appointments.appointment_of(person, work.connection, appointment_id)
    found = None if row is None else (await opened(work, person, [row]))[0]
    if found is None or found.company is None:
        raise NotFound("appointment_not_found", NOT_FOUND, about=("appointment", appointment_id))
    return found


async def _case(work: Work, found: Appointment) -> bytes:
    """The case of an appointment; one that was booked before there were cases begins it now."""
    case_id = await store.case_of(work.connection, found.id)
    if case_id is not None:
        return case_id
    begun = await cases.begin_for(work, found.service, found.id, found.client_ids)
    if begun is None:  # `_own` has seen that it is for more than one
        raise RuntimeError("an appointment for one has no case")
    return begun


def _is_open(found: Appointment, now: datetime) -> bool:
    return rules.is_open(
        found.state,
        starts_at=found.starts_at,
        clients=len(found.client_ids),
        seats=found.service.seats,
        now=now,
    )


async def _on_record(work: Work, type_: str, action: Action, person: Person, appointment_id: bytes) -> None:
    """Only of who asks: nobody else is concerned until they join."""
    await work.audit(type_, action, entity="appointment", entity_id=appointment_id, subjects=[person.id])

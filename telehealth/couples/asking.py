"""Whether somebody is asked to come along, and by whom: through a link, or as a partner of before."""

from dataclasses import dataclass
from datetime import datetime

from telehealth.appointments import cases
from telehealth.appointments import store as appointments
from telehealth.audit.office import Work
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist
from telehealth.couples import rules, store
from telehealth.couples.store import Invitation
from telehealth.errors import Conflict, NotFound
from telehealth.people.store import names_of
from telehealth.person import Person

GONE = (
    "This does not lead to an appointment any more. Perhaps somebody has answered already, or the link is too old. "
    "Ask whoever gave it to you for a new one."
)
JOINED = "You take part in this appointment already. Your list shows it."
NOT_ASKED = "There is nothing here that you are asked to. Your list shows which appointments are yours."


@dataclass(frozen=True)
class Asked:
    """An appointment somebody is asked to. Times are aware UTC; `by` and `name` are who asks: an id, and what they call
    themselves. `secrets`: how the practice treats what one tells alone, "none" or "limited". `own`: the asker reads
    their own link. `invitation` is None where a partner of before is asked on their own pages."""

    appointment_id: bytes
    case_id: bytes
    service: Service
    therapists: tuple[Therapist, ...]
    state: str
    starts_at: datetime
    ends_at: datetime
    client_ids: tuple[bytes, ...]
    by: bytes
    name: str
    secrets: str
    own: bool
    invitation: Invitation | None


async def asked(
    work: Work, person: Person, *, appointment_id: bytes | None = None, link: bytes | None = None
) -> Asked:
    """What this person is asked to: through the link whose hash is given, or as a member of the appointment's case.

    Conflict "joined_already" for an appointment of one's own. NotFound alike for a link that is unknown, used,
    withdrawn or too old, for staff, and where nobody can join now.
    """
    if person.role == "client":
        await _check_new(work, person, appointment_id)
        found = await _by_link(work, person, appointment_id, link)
        if found is None and appointment_id is not None:
            found = await _as_member(work, person, appointment_id)
        if found is not None:
            return found
    if link is not None or appointment_id is None:
        raise NotFound("invitation_gone", GONE)
    raise NotFound("not_asked", NOT_ASKED, about=("appointment", appointment_id))


async def _check_new(work: Work, person: Person, appointment_id: bytes | None) -> None:
    if appointment_id is None:
        return
    if await appointments.appointment_of(person, work.connection, appointment_id) is not None:
        raise Conflict("joined_already", JOINED)


async def _by_link(
    work: Work, person: Person, appointment_id: bytes | None, link: bytes | None
) -> Asked | None:
    invitation = None if link is None else await store.by_hash(work.connection, link, work.now)
    if invitation is None or appointment_id not in (None, invitation.appointment_id):
        return None
    asker = Person(invitation.invited_by, "client")
    return await _asked_by(work, person, asker, invitation.appointment_id, invitation.case_id, invitation)


async def _as_member(work: Work, person: Person, appointment_id: bytes) -> Asked | None:
    case_id = await store.case_of(work.connection, appointment_id)
    members = [] if case_id is None else await cases.members_of(work.connection, case_id)
    if case_id is None or person.id not in members:
        return None
    for member in members:
        found = await _asked_by(work, person, Person(member, "client"), appointment_id, case_id, None)
        if found is not None and not found.own:
            return found
    return None


async def _asked_by(
    work: Work,
    person: Person,
    asker: Person,
    appointment_id: bytes,
    case_id: bytes,
    invitation: Invitation | None,
) -> Asked | None:
    """Only what the asker takes part in, and the person does not yet."""
    row = await appointments.appointment_of(asker, work.connection, appointment_id)
    own = person.id == asker.id
    if row is None or (person.id in row.client_ids and not own):
        return None
    service = await clinic.service(work.connection, row.service_id)
    clients = len(row.client_ids)
    if not rules.is_open(
        row.state, starts_at=row.starts_at, clients=clients, seats=service.seats, now=work.now
    ):
        return None
    names = await names_of(work.connection, work.ring, [asker.id])
    return Asked(
        appointment_id=appointment_id,
        case_id=case_id,
        service=service,
        therapists=tuple([await clinic.therapist(work.connection, id_) for id_ in row.therapist_ids]),
        state=row.state,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        client_ids=row.client_ids,
        by=asker.id,
        name=names.get(asker.id, ""),
        secrets=(await clinic.policies(work.connection)).secrets,
        own=own,
        invitation=invitation,
    )

"""What emergency access opens: one client's name, address, appointments and own words, to be read and nothing else.

Rooms, cancelling and every list of one's own ask `store.appointments_of`, which knows nothing of this.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from telehealth.appointments import store
from telehealth.appointments.reading import Appointment, opened
from telehealth.audit.office import Office, Work
from telehealth.emergency import acts as emergency
from telehealth.errors import Conflict, NotFound
from telehealth.people.store import profile_of
from telehealth.person import Person

CLOSED = "This access is over, so nothing can be read with it any more. If you still need it, ask again."


@dataclass(frozen=True)
class Record:
    """One client's record as it stands open until `until` (aware UTC): what is ahead, the next first, and what is
    over, the latest first."""

    grant_id: bytes
    name: str
    email: str
    until: datetime
    ahead: tuple[Appointment, ...]
    behind: tuple[Appointment, ...]


async def record(office: Office, person: Person, grant_id: bytes) -> Record:
    """The record that this grant opens to this person. NotFound for everybody else; Conflict "access_over" when it
    does not stand open, on record as every refusal."""

    async def act(work: Work) -> Record:
        grant = await emergency.found(work, person, grant_id)
        about = ("emergency", grant_id)
        if grant.asked_by != person.id:
            raise NotFound("request_not_found", emergency.NOT_FOUND, about=about)
        if grant.subject_id is None or grant.ends_at is None or grant.state(work.now) != "open":
            raise Conflict("access_over", CLOSED, about=about)
        rows = await store.appointments_open_to(person, work.connection, grant.subject_id, work.now)
        found = await opened(work, person, [_only_of(row, grant.subject_id) for row in rows])
        name, email = await profile_of(work.connection, work.ring, grant.subject_id)
        await emergency.looked(work, grant)
        ahead = [each for each in found if each.state == "booked" and each.ends_at > work.now]
        behind = [each for each in reversed(found) if each not in ahead]
        return Record(grant_id, name or "", email or "", grant.ends_at, tuple(ahead), tuple(behind))

    return await office.act(person, act)


def _only_of(row: store.Row, client_id: bytes) -> store.Row:
    """Nobody else's name or words come with it: a partner's emergency is not theirs."""
    return replace(row, clients=tuple(words for words in row.clients if words.person_id == client_id))

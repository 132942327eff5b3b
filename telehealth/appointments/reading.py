"""An appointment as somebody may read it: names and words are opened here and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from telehealth.appointments import rules
from telehealth.appointments.store import Row, Words
from telehealth.audit.office import Work
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist
from telehealth.keys.record_key import RecordKey
from telehealth.people.store import names_of
from telehealth.person import Person


@dataclass(frozen=True)
class Appointment:
    """What its reader may see of it. Times are aware UTC; `zone` is the therapist's; the room is open from
    `opens_at` to `closes_at`. `reason` is None where nothing was said or the reader may not read it; `company` is None
    where it is for one person; `other_names` are those of the clients beside the reader."""

    id: bytes
    service: Service
    therapist: Therapist
    state: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    client_ids: tuple[bytes, ...]
    client_names: tuple[str, ...]
    reason: str | None
    may_cancel: bool
    opens_at: datetime
    closes_at: datetime
    company: rules.Company | None
    other_names: tuple[str, ...]


async def opened(work: Work, person: Person, rows: Sequence[Row]) -> list[Appointment]:
    """These rows as `person` may read them, in the same order; a fixed number of statements."""
    services = {each.id: each for each in await clinic.every_service(work.connection)}
    therapists = {each.id: each for each in await clinic.every_therapist(work.connection)}
    people = list(dict.fromkeys(id_ for row in rows for id_ in row.client_ids))
    names = await names_of(work.connection, work.ring, people)
    readable = [words.record_id for row in rows for words in row.clients if _readable(person, words)]
    keys = await work.ring.records(work.connection, readable)
    return [
        Appointment(
            id=row.id,
            service=services[row.service_id],
            therapist=therapists[row.therapist_id],
            state=row.state,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            zone=row.zone,
            client_ids=row.client_ids,
            client_names=tuple(names[id_] for id_ in row.client_ids if id_ in names),
            reason=_reason(row, keys),
            may_cancel=_cancels_for_all(person, row)
            and rules.may_cancel(
                person.role,
                row.state,
                starts_at=row.starts_at,
                cancel_hours=services[row.service_id].cancel_hours,
                now=work.now,
            ),
            opens_at=rules.opens_at(row.starts_at, person.role),
            closes_at=row.ends_at + rules.CLOSES_AFTER,
            company=rules.company(services[row.service_id].seats, len(row.clients), row.alone_since),
            other_names=tuple(names[id_] for id_ in row.client_ids if id_ in names and id_ != person.id),
        )
        for row in rows
    ]


def _cancels_for_all(person: Person, row: Row) -> bool:
    """One client cannot cancel for another: each leaves for their own part (`couples/leaving.py`)."""
    return person.role != "client" or len(row.clients) == 1


def _readable(person: Person, words: Words) -> bool:
    return rules.may_read_words(person.role, person.id, words.person_id)


def _reason(row: Row, keys: Mapping[bytes, RecordKey]) -> str | None:
    """What the clients wrote, as far as its keys are here."""
    said = [
        keys[words.record_id].open("appointment_clients", "reason", words.revision, words.reason)
        for words in row.clients
        if words.record_id in keys
    ]
    return "\n\n".join(reason for reason in said if reason) or None


async def look(work: Work, person: Person, shown: Sequence[Appointment]) -> None:
    """Put on record whose names or words this list shows, once for each of them and a quarter of an hour."""
    subjects = list(dict.fromkeys(id_ for each in shown for id_ in each.client_ids))
    await work.looked(entity="person", entity_id=person.id, subjects=subjects)


async def look_at(work: Work, shown: Appointment) -> None:
    """The same for the page of one appointment, which says more than a list and is a look of its own."""
    await work.looked(entity="appointment", entity_id=shown.id, subjects=shown.client_ids)

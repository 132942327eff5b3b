"""An appointment as somebody may read it: names and words are opened here and nowhere else."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from telehealth.appointments import rules
from telehealth.appointments.models import proposals
from telehealth.appointments.store import Row, Words, appointment_of
from telehealth.audit.office import Work
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist
from telehealth.errors import NotFound
from telehealth.keys.record_key import RecordKey
from telehealth.people.store import names_of
from telehealth.person import Person

NOT_FOUND = "There is no such appointment among yours. Your list shows which there are."


@dataclass(frozen=True)
class Appointment:
    """What its reader may see of it. Times are aware UTC; `zone` is the therapist's; the room is open from
    `opens_at` to `closes_at`. `reason` is None where nothing was said or the reader may not read it.

    `company` is None where it is for one person; `other_names` are those of the clients beside the reader.
    `co_therapist`: who is there beside the therapist, in co-therapy. `sequence` counts moves and the cancellation.
    `unsaid_ids`: clients who have not said whether they come at a time that another of them chose; `asks_me`: the
    reader is one; `unsaid_names`: those of the others. `is_late`: cancelling it now would be late.
    `offered_at`: since when the clients are asked to choose another time. `answer_by`: when a request lapses.
    `proposals`: other starts, still ahead, that its client may take.
    """

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
    co_therapist: Therapist | None = None
    case_id: bytes | None = None
    series_id: bytes | None = None
    sequence: int = 0
    cancelled_late: bool = False
    outcome: str | None = None
    clash_at: datetime | None = None
    asked_at: datetime | None = None
    offered_at: datetime | None = None
    answer_by: datetime | None = None
    may_move: bool = False
    may_answer: bool = False
    may_judge: bool = False
    is_late: bool = False
    proposals: tuple[datetime, ...] = ()
    unsaid_ids: tuple[bytes, ...] = ()
    unsaid_names: tuple[str, ...] = ()
    asks_me: bool = False

    @property
    def therapists(self) -> tuple[Therapist, ...]:
        """Who sees the clients: one, or two."""
        return (self.therapist,) if self.co_therapist is None else (self.therapist, self.co_therapist)


async def row_for(work: Work, person: Person, appointment_id: bytes) -> Row:
    """One appointment as it stands, unopened; NotFound, on record, for everyone who takes no part in it."""
    row = await appointment_of(person, work.connection, appointment_id)
    if row is None:
        raise NotFound("appointment_not_found", NOT_FOUND, about=("appointment", appointment_id))
    return row


async def found_by(work: Work, person: Person, appointment_id: bytes) -> Appointment:
    """One appointment as this person may read it; NotFound, on record, for everyone who takes no part in it."""
    return (await opened(work, person, [await row_for(work, person, appointment_id)]))[0]


async def opened(work: Work, person: Person, rows: Sequence[Row]) -> list[Appointment]:
    """These rows as `person` may read them, in the same order; a fixed number of statements."""
    services = {each.id: each for each in await clinic.every_service(work.connection)}
    therapists = {each.id: each for each in await clinic.every_therapist(work.connection)}
    people = list(dict.fromkeys(id_ for row in rows for id_ in row.client_ids))
    names = await names_of(work.connection, work.ring, people)
    readable = [words.record_id for row in rows for words in row.clients if _readable(person, words)]
    keys = await work.ring.readable(work.connection, readable)
    proposed = await _proposed(work, rows)
    return [
        shown(
            work,
            person,
            row,
            services[row.service_id],
            [therapists[id_] for id_ in row.therapist_ids],
            names=names,
            reason=_reason(row, keys),
            proposals=tuple(proposed[row.id]),
        )
        for row in rows
    ]


def _coming(person: Person, row: Row) -> int:
    """How many clients come, as the reader sees it: who is asked themselves waits for nobody."""
    unsaid = () if person.id in row.unsaid_ids else row.unsaid_ids
    return len(row.client_ids) - len(unsaid)


def shown(
    work: Work,
    person: Person,
    row: Row,
    service: Service,
    therapists: Sequence[Therapist],
    *,
    names: Mapping[bytes, str],
    reason: str | None,
    proposals: tuple[datetime, ...] = (),
) -> Appointment:
    """One row as `person` may read it, once all that belongs to it is at hand: read, or just written."""
    return Appointment(
        id=row.id,
        service=service,
        therapist=therapists[0],
        state=row.state,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.zone,
        client_ids=row.client_ids,
        client_names=tuple(names[id_] for id_ in row.client_ids if id_ in names),
        reason=reason,
        opens_at=rules.opens_at(row.starts_at, person.role),
        closes_at=row.ends_at + rules.CLOSES_AFTER,
        company=rules.company(service.seats, _coming(person, row), row.alone_since),
        other_names=tuple(names[id_] for id_ in row.client_ids if id_ in names and id_ != person.id),
        co_therapist=therapists[1] if len(therapists) > 1 else None,
        case_id=row.case_id,
        series_id=row.series_id,
        sequence=row.sequence,
        cancelled_late=row.cancelled_late,
        outcome=row.outcome,
        clash_at=row.clash_at,
        asked_at=row.asked_at,
        offered_at=row.offered_at,
        proposals=proposals,
        unsaid_ids=row.unsaid_ids,
        unsaid_names=tuple(names[id_] for id_ in row.unsaid_ids if id_ in names and id_ != person.id),
        asks_me=person.id in row.unsaid_ids,
        **_possible(person, row, service, work.now),
    )


def _cancels_for_all(person: Person, row: Row) -> bool:
    """One client cannot cancel for another: each leaves for their own part (`couples/leaving.py`)."""
    return person.role != "client" or len(row.client_ids) == 1


def _possible(person: Person, row: Row, service: Service, now: datetime) -> dict[str, Any]:
    """What its reader may do with it now, and until when."""
    when = {"starts_at": row.starts_at, "now": now}
    waits_since = row.asked_at if row.state == "asked" else None
    hours = rules.window(service.cancel_hours, row.offered_at)
    return {
        "may_cancel": _cancels_for_all(person, row) and rules.may_cancel(person.role, row.state, **when),
        "may_move": rules.may_move(person.role, row.state, cancel_hours=hours, **when),
        "may_judge": rules.may_judge(person.role, row.state, ends_at=row.ends_at, **when),
        "may_answer": rules.may_answer(person.role, row.state, **when),
        "is_late": rules.is_late(person.role, row.state, cancel_hours=hours, **when),
        "answer_by": None
        if waits_since is None
        else rules.answer_by(row.starts_at, waits_since, service.notice_minutes),
    }


async def _proposed(work: Work, rows: Sequence[Row]) -> dict[bytes, list[datetime]]:
    """Starts that are still ahead, proposed for any of these; what is booked has them until it begins."""
    ids = [
        row.id
        for row in rows
        if row.state == "declined" or (row.state == "booked" and row.starts_at > work.now)
    ]
    found: dict[bytes, list[datetime]] = defaultdict(list)
    if ids:
        ahead = proposals.c.appointment_id.in_(ids), proposals.c.starts_at > work.now
        for row in await work.connection.execute(
            select(proposals).where(*ahead).order_by(proposals.c.starts_at)
        ):
            found[row.appointment_id].append(row.starts_at)
    return found


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

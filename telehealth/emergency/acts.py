"""What who needs a record at once can do: ask, withdraw, and close what was opened. The answers never tell whether
such a client exists: only the second person learns that (`deciding.py`)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.office import Office, Work
from telehealth.audit.rules import EMERGENCY, Action
from telehealth.emergency import rules, store
from telehealth.emergency.store import Grant
from telehealth.errors import Conflict, NotFound
from telehealth.notices.acts import announce
from telehealth.people.store import names_of
from telehealth.person import Person
from telehealth.web.announcements import Announcement

NOT_FOUND = "There is no such request. Perhaps it is not yours to see."
ENOUGH = "Three of your requests wait already. Call the front desk about them, or withdraw one."
DECIDED = "This request does not wait any more. Its page shows what became of it."
WAITS_FOR_YOU = "A therapist asks for emergency access, and it takes a second person."
NOT_OPEN = "This access does not stand open any more, so there is nothing to close."


@dataclass(frozen=True)
class Request:
    """One request as its reader may see it; `name` and `reason` are empty where there are none to see.

    `name` is what the asker typed until somebody confirmed, from then on the client's own.
    """

    id: bytes
    state: rules.State
    asked_by: str
    asked_at: datetime
    lapses_at: datetime
    confirmed_by: str
    ends_at: datetime | None
    ended_at: datetime | None
    name: str
    reason: str


async def ask(office: Office, person: Person, *, name: str, reason: str) -> bytes:
    """Ask for access to the record of the client of that name; returns the id of the request.

    The same words, sent twice, ask once. NotFound for all but therapists; Invalid for the fields; Conflict
    "enough_requests".
    """
    if not rules.may_ask(person.role):
        raise NotFound("not_found", NOT_FOUND)
    wanted = rules.words_from(name, reason)

    async def act(work: Work) -> bytes:
        await forget_lapsed(work)
        recent = await store.grants_of(person, work.connection, work.now)
        waiting = [grant for grant in recent if grant.state(work.now) == "waiting"]
        for grant in waiting:
            if await words_of(work, grant) == wanted:
                return grant.id
        if len(waiting) >= rules.WAITING_AT_ONCE:
            raise Conflict("enough_requests", ENOUGH, about=("person", person.id))
        grant = await _written(work, person, *wanted)
        await on_record(work, "emergency.ask", "C", grant)
        return grant.id

    return await office.act(person, act)


async def _written(work: Work, person: Person, name: str, reason: str) -> Grant:
    """The request as it stands now, its words sealed for the asker until somebody says whom they concern."""
    record_id = work.chance(16)
    key = await work.ring.new_record(work.connection, record_id, "clinical", [person.id])
    grant = Grant(
        id=work.chance(16),
        asked_by=person.id,
        asked_at=work.now,
        subject_id=None,
        record_id=record_id,
        name=key.seal("emergency_grants", "name", 0, name),
        reason=key.seal("emergency_grants", "reason", 0, reason),
        revision=0,
        confirmed_by=None,
        confirmed_at=None,
        declined_at=None,
        ends_at=None,
        ended_at=None,
    )
    await store.add(work.connection, grant)
    return grant


async def requests(office: Office, person: Person) -> list[Request]:
    """The requests of the last thirty days that this person may see, the newest first, without their words.

    NotFound for everybody who neither asks nor decides.
    """
    if not (rules.may_ask(person.role) or rules.may_decide(person.role)):
        raise NotFound("not_found", NOT_FOUND)

    async def act(work: Work) -> list[Request]:
        found = await store.grants_of(person, work.connection, work.now)
        return await shown(work, person, found)

    return await office.act(person, act)


async def own_request(office: Office, person: Person, grant_id: bytes) -> Request:
    """One request of this person's own, with what they wrote and, while it is open, whose record it is."""

    async def act(work: Work) -> Request:
        grant = await found(work, person, grant_id)
        if grant.asked_by != person.id:
            raise NotFound("request_not_found", NOT_FOUND, about=("emergency", grant_id))
        name, reason = await words_of(work, grant)
        if grant.state(work.now) == "open" and grant.subject_id is not None:
            name = (await names_of(work.connection, work.ring, [grant.subject_id])).get(grant.subject_id, "")
            await looked(work, grant)
        elif grant.state(work.now) != "waiting":
            name, reason = "", ""
        return (await shown(work, person, [grant], name=name, reason=reason))[0]

    return await office.act(person, act)


async def withdraw(office: Office, person: Person, grant_id: bytes) -> None:
    """The asker does not need it any more; its words are gone. Conflict "already_decided" when it does not wait."""

    async def act(work: Work) -> None:
        grant = await found(work, person, grant_id)
        if grant.asked_by != person.id:
            raise NotFound("request_not_found", NOT_FOUND, about=("emergency", grant_id))
        if not await store.decide(work.connection, grant_id, work.now, ended_at=work.now):
            raise Conflict("already_decided", DECIDED, about=("emergency", grant_id))
        await store.forget_words(work.connection, grant)
        await on_record(work, "emergency.withdraw", "U", grant)

    await office.act(person, act)


async def end(office: Office, person: Person, grant_id: bytes) -> None:
    """Close an open record early: the asker, or whoever may decide. The client is told. Conflict "not_open"."""

    async def act(work: Work) -> None:
        grant = await found(work, person, grant_id)
        if grant.subject_id is None or not await store.end(work.connection, grant_id, work.now):
            raise Conflict("not_open", NOT_OPEN, about=("emergency", grant_id))
        names = await names_of(work.connection, work.ring, [grant.asked_by])
        body = {"who": names.get(grant.asked_by, ""), "at": work.now.isoformat()}
        await announce(work, grant.subject_id, "emergency_end", body, purpose=EMERGENCY)
        await on_record(work, "emergency.end", "U", grant)

    await office.act(person, act)


async def forget_lapsed(work: Work) -> int:
    """Requests that nobody decided within the hour lose their words; returns how many. The nightly job does it, too."""
    lapsed = await store.lapsed(work.connection, work.now)
    for grant in lapsed:
        await store.forget_words(work.connection, grant)
    return len(lapsed)


async def found(work: Work, person: Person, grant_id: bytes) -> Grant:
    """The request, if this person may see it; NotFound, on record, otherwise."""
    grant = await store.grant_of(person, work.connection, grant_id)
    if grant is None:
        raise NotFound("request_not_found", NOT_FOUND, about=("emergency", grant_id))
    return grant


async def words_of(work: Work, grant: Grant) -> tuple[str, str]:
    """The typed name and the reason, opened; empty where they are gone."""
    keys = await work.ring.records(work.connection, [grant.record_id])
    key = keys.get(grant.record_id)
    if key is None:
        return "", ""
    name = "" if grant.name is None else key.open("emergency_grants", "name", grant.revision, grant.name)
    reason = (
        "" if grant.reason is None else key.open("emergency_grants", "reason", grant.revision, grant.reason)
    )
    return name, reason


async def shown(
    work: Work, person: Person, grants: list[Grant], *, name: str = "", reason: str = ""
) -> list[Request]:
    """These requests with the names of the staff in them, each a look; in a fixed number of statements."""
    staff = {id_ for grant in grants for id_ in (grant.asked_by, grant.confirmed_by) if id_ is not None}
    names = await names_of(work.connection, work.ring, sorted(staff))
    await work.looked(entity="person", entity_id=person.id, subjects=list(names))
    return [
        Request(
            id=grant.id,
            state=grant.state(work.now),
            asked_by=names.get(grant.asked_by, ""),
            asked_at=grant.asked_at,
            lapses_at=grant.asked_at + rules.WAITS,
            confirmed_by=names.get(grant.confirmed_by or b"", ""),
            ends_at=grant.ends_at,
            ended_at=grant.ended_at,
            name=name,
            reason=reason,
        )
        for grant in grants
    ]


async def on_record(work: Work, type_: str, action: Action, grant: Grant) -> None:
    """Put an act on record: about the client, where it is known who that is."""
    subjects = [] if grant.subject_id is None else [grant.subject_id]
    await work.audit(
        type_, action, entity="emergency", entity_id=grant.id, subjects=subjects, purpose=EMERGENCY
    )


async def looked(work: Work, grant: Grant) -> None:
    """A response showed something of this client because of an emergency."""
    subjects = [] if grant.subject_id is None else [grant.subject_id]
    await work.looked(entity="emergency", entity_id=grant.id, subjects=subjects, purpose=EMERGENCY)


async def subjects_of(c: AsyncConnection, grant_id: bytes) -> list[bytes]:
    """Whom a request concerns: for the record of refusals."""
    subject_id = await store.subject_of(c, grant_id)
    return [] if subject_id is None else [subject_id]


async def announcements(office: Office, person: Person) -> list[Announcement]:
    """That a request waits for this person's decision."""
    if not rules.may_decide(person.role):
        return []
    async with office.database.reading() as connection:
        waits = await store.is_one_waiting(person, connection, office.clock())
    return [Announcement(WAITS_FOR_YOU, "Read and decide", "/emergency", urgent=True)] if waits else []

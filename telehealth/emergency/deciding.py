"""What the second person does: read the request, say whom it means, and open that record for two hours, or not."""

from dataclasses import dataclass, replace

from telehealth.audit.office import Office, Work
from telehealth.audit.rules import EMERGENCY
from telehealth.crypto.index import NotIndexable
from telehealth.emergency import acts, names, rules, store
from telehealth.emergency.acts import DECIDED, NOT_FOUND, Request
from telehealth.emergency.store import Grant
from telehealth.errors import Conflict, Forbidden, Invalid, NotFound
from telehealth.notices.acts import announce
from telehealth.people.finding import people_at
from telehealth.people.store import names_of, profile_of
from telehealth.person import Person

OWN = "You have asked for this yourself. It takes a second person to confirm it."
CHOOSE = "Please choose whom this request means."


@dataclass(frozen=True)
class Match:
    """One client whom what was typed may mean; `name` is empty for who gave none."""

    id: bytes
    name: str
    email: str


@dataclass(frozen=True)
class Question:
    """A request before its second person; `matches` only while it waits."""

    request: Request
    matches: tuple[Match, ...]


async def question(office: Office, person: Person, grant_id: bytes) -> Question:
    """What was asked, and whom it may mean. Of an earlier request: what became of it, and why it was made.

    NotFound for everybody who does not decide; Forbidden "own_request" for the asker.
    """

    async def act(work: Work) -> Question:
        grant = await _before(work, person, grant_id)
        typed, reason = await acts.words_of(work, grant)
        matches: list[Match] = []
        if grant.state(work.now) == "waiting":
            matches = await _matches(work, typed)
            subjects = [match.id for match in matches]
            await work.looked(entity="emergency", entity_id=grant.id, subjects=subjects, purpose=EMERGENCY)
        elif grant.subject_id is not None:
            typed = (await names_of(work.connection, work.ring, [grant.subject_id])).get(grant.subject_id, "")
            await acts.looked(work, grant)
        else:
            typed, reason = "", ""  # it came to nothing, so there is nothing to know
        request = (await acts.shown(work, person, [grant], name=typed, reason=reason))[0]
        return Question(request, tuple(matches))

    return await office.act(person, act)


async def confirm(office: Office, person: Person, grant_id: bytes, client_id: bytes | None) -> None:
    """Open this client's record to the asker for two hours, and tell the client at once.

    The client must be one of those whom the name may mean: Invalid "choose_client" otherwise. Conflict
    "already_decided" when the request does not wait any more, Forbidden "own_request" for the asker.
    """

    async def act(work: Work) -> None:
        grant = await _before(work, person, grant_id)
        if grant.state(work.now) != "waiting":
            raise Conflict("already_decided", DECIDED, about=("emergency", grant_id))
        typed, reason = await acts.words_of(work, grant)
        matches = {match.id: match for match in await _matches(work, typed)}
        if client_id is None or client_id not in matches:
            about = ("emergency", grant_id)
            raise Invalid("choose_client", CHOOSE, fields={"client": CHOOSE}, about=about)
        opened = await _open(work, person, grant, client_id, reason)
        await _tell(work, person, opened, reason)
        await acts.on_record(work, "emergency.confirm", "U", opened)

    await office.act(person, act)


async def decline(office: Office, person: Person, grant_id: bytes) -> None:
    """Say no; what was typed is gone. The asker is not told why: no answer may tell whether such a client exists."""

    async def act(work: Work) -> None:
        grant = await _before(work, person, grant_id)
        if not await store.decide(work.connection, grant_id, work.now, declined_at=work.now):
            raise Conflict("already_decided", DECIDED, about=("emergency", grant_id))
        await store.forget_words(work.connection, grant)
        await acts.on_record(work, "emergency.decline", "U", grant)

    await office.act(person, act)


async def _before(work: Work, person: Person, grant_id: bytes) -> Grant:
    """The request, for somebody who may decide it."""
    if not rules.may_decide(person.role):
        raise NotFound("request_not_found", NOT_FOUND, about=("emergency", grant_id))
    grant = await acts.found(work, person, grant_id)
    if grant.asked_by == person.id:
        raise Forbidden("own_request", OWN, about=("emergency", grant_id))
    return grant


async def _matches(work: Work, typed: str) -> list[Match]:
    """The clients of that address, or those whose names come nearest.

    Names are opened in memory, and forgotten (security.md, section 1).
    """
    try:
        at_address = await people_at(work.connection, work.ring, typed)
        nearest = await store.clients_among(work.connection, at_address)
    except NotIndexable:  # no address, so it is a name
        known = await names_of(work.connection, work.ring, await store.client_ids(work.connection))
        nearest = names.nearest(typed, known)
    found = []
    for id_ in nearest:
        name, email = await profile_of(work.connection, work.ring, id_)
        found.append(Match(id_, name or "", email or ""))
    return found


async def _open(work: Work, person: Person, grant: Grant, client_id: bytes, reason: str) -> Grant:
    """From now on the reason is the client's: sealed anew under a key that only theirs opens, the typed name gone."""
    opened = replace(
        grant,
        subject_id=client_id,
        record_id=work.chance(16),
        name=None,
        confirmed_by=person.id,
        confirmed_at=work.now,
        ends_at=work.now + rules.STANDS,
    )
    key = await work.ring.new_record(work.connection, opened.record_id, "clinical", [client_id])
    values = {
        "subject_id": client_id,
        "record_id": opened.record_id,
        "name": None,
        "reason": key.seal("emergency_grants", "reason", grant.revision, reason),
        "confirmed_by": person.id,
        "confirmed_at": opened.confirmed_at,
        "ends_at": opened.ends_at,
    }
    if not await store.decide(work.connection, grant.id, work.now, **values):
        raise Conflict("already_decided", DECIDED, about=("emergency", grant.id))
    await store.forget_keys(work.connection, grant.record_id)
    return opened


async def _tell(work: Work, person: Person, opened: Grant, reason: str) -> None:
    if opened.subject_id is None or opened.ends_at is None:
        raise ValueError("only an open record is announced")
    staff = await names_of(work.connection, work.ring, [opened.asked_by, person.id])
    body = {
        "who": staff.get(opened.asked_by, ""),
        "confirmed_by": staff.get(person.id, ""),
        "why": reason,
        "from": work.now.isoformat(),
        "until": opened.ends_at.isoformat(),
    }
    await announce(work, opened.subject_id, "emergency_open", body, purpose=EMERGENCY)

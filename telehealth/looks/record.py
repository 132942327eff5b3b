"""Reading the record as the administrator does: everybody's entries, staff by name, clients by their id alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from telehealth.audit.office import Office, Work
from telehealth.audit.reading import Wanted, latest
from telehealth.audit.rules import EMERGENCY, OPERATOR, Entry
from telehealth.errors import NotFound
from telehealth.looks import store
from telehealth.looks.store import Known
from telehealth.people.store import names_of
from telehealth.person import Person

PAGE = 100
AT_COMPUTER = "Somebody at the practice's computer"
NOT_YOURS = "There is nothing at this address. Perhaps it is not yours to see."
WHOLE_RECORD = bytes(16)  # the entity of a look at the record itself


@dataclass(frozen=True)
class Asked:
    """The administrator's filters; `agent` and `person` are ids of people. See `Wanted` for the others."""

    kind: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None
    agent: bytes | None = None
    person: bytes | None = None


@dataclass(frozen=True)
class Named:
    """Somebody in the record; `name` is empty for clients, who stand there by their id."""

    id: bytes
    role: str
    name: str


@dataclass(frozen=True)
class Shown:
    """One entry. `who` and `whom` are None where it names nobody, or nobody whom we still know."""

    entry: Entry
    who: Named | None
    whom: Named | None

    @property
    def is_emergency(self) -> bool:
        return self.entry.purpose == EMERGENCY


@dataclass(frozen=True)
class Page:
    """What was asked for; `earlier` is the id of the last entry where there are more, `nobody` that no person has
    the id that was asked for."""

    entries: Sequence[Shown]
    staff: Sequence[Named]
    earlier: bytes | None
    nobody: bool


async def record(office: Office, person: Person, asked: Asked, before: bytes | None = None) -> Page:
    """The newest entries that fit. Each name shown is a look at theirs, and so is asking what one person did or what
    concerned them.

    NotFound for everybody but administrators; about a person it is a refusal on that person's record.
    """

    async def act(work: Work) -> Page:
        if person.role != "administrator":
            one = asked.person or asked.agent
            raise NotFound("not_found", NOT_YOURS, about=None if one is None else ("person", one))
        staff = await _named(work, await store.staff(work))
        named = [each.id for each in staff if each.name]
        await work.looked(entity="person", entity_id=person.id, subjects=named)
        if asked.person is not None and not await store.is_known(work, asked.person):
            return Page([], staff, None, nobody=True)
        found = await latest(work.connection, _wanted(work, asked), before=before, limit=PAGE + 1)
        entries = await _shown(work, found[:PAGE], staff)
        asked_about = {each for each in (asked.person, asked.agent) if each is not None}
        await work.looked(entity="audit", entity_id=WHOLE_RECORD, subjects=sorted(asked_about))
        return Page(entries, staff, found[PAGE - 1].id if len(found) > PAGE else None, nobody=False)

    return await office.act(person, act)


def _wanted(work: Work, asked: Asked) -> Wanted:
    return Wanted(
        patient=None if asked.person is None else work.pseudonym(asked.person),
        agent=None if asked.agent is None else work.pseudonym(asked.agent),
        kind=asked.kind,
        outcome=asked.outcome,
        since=asked.since,
        until=asked.until,
    )


async def _named(work: Work, found: Sequence[Known]) -> list[Named]:
    names = await names_of(work.connection, work.ring, [each.id for each in found])
    return [Named(each.id, each.role, names.get(each.id, "")) for each in found]


async def _shown(work: Work, entries: Sequence[Entry], staff: Sequence[Named]) -> list[Shown]:
    pseudonyms = {each for entry in entries for each in (entry.agent, entry.patient) if each is not None}
    by_id = {each.id: each for each in staff}
    at_computer = work.pseudonym(OPERATOR)
    pseudonyms.discard(at_computer)
    known = {at_computer: Named(OPERATOR, "operator", AT_COMPUTER)} | {
        pseudonym: by_id.get(each.id) or Named(each.id, each.role, "")
        for pseudonym, each in (await store.people_behind(work, pseudonyms)).items()
    }
    return [Shown(entry, _of(known, entry.agent), _of(known, entry.patient)) for entry in entries]


def _of(known: Mapping[bytes, Named], pseudonym: bytes | None) -> Named | None:
    return None if pseudonym is None else known.get(pseudonym)

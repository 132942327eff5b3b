"""Reading the record: what concerns oneself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from telehealth.audit.office import Office, Work
from telehealth.audit.reading import Wanted, latest
from telehealth.audit.rules import EMERGENCY, OPERATOR, Entry
from telehealth.clinic import store as clinic
from telehealth.looks import store
from telehealth.looks.rules import Act, Day, Who, days_of, may_be_named
from telehealth.looks.store import Known
from telehealth.looks.wording import words_of
from telehealth.people.store import names_of
from telehealth.person import Person

PAGE = 200
ROLES = {
    "client": "another client",
    "therapist": "therapist",
    "front_desk": "front desk",
    "administrator": "administrator",
}
GONE = Who("somebody who is not here any more")
ITSELF = Who("the service itself")
AT_COMPUTER = Who("somebody at the practice's computer")  # at the command line, where nobody signs in
NOT_SIGNED_IN = Who("somebody who was not signed in")
SHARING = Who("somebody you share an appointment with")  # no other client gets so far


@dataclass(frozen=True)
class Looks:
    """One page of it; `earlier` is the id of its last entry where there are more."""

    days: Sequence[Day]
    earlier: bytes | None


async def looks(office: Office, person: Person, zone: ZoneInfo, before: bytes | None = None) -> Looks:
    """Who opened or changed this person's record, the latest first; asking is itself a look at it."""

    async def act(work: Work) -> Looks:
        mine = Wanted(patient=work.pseudonym(person.id))
        found = await latest(work.connection, mine, before=before, limit=PAGE + 1)
        shown = found[:PAGE]
        whos = await _whos(work, person, [entry.agent for entry in shown if entry.agent])
        await work.looked(entity="person", entity_id=person.id, subjects=[person.id])
        acts = [_act(entry, whos, zone) for entry in shown]
        return Looks(days_of(acts), shown[-1].id if len(found) > PAGE else None)

    return await office.act(person, act)


async def entries_about(work: Work, person_id: bytes, *, limit: int) -> list[Entry]:
    """What is on record about somebody, the latest first: for the archive of their data."""
    return await latest(work.connection, Wanted(patient=work.pseudonym(person_id)), limit=limit)


async def acts_about(work: Work, person: Person, zone: ZoneInfo, *, limit: int) -> list[Act]:
    """The same in words, as that person may read it."""
    found = await entries_about(work, person.id, limit=limit)
    whos = await _whos(work, person, [entry.agent for entry in found if entry.agent])
    return [_act(entry, whos, zone) for entry in found]


def _act(entry: Entry, whos: Mapping[bytes, Who], zone: ZoneInfo) -> Act:
    refused = entry.outcome == "refused"
    nobody = NOT_SIGNED_IN if refused else ITSELF
    who = nobody if entry.agent is None else whos.get(entry.agent, GONE)
    return Act(
        at=entry.ts.astimezone(zone),
        who=SHARING if who.role == ROLES["client"] and not refused else who,
        what=words_of(entry.type, entry.outcome, entry.entity_type),
        refused=refused,
        emergency=entry.purpose == EMERGENCY,
    )


async def _whos(work: Work, reader: Person, agents: Sequence[bytes]) -> dict[bytes, Who]:
    """Who did it, as this reader may know them. Names of colleagues are sealed, so that showing them is a look."""
    at_computer = work.pseudonym(OPERATOR)
    found = await store.people_behind(work, [agent for agent in agents if agent != at_computer])
    names = await _names(work, reader, list(found.values()))
    whos = {pseudonym: _who(reader, known, names) for pseudonym, known in found.items()}
    return {**whos, at_computer: AT_COMPUTER}


async def _names(work: Work, reader: Person, found: Sequence[Known]) -> Mapping[bytes, str]:
    if reader.role == "client":  # what the public pages say anyway
        return {each.id: each.name for each in await clinic.therapists(work.connection)}
    named = [each.id for each in found if may_be_named(reader.role, each.role) and each.id != reader.id]
    names = await names_of(work.connection, work.ring, named)
    await work.looked(entity="person", entity_id=reader.id, subjects=list(names))
    return names


def _who(reader: Person, known: Known, names: Mapping[bytes, str]) -> Who:
    if known.id == reader.id:
        return Who("you", is_reader=True)
    if known.role == "client" and reader.role != "client":
        return Who("a client")
    name = names.get(known.id, "") if may_be_named(reader.role, known.role) else ""
    return Who(ROLES[known.role], name)

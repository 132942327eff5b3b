"""What an erasure would do, told to the person before they ask for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from telehealth.appointments.store import appointments_of
from telehealth.audit.office import Office, Work
from telehealth.person import Person
from telehealth.privacy import rules, store


@dataclass(frozen=True)
class Kept:
    """One thing that a legal hold keeps: what it is in plain words, and the reason as it was written."""

    what: str
    reason: str


@dataclass(frozen=True)
class Prospect:
    """How many appointments ahead would be cancelled, and what would have to stay."""

    ahead: int
    kept: Sequence[Kept]


async def prospect(office: Office, person: Person) -> Prospect:
    """Look ahead, and put that on record where a reason was opened for it."""

    async def act(work: Work) -> Prospect:
        rows = await appointments_of(person, work.connection, first=work.now)
        kept = await _kept(work, person)
        if kept:
            await work.looked(entity="person", entity_id=person.id, subjects=[person.id])
        return Prospect(sum(row.state == "booked" for row in rows), kept)

    return await office.act(person, act)


async def _kept(work: Work, person: Person) -> list[Kept]:
    standing = [each for each in await store.holds_of(work.connection, person.id) if each.lifted_at is None]
    keys = await work.ring.records(work.connection, [each.id for each in standing])
    return [
        Kept(
            rules.CLASS_WORDS[each.cls],
            keys[each.id].open("legal_holds", "reason", 0, each.reason) if each.id in keys else "",
        )
        for each in standing
    ]

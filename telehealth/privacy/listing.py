"""Who is known here, for whoever must find somebody's id at the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from telehealth.audit.office import Office, Work
from telehealth.errors import NotFound
from telehealth.people.forgetting import role_of
from telehealth.people.models import people
from telehealth.people.store import names_of
from telehealth.privacy import store
from telehealth.privacy.acts import NOBODY


@dataclass(frozen=True)
class Known:
    """One person; `name` is empty where none was given or it is erased."""

    id: bytes
    role: str
    name: str
    since: datetime
    erased: bool


@dataclass(frozen=True)
class Standing:
    """One legal hold, opened; `reason` is empty once its class is gone."""

    id: bytes
    cls: str
    reason: str
    set_at: datetime
    lifted_at: datetime | None


async def everybody(office: Office) -> Sequence[Known]:
    """Everybody, the newest first; each name that is opened is a look at that person's record."""

    async def act(work: Work) -> Sequence[Known]:
        query = select(people.c.id, people.c.role, people.c.created_at)
        rows = (await work.connection.execute(query.order_by(people.c.created_at.desc(), people.c.id))).all()
        names = await names_of(work.connection, work.ring, [row.id for row in rows])
        erased = {each.subject_id for each in await store.all_erasures(work.connection)}
        for person_id in names:
            await work.looked(entity="person", entity_id=person_id, subjects=[person_id])
        return [
            Known(row.id, row.role, names.get(row.id, ""), row.created_at, row.id in erased) for row in rows
        ]

    return await office.act(None, act)


async def holds(office: Office, subject_id: bytes) -> Sequence[Standing]:
    """Every legal hold on one person's records, lifted or not, the oldest first. NotFound for nobody."""

    async def act(work: Work) -> Sequence[Standing]:
        if await role_of(work.connection, subject_id) is None:
            raise NotFound("person_not_found", NOBODY)
        found = await store.holds_of(work.connection, subject_id)
        keys = await work.ring.records(work.connection, [each.id for each in found])
        if keys:
            await work.looked(entity="person", entity_id=subject_id, subjects=[subject_id])
        return [
            Standing(
                each.id,
                each.cls,
                keys[each.id].open("legal_holds", "reason", 0, each.reason) if each.id in keys else "",
                each.set_at,
                each.lifted_at,
            )
            for each in found
        ]

    return await office.act(None, act)

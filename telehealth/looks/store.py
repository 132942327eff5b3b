"""Who stands behind a pseudonym: found by making everybody's anew, which only this service can."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from telehealth.audit.office import Work
from telehealth.people.models import people
from telehealth.person import Role


@dataclass(frozen=True)
class Known:
    """A person as the table of people has them: no name."""

    id: bytes
    role: Role


async def staff(work: Work) -> list[Known]:
    """Everybody who works here, in a fixed order."""
    query = select(people.c.id, people.c.role).where(people.c.role != "client")
    return [
        Known(*row) for row in await work.connection.execute(query.order_by(people.c.created_at, people.c.id))
    ]


async def people_behind(work: Work, pseudonyms: Collection[bytes]) -> dict[bytes, Known]:
    """Those of the pseudonyms that are somebody's here; clients are gone through only where staff are not enough."""
    wanted = set(pseudonyms)
    found: dict[bytes, Known] = {}
    for is_client in (False, True):
        if len(found) == len(wanted):
            break
        query = select(people.c.id, people.c.role).where((people.c.role == "client") == is_client)
        for id_, role in await work.connection.execute(query):
            made = work.pseudonym(id_)
            if made in wanted:
                found[made] = Known(id_, role)
    return found


async def is_known(work: Work, person_id: bytes) -> bool:
    """Whether there is or was such a person."""
    found = await work.connection.execute(select(people.c.id).where(people.c.id == person_id))
    return found.first() is not None

"""Queries about emergency access; the acting person comes first and decides what there is to see."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, false, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.sealed import Sealed
from telehealth.emergency import rules
from telehealth.emergency.models import emergency_grants as grants
from telehealth.keys.models import record_keys
from telehealth.people.models import people
from telehealth.person import Person

CLIENTS_SEARCHED = 5_000  # security.md, section 1
SHOWN_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Grant:
    """One request and what became of it. Times are aware UTC; `name` and `reason` are sealed under `record_id`."""

    id: bytes
    asked_by: bytes
    asked_at: datetime
    subject_id: bytes | None
    record_id: bytes
    name: Sealed | None
    reason: Sealed | None
    revision: int
    confirmed_by: bytes | None
    confirmed_at: datetime | None
    declined_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None

    def state(self, now: datetime) -> rules.State:
        """Where it stands at that moment."""
        return rules.state(
            asked_at=self.asked_at,
            confirmed_at=self.confirmed_at,
            declined_at=self.declined_at,
            ends_at=self.ends_at,
            ended_at=self.ended_at,
            now=now,
        )


def _visible_to(person: Person) -> ColumnElement[bool]:
    """Who asked sees their own; who decides sees all; for everyone else there are none."""
    if rules.may_decide(person.role):
        return true()
    return grants.c.asked_by == person.id if rules.may_ask(person.role) else false()


def _waiting(now: datetime) -> ColumnElement[bool]:
    undecided = grants.c.confirmed_at.is_(None) & grants.c.declined_at.is_(None) & grants.c.ended_at.is_(None)
    return undecided & (grants.c.asked_at > now - rules.WAITS)


def clients_open_to(person: Person, now: datetime) -> Select[tuple[bytes | None]]:
    """The ids of those clients whose records stand open to this person at this moment, as a subquery."""
    query = select(grants.c.subject_id).where(
        grants.c.asked_by == person.id,
        grants.c.confirmed_at.is_not(None),
        grants.c.ended_at.is_(None),
        grants.c.ends_at > now,
        grants.c.subject_id.is_not(None),
    )
    return query if rules.may_ask(person.role) else query.where(false())


async def grants_of(person: Person, c: AsyncConnection, now: datetime) -> list[Grant]:
    """What this person may see of the last thirty days, the newest first."""
    recent = grants.c.asked_at > now - SHOWN_FOR
    query = select(grants).where(_visible_to(person), recent).order_by(grants.c.asked_at.desc(), grants.c.id)
    return [Grant(**row._mapping) for row in await c.execute(query)]


async def grant_of(person: Person, c: AsyncConnection, grant_id: bytes) -> Grant | None:
    """One request, if this person may see it."""
    row = (await c.execute(select(grants).where(_visible_to(person), grants.c.id == grant_id))).one_or_none()
    return None if row is None else Grant(**row._mapping)


async def is_one_waiting(person: Person, c: AsyncConnection, now: datetime) -> bool:
    """Whether a request waits for this person's decision."""
    if not rules.may_decide(person.role):
        return False
    waiting = exists().where(_waiting(now), grants.c.asked_by != person.id)
    return bool((await c.execute(select(waiting))).scalar_one())


async def lapsed(c: AsyncConnection, now: datetime) -> list[Grant]:
    """Requests that nobody decided in time and that still have their words."""
    undecided = grants.c.confirmed_at.is_(None) & (grants.c.asked_at <= now - rules.WAITS)
    query = select(grants).where(undecided, or_(grants.c.name.is_not(None), grants.c.reason.is_not(None)))
    return [Grant(**row._mapping) for row in await c.execute(query)]


async def subject_of(c: AsyncConnection, grant_id: bytes) -> bytes | None:
    """Whom a request concerns, once that is known."""
    return (await c.execute(select(grants.c.subject_id).where(grants.c.id == grant_id))).scalar_one_or_none()


async def client_ids(c: AsyncConnection) -> list[bytes]:
    """The clients among whom a name is looked for, the newest first."""
    query = select(people.c.id).where(people.c.role == "client", people.c.name.is_not(None))
    newest = query.order_by(people.c.created_at.desc(), people.c.id).limit(CLIENTS_SEARCHED)
    return list((await c.execute(newest)).scalars())


async def clients_among(c: AsyncConnection, ids: Sequence[bytes]) -> list[bytes]:
    """Those of these people who are clients."""
    query = select(people.c.id).where(people.c.role == "client", people.c.id.in_(ids))
    return list((await c.execute(query.order_by(people.c.id))).scalars())


async def add(c: AsyncConnection, grant: Grant) -> None:
    """Write a request."""
    await c.execute(insert(grants).values(**asdict(grant)))


async def decide(c: AsyncConnection, grant_id: bytes, now: datetime, **values: Any) -> bool:
    """Change a request that still waits; False when it does not."""
    changed = await c.execute(update(grants).where(grants.c.id == grant_id, _waiting(now)).values(**values))
    return changed.rowcount == 1


async def end(c: AsyncConnection, grant_id: bytes, now: datetime) -> bool:
    """Close what stands open; False when it does not."""
    standing = grants.c.confirmed_at.is_not(None) & grants.c.ended_at.is_(None) & (grants.c.ends_at > now)
    changed = await c.execute(update(grants).where(grants.c.id == grant_id, standing).values(ended_at=now))
    return changed.rowcount == 1


async def forget_words(c: AsyncConnection, grant: Grant) -> None:
    """What was typed is gone from the row, and its keys with it, so that no older copy opens either."""
    await c.execute(update(grants).where(grants.c.id == grant.id).values(name=None, reason=None))
    await forget_keys(c, grant.record_id)


async def forget_keys(c: AsyncConnection, record_id: bytes) -> None:
    """What was sealed under this record opens for nobody from now on."""
    await c.execute(delete(record_keys).where(record_keys.c.record_id == record_id))

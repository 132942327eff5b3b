"""Queries about the waiting list: one's own, and for the worker who comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.keys.keyring import Keyring
from telehealth.people.models import people
from telehealth.person import Person
from telehealth.waiting.models import offers, waiting
from telehealth.waiting.rules import Wish, wish_from


@dataclass(frozen=True)
class Entry:
    """One wish, opened; `before`: an earlier time helps until then. Times are aware UTC."""

    id: bytes
    person_id: bytes
    service_id: bytes
    wish: Wish
    before: datetime
    created_at: datetime


@dataclass(frozen=True)
class Offer:
    """A time that is or was kept for somebody; `answer` is None while it is open."""

    waiting_id: bytes
    therapist_id: bytes
    starts_at: datetime
    appointment_id: bytes
    answer_by: datetime
    answer: str | None


async def add(
    c: AsyncConnection,
    ring: Keyring,
    id_: bytes,
    person_id: bytes,
    service_id: bytes,
    wish: Wish,
    **times: datetime,
) -> None:
    """Write a wish, sealed for whom it is. `times` are `before` and `created_at`."""
    key = await ring.new_record(c, id_, "booking", [person_id])
    sealed = key.seal("waiting", "wish", 0, wish.text())
    await c.execute(
        insert(waiting).values(id=id_, person_id=person_id, service_id=service_id, wish=sealed, **times)
    )


async def entries_of(person: Person, c: AsyncConnection, ring: Keyring) -> list[Entry]:
    """What this person still waits for, the oldest first."""
    return await _opened(c, ring, _live().where(waiting.c.person_id == person.id))


async def end_past(c: AsyncConnection, now: datetime) -> None:
    """Those for whom it is too late wait no more."""
    past = update(waiting).where(waiting.c.ended_at.is_(None), waiting.c.before <= now)
    await c.execute(past.values(ended_at=now))


async def in_order(c: AsyncConnection) -> list[bytes]:
    """The wishes of everybody who waits, who has waited longest first; a closed account is offered nothing."""
    theirs = people.c.id == waiting.c.person_id, people.c.disabled_at.is_(None)
    query = _live().with_only_columns(waiting.c.id).join(people, and_(*theirs))
    return list((await c.execute(query)).scalars())


async def opened(c: AsyncConnection, ring: Keyring, ids: Sequence[bytes]) -> list[Entry]:
    """These wishes, in the same order, as far as they still wait; whose key is gone waits no more."""
    return await _opened(c, ring, _live().where(waiting.c.id.in_(ids)))


def _live() -> Select[Any]:
    return select(waiting).where(waiting.c.ended_at.is_(None)).order_by(waiting.c.created_at, waiting.c.id)


async def _opened(c: AsyncConnection, ring: Keyring, query: Select[Any]) -> list[Entry]:
    rows = (await c.execute(query)).all()
    keys = await ring.records(c, [row.id for row in rows])
    return [
        Entry(
            row.id,
            row.person_id,
            row.service_id,
            wish_from(keys[row.id].open("waiting", "wish", 0, row.wish)),
            row.before,
            row.created_at,
        )
        for row in rows
        if row.id in keys
    ]


async def end(c: AsyncConnection, waiting_id: bytes, now: datetime) -> bool:
    """They wait no more; False when they did not already."""
    change = update(waiting).where(waiting.c.id == waiting_id, waiting.c.ended_at.is_(None))
    return (await c.execute(change.values(ended_at=now))).rowcount == 1


async def whose(c: AsyncConnection, waiting_id: bytes) -> list[bytes]:
    """Whom a wish concerns: for the record of refusals."""
    return list((await c.execute(select(waiting.c.person_id).where(waiting.c.id == waiting_id))).scalars())


async def service_of(c: AsyncConnection, waiting_id: bytes) -> bytes:
    """The service that was wished for."""
    found: bytes = (
        await c.execute(select(waiting.c.service_id).where(waiting.c.id == waiting_id))
    ).scalar_one()
    return found


def _offers() -> Select[Any]:
    return select(*(offers.c[name] for name in Offer.__dataclass_fields__))


async def offers_of(c: AsyncConnection, waiting_ids: Sequence[bytes]) -> list[Offer]:
    """Everything these were ever offered."""
    rows = await c.execute(_offers().where(offers.c.waiting_id.in_(waiting_ids)).order_by(offers.c.made_at))
    return [Offer(**row._mapping) for row in rows]


async def offer_to(person: Person, c: AsyncConnection, appointment_id: bytes) -> Offer | None:
    """One offer, if it was made to this person."""
    theirs = select(waiting.c.id).where(waiting.c.person_id == person.id)
    query = _offers().where(offers.c.appointment_id == appointment_id, offers.c.waiting_id.in_(theirs))
    row = (await c.execute(query)).one_or_none()
    return None if row is None else Offer(**row._mapping)


async def overdue(c: AsyncConnection, now: datetime) -> list[Offer]:
    """Open offers that nobody answered in time."""
    rows = await c.execute(_offers().where(offers.c.answer.is_(None), offers.c.answer_by <= now))
    return [Offer(**row._mapping) for row in rows]


async def add_offer(c: AsyncConnection, offer: Offer, now: datetime) -> None:
    """Write an offer."""
    values = {name: getattr(offer, name) for name in Offer.__dataclass_fields__}
    await c.execute(insert(offers).values(**values, made_at=now))


async def answer(c: AsyncConnection, appointment_id: bytes, said: str) -> bool:
    """Close an open offer; False when it was closed already."""
    change = update(offers).where(offers.c.appointment_id == appointment_id, offers.c.answer.is_(None))
    return (await c.execute(change.values(answer=said))).rowcount == 1


async def forget(c: AsyncConnection, waiting_ids: Sequence[bytes]) -> None:
    """Remove wishes and what they were offered."""
    await c.execute(delete(offers).where(offers.c.waiting_id.in_(waiting_ids)))
    await c.execute(delete(waiting).where(waiting.c.id.in_(waiting_ids)))

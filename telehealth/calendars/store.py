"""Queries about subscribed calendars and feeds; a therapist's own, and for the worker what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.availability.models import busy_calendars, busy_times, feeds
from telehealth.crypto.sealed import Sealed
from telehealth.person import Person


@dataclass(frozen=True)
class CalendarRow:
    """One subscribed calendar as it stands; its address is sealed. `failures` counts those in a row."""

    id: bytes
    therapist_id: bytes
    revision: int
    address: Sealed
    state: str
    failure: str | None
    failures: int
    etag: str | None
    last_modified: str | None
    fetched_at: datetime | None
    read_until: datetime | None
    due_at: datetime


def _calendars() -> Select[Any]:
    names = CalendarRow.__dataclass_fields__
    return select(*(busy_calendars.c[name] for name in names))


async def calendars_of(person: Person, c: AsyncConnection) -> list[CalendarRow]:
    """Those of this therapist, in the order of their ids."""
    query = _calendars().where(busy_calendars.c.therapist_id == person.id).order_by(busy_calendars.c.id)
    return [CalendarRow(**row._mapping) for row in await c.execute(query)]


async def busy_ahead(c: AsyncConnection, calendar_ids: Sequence[bytes], now: datetime) -> dict[bytes, int]:
    """How many busy times of each calendar are still to come."""
    count = func.count().label("busy")
    query = select(busy_times.c.calendar_id, count).where(
        busy_times.c.calendar_id.in_(calendar_ids), busy_times.c.ends_at > now
    )
    rows = await c.execute(query.group_by(busy_times.c.calendar_id))
    return {row.calendar_id: row.busy for row in rows}


async def add(c: AsyncConnection, values: dict[str, Any]) -> None:
    """Write a calendar."""
    await c.execute(insert(busy_calendars).values(**values))


async def remove(person: Person, c: AsyncConnection, calendar_id: bytes) -> bool:
    """Remove one of this therapist's with its busy times; False when it is not theirs."""
    mine = busy_calendars.c.id == calendar_id, busy_calendars.c.therapist_id == person.id
    if (await c.execute(select(busy_calendars.c.id).where(*mine).with_for_update())).one_or_none() is None:
        return False
    await c.execute(delete(busy_times).where(busy_times.c.calendar_id == calendar_id))
    await c.execute(delete(busy_calendars).where(*mine))
    return True


async def claim_due(c: AsyncConnection, now: datetime, leased_until: datetime) -> CalendarRow | None:
    """The calendar that has waited longest, kept from other workers until `leased_until`; None when none is due."""
    due = _calendars().where(busy_calendars.c.due_at <= now).order_by(busy_calendars.c.due_at).limit(1)
    row = (await c.execute(due.with_for_update(skip_locked=True))).one_or_none()
    if row is None:
        return None
    await c.execute(update(busy_calendars).where(busy_calendars.c.id == row.id).values(due_at=leased_until))
    return CalendarRow(**row._mapping)


async def note(c: AsyncConnection, row: CalendarRow, values: dict[str, Any]) -> bool:
    """Write how asking went; False when the calendar was removed meanwhile."""
    change = update(busy_calendars).where(busy_calendars.c.id == row.id)
    return (await c.execute(change.values(**values))).rowcount == 1


async def replace_times(
    c: AsyncConnection, calendar_id: bytes, times: Sequence[tuple[datetime, datetime]]
) -> None:
    """These are the busy times of the calendar from now on."""
    await c.execute(delete(busy_times).where(busy_times.c.calendar_id == calendar_id))
    if times:
        rows = [{"calendar_id": calendar_id, "starts_at": start, "ends_at": end} for start, end in times]
        await c.execute(insert(busy_times), rows)


async def set_feed(person: Person, c: AsyncConnection, feed_hash: bytes, now: datetime) -> None:
    """The address of this therapist's own calendar from now on; the one before it leads nowhere."""
    await drop_feed(person, c)
    await c.execute(insert(feeds).values(therapist_id=person.id, hash=feed_hash, created_at=now))


async def drop_feed(person: Person, c: AsyncConnection) -> bool:
    """Revoke the address; False when there was none."""
    return (await c.execute(delete(feeds).where(feeds.c.therapist_id == person.id))).rowcount == 1


async def feed_of(person: Person, c: AsyncConnection) -> tuple[datetime, datetime | None] | None:
    """(made at, last read at) of this therapist's address, or None."""
    query = select(feeds.c.created_at, feeds.c.used_at).where(feeds.c.therapist_id == person.id)
    row = (await c.execute(query)).one_or_none()
    return None if row is None else (row.created_at, row.used_at)


async def is_feed_of(person: Person, c: AsyncConnection, feed_hash: bytes) -> bool:
    """Whether a secret address of this hash is theirs now."""
    query = select(feeds.c.hash).where(feeds.c.therapist_id == person.id, feeds.c.hash == feed_hash)
    return (await c.execute(query)).first() is not None


async def use_feed(c: AsyncConnection, feed_hash: bytes, now: datetime) -> bytes | None:
    """Whose address it is, noted as used now; None for an unknown or revoked one."""
    change = (
        update(feeds).where(feeds.c.hash == feed_hash).values(used_at=now).returning(feeds.c.therapist_id)
    )
    found: bytes | None = (await c.execute(change)).scalar_one_or_none()
    return found


async def whose(c: AsyncConnection, calendar_id: bytes) -> list[bytes]:
    """Whom a calendar concerns: for the record of refusals."""
    query = select(busy_calendars.c.therapist_id).where(busy_calendars.c.id == calendar_id)
    return list((await c.execute(query)).scalars())

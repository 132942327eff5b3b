"""What each person's own calendar was told of an appointment, and which reminders were made."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.office import Work
from telehealth.notices.models import calendar_entries, reminders
from telehealth.notices.rules import CalendarEntry, State, entry_after


async def told(
    work: Work,
    appointment_id: bytes,
    person_id: bytes,
    *,
    starts_at: datetime,
    ends_at: datetime,
    state: State,
) -> CalendarEntry | None:
    """Note what this person's calendar is told now, under a UID that is theirs alone; told the same again, it is the
    same. None when there is nothing to tell it."""
    c = work.connection
    known = await _entry(c, appointment_id, person_id)
    entry = entry_after(known, uid=work.chance(16).hex(), starts_at=starts_at, ends_at=ends_at, state=state)
    if entry is None or entry == known:
        return entry
    values = {
        "sequence": entry.sequence,
        "starts_at": entry.starts_at,
        "ends_at": entry.ends_at,
        "state": entry.state,
    }
    theirs = calendar_entries.c.appointment_id == appointment_id, calendar_entries.c.person_id == person_id
    if known is not None:
        await c.execute(update(calendar_entries).where(*theirs).values(**values))
        return entry
    ids = {"appointment_id": appointment_id, "person_id": person_id, "uid": entry.uid}
    try:
        async with c.begin_nested():
            await c.execute(insert(calendar_entries).values(**ids, **values))
    except IntegrityError:  # another worker, or their own download, at this very moment
        return await told(work, appointment_id, person_id, starts_at=starts_at, ends_at=ends_at, state=state)
    return entry


async def _entry(c: AsyncConnection, appointment_id: bytes, person_id: bytes) -> CalendarEntry | None:
    """Held until this transaction ends."""
    names = ("uid", "sequence", "starts_at", "ends_at", "state")
    query = select(*(calendar_entries.c[name] for name in names)).where(
        calendar_entries.c.appointment_id == appointment_id, calendar_entries.c.person_id == person_id
    )
    row = (await c.execute(query.with_for_update())).one_or_none()
    return None if row is None else CalendarEntry(**row._mapping)


async def entries_of(c: AsyncConnection, person_id: bytes) -> list[tuple[bytes, CalendarEntry]]:
    """(appointment, entry) of everything in one person's calendar, in order of time."""
    query = select(calendar_entries).where(calendar_entries.c.person_id == person_id)
    rows = await c.execute(query.order_by(calendar_entries.c.starts_at, calendar_entries.c.uid))
    return [
        (row.appointment_id, CalendarEntry(row.uid, row.sequence, row.starts_at, row.ends_at, row.state))
        for row in rows
    ]


async def remind_once(
    work: Work, appointment_id: bytes, person_id: bytes, hours: int, starts_at: datetime
) -> bool:
    """Whether this reminder is to be made now, by this worker; its row stands or falls with the transaction."""
    ids = {"appointment_id": appointment_id, "person_id": person_id, "hours": hours, "starts_at": starts_at}
    try:
        async with work.connection.begin_nested():
            await work.connection.execute(insert(reminders).values(**ids, made_at=work.now))
    except IntegrityError:
        return False
    return True


async def reminded_of(
    c: AsyncConnection, appointment_ids: Collection[bytes]
) -> set[tuple[bytes, bytes, int, datetime]]:
    """(appointment, person, hours before, start) of the reminders that were made already."""
    rows = await c.execute(select(reminders).where(reminders.c.appointment_id.in_(appointment_ids)))
    return {(row.appointment_id, row.person_id, row.hours, row.starts_at) for row in rows}


async def reminders_of(c: AsyncConnection, person_id: bytes) -> list[tuple[datetime, int]]:
    """(made at, hours before) of one person's reminders, the oldest first."""
    query = select(reminders).where(reminders.c.person_id == person_id).order_by(reminders.c.made_at)
    return [(row.made_at, row.hours) for row in await c.execute(query)]


async def forget_of(c: AsyncConnection, person_id: bytes) -> None:
    """What one person's calendar was told, and what they were reminded of."""
    for table in (calendar_entries, reminders):
        await c.execute(delete(table).where(table.c.person_id == person_id))


async def forget_about(c: AsyncConnection, appointment_ids: Collection[bytes]) -> None:
    """The same of these appointments, for everybody."""
    for table in (calendar_entries, reminders):
        await c.execute(delete(table).where(table.c.appointment_id.in_(appointment_ids)))

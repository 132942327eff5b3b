"""Queries about hours and what is taken: a fixed number of statements, however many therapists."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, column, func, insert, or_, select, table, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.availability.models import (
    busy_calendars,
    busy_times,
    exceptions,
    holds,
    hours,
    occupancies,
    workloads,
)
from telehealth.availability.rules import Calendar, Dated, Session, Weekly, Workload
from telehealth.db.tables import Id, UtcTime

LIVE = ("held", "asked", "booked", "attended")  # states that take time, as in `telehealth.db.occupancy`
WIDER = timedelta(
    days=2
)  # what begins on the same local day, or reaches into it, is at most this far outside the range
Busy = dict[bytes, list[tuple[datetime, datetime]]]

# Of the noun above this one nothing is asked but when its sessions begin.
_appointments = table("appointments", column("id", Id), column("starts_at", UtcTime))


async def calendars(
    c: AsyncConnection,
    zones: Mapping[bytes, ZoneInfo],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    but_holder: bytes | None = None,
    but_appointment: bytes | None = None,
) -> dict[bytes, Calendar]:
    """The calendars of these therapists (id → zone) in a range, in five statements.

    Expired holds take nothing; neither do the holds of `but_holder`, who may choose the same time again, nor
    `but_appointment`, which is about to get another time.
    """
    weekly = await _weekly(c, list(zones))
    dated = await _dated(c, list(zones), since, until)
    workload = await _workloads(c, list(zones))
    counts = _counts(now, but_holder, but_appointment)
    counted = any(each.sessions_per_day is not None for each in workload.values())
    sessions = await _sessions(c, list(zones), since=since, until=until, counts=counts, counted=counted)
    elsewhere = await busy_elsewhere(c, list(zones), since, until)
    return {
        id_: Calendar(
            zone,
            weekly[id_],
            dated[id_],
            busy=elsewhere[id_],
            sessions=sessions[id_],
            workload=workload.get(id_, Workload()),
        )
        for id_, zone in zones.items()
    }


async def _weekly(c: AsyncConnection, therapist_ids: Sequence[bytes]) -> dict[bytes, list[Weekly]]:
    found: dict[bytes, list[Weekly]] = defaultdict(list)
    for row in await c.execute(select(hours).where(hours.c.therapist_id.in_(therapist_ids))):
        rule = Weekly(row.weekday, row.start_minute, row.end_minute, row.valid_from, row.valid_until)
        found[row.therapist_id].append(rule)
    return found


async def _dated(
    c: AsyncConnection, therapist_ids: Sequence[bytes], since: datetime, until: datetime
) -> dict[bytes, list[Dated]]:
    found: dict[bytes, list[Dated]] = defaultdict(list)
    begins = exceptions.c.day <= (until + WIDER).date()
    ends = func.coalesce(exceptions.c.last_day, exceptions.c.day) >= (since - WIDER).date()
    query = select(exceptions).where(exceptions.c.therapist_id.in_(therapist_ids), begins, ends)
    for row in await c.execute(query):
        exception = Dated(row.day, row.kind, row.start_minute, row.end_minute, row.last_day)
        found[row.therapist_id].append(exception)
    return found


async def _workloads(c: AsyncConnection, therapist_ids: Sequence[bytes]) -> dict[bytes, Workload]:
    rows = await c.execute(select(workloads).where(workloads.c.therapist_id.in_(therapist_ids)))
    return {row.therapist_id: Workload(row.break_minutes, row.sessions_per_day) for row in rows}


async def _sessions(
    c: AsyncConnection,
    therapist_ids: Sequence[bytes],
    *,
    since: datetime,
    until: datetime,
    counts: ColumnElement[bool],
    counted: bool,
) -> dict[bytes, list[Session]]:
    """On which day a session begins, without its buffer, is asked only where somebody's days bear so many."""
    taken = occupancies.c
    begun = _appointments.c.starts_at if counted else taken.starts_at
    query = select(taken.party, taken.starts_at, taken.ends_at, begun)
    if counted:
        query = query.join(_appointments, _appointments.c.id == taken.appointment_id)
    query = query.outerjoin(holds, holds.c.appointment_id == taken.appointment_id).where(
        taken.party.in_(therapist_ids), *_live_near(since, until), counts
    )
    found: dict[bytes, list[Session]] = defaultdict(list)
    for party, begins_at, ends_at, starts_at in await c.execute(query):
        found[party].append(Session(starts_at, begins_at, ends_at))
    return found


async def busy_elsewhere(
    c: AsyncConnection, therapist_ids: Sequence[bytes], since: datetime, until: datetime
) -> Busy:
    """What their subscribed calendars say they are busy with; it binds what is offered, not the database."""
    query = (
        select(busy_calendars.c.therapist_id, busy_times.c.starts_at, busy_times.c.ends_at)
        .join(busy_calendars, busy_calendars.c.id == busy_times.c.calendar_id)
        .where(
            busy_calendars.c.therapist_id.in_(therapist_ids),
            busy_times.c.ends_at > since - WIDER,
            busy_times.c.starts_at < until + WIDER,
        )
    )
    found: Busy = defaultdict(list)
    for therapist_id, starts_at, ends_at in await c.execute(query):
        found[therapist_id].append((starts_at, ends_at))
    return found


def _live_near(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        occupancies.c.ends_at > since - WIDER,
        occupancies.c.starts_at < until + WIDER,
        occupancies.c.state.in_(LIVE),
    )


def _counts(now: datetime, but_holder: bytes | None, but_appointment: bytes | None) -> ColumnElement[bool]:
    """Whether a time is really taken: a hold only until it expires, and from its own holder not at all; nor what is
    about to get another time."""
    taken = or_(holds.c.held_until.is_(None), holds.c.held_until > now)
    if but_holder is not None:
        taken = and_(taken, or_(holds.c.holder.is_(None), holds.c.holder != but_holder))
    if but_appointment is not None:
        taken = and_(taken, occupancies.c.appointment_id != but_appointment)
    return taken


async def busy_of(
    c: AsyncConnection,
    parties: Sequence[bytes],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    but_holder: bytes | None = None,
    but_appointment: bytes | None = None,
) -> Busy:
    """What is taken near a range, by party; a party who is free is there with an empty list."""
    query = (
        select(occupancies.c.party, occupancies.c.starts_at, occupancies.c.ends_at)
        .outerjoin(holds, holds.c.appointment_id == occupancies.c.appointment_id)
        .where(
            occupancies.c.party.in_(parties),
            *_live_near(since, until),
            _counts(now, but_holder, but_appointment),
        )
    )
    found: Busy = {party: [] for party in parties}
    for party, starts_at, ends_at in await c.execute(query):
        found[party].append((starts_at, ends_at))
    return found


async def with_hours(c: AsyncConnection) -> set[bytes]:
    """Therapists who have written down when they work."""
    return set((await c.execute(select(hours.c.therapist_id).distinct())).scalars())


async def add_hours(c: AsyncConnection, id_: bytes, therapist_id: bytes, rule: Weekly) -> None:
    """Write a weekly period of a therapist."""
    await c.execute(
        insert(hours).values(
            id=id_,
            therapist_id=therapist_id,
            weekday=rule.weekday,
            start_minute=rule.start_minute,
            end_minute=rule.end_minute,
            valid_from=rule.valid_from,
            valid_until=rule.valid_until,
        )
    )


async def add_exception(c: AsyncConnection, id_: bytes, therapist_id: bytes, exception: Dated) -> None:
    """Write a day that differs, or several in a row."""
    await c.execute(
        insert(exceptions).values(
            id=id_,
            therapist_id=therapist_id,
            day=exception.day,
            kind=exception.kind,
            start_minute=exception.start_minute,
            end_minute=exception.end_minute,
            last_day=exception.last_day,
        )
    )


async def set_workload(c: AsyncConnection, therapist_id: bytes, workload: Workload) -> None:
    """Write what a therapist's day can bear."""
    values = {"break_minutes": workload.break_minutes, "sessions_per_day": workload.sessions_per_day}
    mine = workloads.c.therapist_id == therapist_id
    if (await c.execute(update(workloads).where(mine).values(**values))).rowcount == 0:
        await c.execute(insert(workloads).values(therapist_id=therapist_id, **values))

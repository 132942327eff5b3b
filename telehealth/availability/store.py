"""Queries about hours and what is taken: a fixed number of statements, however many therapists."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, column, func, insert, or_, select, table, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.availability.models import (
    TAKES_TIME,
    busy_calendars,
    busy_times,
    exceptions,
    holds,
    hours,
    occupancies,
    workloads,
)
from telehealth.availability.rules import Calendar, Dated, Interval, Session, Weekly, Workload
from telehealth.db.among import Among
from telehealth.db.direct import built_once
from telehealth.db.minutes import MinuteAfter, MinuteOf
from telehealth.db.tables import Id, UtcTime

# How far outside a range lies what matters in it: where days are counted, what begins on the same local day or reaches
# into it; else no more than a session with its buffers and the break beside it.
WIDER, BESIDE = timedelta(days=2), timedelta(days=1)
Busy = dict[bytes, list[tuple[datetime, datetime]]]

# Every look at open times and every booking sends these, so they are built once.
_took = occupancies.c
# Of the noun above this one nothing is asked but when its sessions begin.
_appointments = table("appointments", column("id", Id), column("starts_at", UtcTime))
# What is really taken: a hold only until it expires, and from its own holder not at all; nor what is about to get
# another time.
_COUNTS = (
    Among(_took.party, "ids"),
    _took.ends_at > bindparam("since"),
    _took.starts_at < bindparam("until"),
    TAKES_TIME,
    or_(holds.c.held_until.is_(None), holds.c.held_until > bindparam("now")),
    or_(holds.c.holder.is_(None), holds.c.holder != bindparam("holder")),
    _took.appointment_id != bindparam("appointment"),
)
_WITH_HOLDS = occupancies.outerjoin(holds, holds.c.appointment_id == _took.appointment_id)
TAKEN = built_once(
    select(_took.party, _took.starts_at, _took.ends_at).select_from(_WITH_HOLDS).where(*_COUNTS)
)
TAKEN_MINUTES = built_once(
    select(_took.party, MinuteOf(_took.starts_at), MinuteAfter(_took.ends_at))
    .select_from(_WITH_HOLDS)
    .where(*_COUNTS)
)
SESSIONS = built_once(
    select(_took.party, _appointments.c.starts_at, _took.starts_at, _took.ends_at)
    .select_from(_WITH_HOLDS.join(_appointments, _appointments.c.id == _took.appointment_id))
    .where(*_COUNTS)
)
WEEKLY = built_once(
    select(
        hours.c.therapist_id,
        hours.c.weekday,
        hours.c.start_minute,
        hours.c.end_minute,
        hours.c.valid_from,
        hours.c.valid_until,
    ).where(Among(hours.c.therapist_id, "ids"))
)
DATED = built_once(
    select(
        exceptions.c.therapist_id,
        exceptions.c.day,
        exceptions.c.kind,
        exceptions.c.start_minute,
        exceptions.c.end_minute,
        exceptions.c.last_day,
    ).where(
        Among(exceptions.c.therapist_id, "ids"),
        exceptions.c.day <= bindparam("last"),
        func.coalesce(exceptions.c.last_day, exceptions.c.day) >= bindparam("first"),
    )
)
WORKLOADS = built_once(
    select(workloads.c.therapist_id, workloads.c.break_minutes, workloads.c.sessions_per_day).where(
        Among(workloads.c.therapist_id, "ids")
    )
)
ELSEWHERE = built_once(
    select(busy_calendars.c.therapist_id, busy_times.c.starts_at, busy_times.c.ends_at)
    .join(busy_calendars, busy_calendars.c.id == busy_times.c.calendar_id)
    .where(
        Among(busy_calendars.c.therapist_id, "ids"),
        busy_times.c.ends_at > bindparam("since"),
        busy_times.c.starts_at < bindparam("until"),
    )
)


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
    ids = list(zones)
    weekly = await _weekly(c, ids)
    dated = await _dated(c, ids, since, until)
    workload = await _workloads(c, ids)
    counted = any(each.sessions_per_day is not None for each in workload.values())
    but = _but(now, but_holder, but_appointment)
    sessions = await _sessions(c, _asked(ids, since, until, WIDER) | but) if counted else {}
    taken = {} if counted else await _taken(c, _asked(ids, since, until) | but)
    elsewhere = await busy_elsewhere(c, ids, since, until)
    return {
        id_: Calendar(
            zone,
            weekly[id_],
            dated[id_],
            busy=elsewhere[id_],
            sessions=sessions.get(id_, ()),
            workload=workload.get(id_, Workload()),
            taken=taken.get(id_, ()),
        )
        for id_, zone in zones.items()
    }


async def _weekly(c: AsyncConnection, therapist_ids: Sequence[bytes]) -> dict[bytes, list[Weekly]]:
    found: dict[bytes, list[Weekly]] = defaultdict(list)
    for therapist_id, *rule in (await c.execute(WEEKLY, {"ids": therapist_ids})).all():
        found[therapist_id].append(Weekly(*rule))
    return found


async def _dated(
    c: AsyncConnection, therapist_ids: Sequence[bytes], since: datetime, until: datetime
) -> dict[bytes, list[Dated]]:
    found: dict[bytes, list[Dated]] = defaultdict(list)
    asked = {"ids": therapist_ids, "first": (since - WIDER).date(), "last": (until + WIDER).date()}
    for therapist_id, *exception in (await c.execute(DATED, asked)).all():
        found[therapist_id].append(Dated(*exception))
    return found


async def _workloads(c: AsyncConnection, therapist_ids: Sequence[bytes]) -> dict[bytes, Workload]:
    rows = (await c.execute(WORKLOADS, {"ids": therapist_ids})).all()
    return {therapist_id: Workload(*rest) for therapist_id, *rest in rows}


async def _sessions(c: AsyncConnection, asked: Mapping[str, object]) -> dict[bytes, list[Session]]:
    """On which day a session begins, without its buffer, is asked only where somebody's days bear so many."""
    found: dict[bytes, list[Session]] = defaultdict(list)
    for party, *session in (await c.execute(SESSIONS, asked)).all():
        found[party].append(Session(*session))
    return found


async def _taken(c: AsyncConnection, asked: Mapping[str, object]) -> dict[bytes, list[Interval]]:
    found: dict[bytes, list[Interval]] = defaultdict(list)
    for party, start, end in (await c.execute(TAKEN_MINUTES, asked)).all():
        found[party].append((start, end))
    return found


async def busy_elsewhere(
    c: AsyncConnection, therapist_ids: Sequence[bytes], since: datetime, until: datetime
) -> Busy:
    """What their subscribed calendars say they are busy with; it binds what is offered, not the database."""
    found: Busy = defaultdict(list)
    for therapist_id, starts_at, ends_at in await c.execute(ELSEWHERE, _asked(therapist_ids, since, until)):
        found[therapist_id].append((starts_at, ends_at))
    return found


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
    asked = _asked(parties, since, until) | _but(now, but_holder, but_appointment)
    found: Busy = {party: [] for party in parties}
    for party, starts_at, ends_at in await c.execute(TAKEN, asked):
        found[party].append((starts_at, ends_at))
    return found


def _asked(
    ids: Sequence[bytes], since: datetime, until: datetime, beside: timedelta = BESIDE
) -> dict[str, object]:
    return {"ids": ids, "since": since - beside, "until": until + beside}


def _but(now: datetime, holder: bytes | None, appointment: bytes | None) -> dict[str, object]:
    """Whose hold counts as nothing, and which appointment: b"" is nobody's and none."""
    return {"now": now, "holder": holder or b"", "appointment": appointment or b""}


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

"""Queries about hours and what is taken: a fixed number of statements, however many therapists."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.availability.models import exceptions, holds, hours, occupancies
from telehealth.availability.rules import Calendar, Dated, Weekly

LIVE = ("held", "asked", "booked", "attended")  # states that take time, as in `telehealth.db.occupancy`
WIDER = timedelta(days=1)  # a session with its buffers begins or ends at most this far outside the range
Busy = dict[bytes, list[tuple[datetime, datetime]]]


async def calendars(
    c: AsyncConnection,
    zones: Mapping[bytes, ZoneInfo],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    but_holder: bytes | None = None,
) -> dict[bytes, Calendar]:
    """The calendars of these therapists (id → zone) in a range, in three statements.

    Expired holds take nothing; neither do the holds of `but_holder`, who may choose the same time again.
    """
    weekly = await _weekly(c, list(zones))
    dated = await _dated(c, list(zones), since, until)
    busy = await busy_of(c, list(zones), since=since, until=until, now=now, but_holder=but_holder)
    return {id_: Calendar(zone, weekly[id_], dated[id_], busy[id_]) for id_, zone in zones.items()}


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
    near = exceptions.c.day.between((since - 2 * WIDER).date(), (until + 2 * WIDER).date())
    for row in await c.execute(select(exceptions).where(exceptions.c.therapist_id.in_(therapist_ids), near)):
        found[row.therapist_id].append(Dated(row.day, row.kind, row.start_minute, row.end_minute))
    return found


async def busy_of(
    c: AsyncConnection,
    parties: Sequence[bytes],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    but_holder: bytes | None = None,
) -> Busy:
    """What is taken near a range, by party; a party who is free is there with an empty list."""
    taken = or_(holds.c.held_until.is_(None), holds.c.held_until > now)
    if but_holder is not None:
        taken = and_(taken, or_(holds.c.holder.is_(None), holds.c.holder != but_holder))
    query = (
        select(occupancies.c.party, occupancies.c.starts_at, occupancies.c.ends_at)
        .outerjoin(holds, holds.c.appointment_id == occupancies.c.appointment_id)
        .where(
            occupancies.c.party.in_(parties),
            occupancies.c.ends_at > since - WIDER,
            occupancies.c.starts_at < until + WIDER,
            occupancies.c.state.in_(LIVE),
            taken,
        )
    )
    found: Busy = {party: [] for party in parties}
    for party, starts_at, ends_at in await c.execute(query):
        found[party].append((starts_at, ends_at))
    return found


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
    """Write a day that differs."""
    await c.execute(
        insert(exceptions).values(
            id=id_,
            therapist_id=therapist_id,
            day=exception.day,
            kind=exception.kind,
            start_minute=exception.start_minute,
            end_minute=exception.end_minute,
        )
    )

"""What anyone may ask: which times are open."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.office import Office
from telehealth.availability import rules, store
from telehealth.availability.rules import Calendar, OpenTime, Shape
from telehealth.availability.zones import zone_named, zone_version
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist

__all__ = ["OpenTime", "calendars_for", "open_in", "open_times", "shape_of", "zone_named", "zone_version"]

LONGEST = 366


async def open_times(
    office: Office,
    *,
    service_id: bytes,
    therapist_ids: Sequence[bytes] | None,
    first: date,
    days: int,
    zone: str,
    holder: bytes | None,
) -> list[OpenTime]:
    """Open times on `days` local days of `zone` from `first` on, by start, then in the therapists' order.

    `therapist_ids` None: anyone who offers the service. A hold of `holder` takes nothing away from them.
    NotFound for an unknown service; Invalid for an unknown zone.
    """
    shown = zone_named(zone)
    since = datetime(first.year, first.month, first.day, tzinfo=shown)
    until = since + timedelta(days=max(0, min(days, LONGEST)))  # wall clock: local midnight again
    async with office.database.reading() as connection:
        service = await clinic.service(connection, service_id)
        therapists = await clinic.therapists(connection)
        offering = [
            each
            for each in therapists
            if each.id in service.therapist_ids and (therapist_ids is None or each.id in therapist_ids)
        ]
        return await open_in(
            connection, service, offering, since=since, until=until, now=office.clock(), holder=holder
        )


async def open_in(
    c: AsyncConnection,
    service: Service,
    therapists: Sequence[Therapist],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    holder: bytes | None,
) -> list[OpenTime]:
    """The open times of one service with these therapists in [since, until), in the same order."""
    shape = shape_of(service)
    calendars = await calendars_for(c, therapists, since=since, until=until, now=now, holder=holder)
    found = [
        OpenTime(start, therapist_id, service.id)
        for therapist_id, calendar in calendars.items()
        for start in rules.open_times(calendar, shape, since=since, until=until, now=now)
    ]
    return sorted(found, key=lambda time: time.start)  # stable: keeps the therapists' order within a start


async def calendars_for(
    c: AsyncConnection,
    therapists: Sequence[Therapist],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    holder: bytes | None,
) -> dict[bytes, Calendar]:
    """The calendars of these therapists in a range, in their order."""
    zones = {each.id: ZoneInfo(each.zone) for each in therapists}
    return await store.calendars(c, zones, since=since, until=until, now=now, but_holder=holder)


def shape_of(service: Service) -> Shape:
    """What of a service decides its times."""
    return Shape(
        minutes=service.minutes,
        buffer_before=service.buffer_before,
        buffer_after=service.buffer_after,
        grid_minutes=service.grid_minutes,
        notice_minutes=service.notice_minutes,
        horizon_days=service.horizon_days,
    )

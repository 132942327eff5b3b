"""What anyone may ask: which times are open."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.office import Office
from telehealth.availability import rules, store
from telehealth.availability.rules import Calendar, OpenTime, Shape
from telehealth.availability.zones import zone_named, zone_version
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist

__all__ = [
    "Calendar",
    "OpenTime",
    "calendars_for",
    "open_in",
    "open_times",
    "shape_of",
    "zone_named",
    "zone_version",
]

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
        service, offering = await clinic.offering(connection, service_id)
        if therapist_ids is not None and service.therapists_needed == 1:
            offering = [each for each in offering if each.id in therapist_ids]
        return await open_in(
            connection,
            service,
            offering,
            since=since,
            until=until,
            now=office.clock(),
            holder=holder,
            named=therapist_ids,
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
    named: Collection[bytes] | None = None,
    but_appointment: bytes | None = None,
) -> list[OpenTime]:
    """The open times of one service with these therapists in [since, until), in the same order.

    A service that needs two: `therapists` are all who offer it, and one of each pair is among `named` (None: anyone).
    `but_appointment` is about to get another time, so its present one counts as free.
    """
    shape = shape_of(service)
    calendars = await calendars_for(
        c, therapists, since=since, until=until, now=now, holder=holder, but_appointment=but_appointment
    )
    starts = {
        therapist_id: rules.open_times(calendar, shape, since=since, until=until, now=now)
        for therapist_id, calendar in calendars.items()
    }
    if service.therapists_needed == 2:
        pairs = rules.common_times(starts, starts if named is None else named)
        return [OpenTime(start, first, service.id, second) for start, first, second in pairs]
    found = [
        OpenTime(start, therapist_id, service.id)
        for therapist_id, open_at in starts.items()
        for start in open_at
    ]
    return sorted(found, key=attrgetter("start"))  # stable: keeps the therapists' order within a start


async def calendars_for(
    c: AsyncConnection,
    therapists: Sequence[Therapist],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    holder: bytes | None,
    but_appointment: bytes | None = None,
) -> dict[bytes, Calendar]:
    """The calendars of these therapists in a range, in their order."""
    zones = {each.id: ZoneInfo(each.zone) for each in therapists}
    but = {"but_holder": holder, "but_appointment": but_appointment}
    return await store.calendars(c, zones, since=since, until=until, now=now, **but)


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

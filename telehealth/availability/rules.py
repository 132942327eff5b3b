"""Open times: one pure rule decides both what is shown and what is accepted (design.md, sections 6 and 11).

The session lies inside the hours; its buffers may reach past them, but nothing else may take that time. Hours keep
their wall-clock time across a change of clocks: a start that does not exist is not offered, a repeated one is offered
once, at its first occurrence. The grid counts from local midnight. Between two sessions lies at least the therapist's
break beside their buffers, and no local day begins more sessions than the therapist can bear.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from telehealth.availability.clock import Stretch, local_day, minute_of, moment_of

Interval = tuple[int, int]  # minutes [start, end), of a local day or UTC
FOREVER = 2**40
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Weekly:
    """A weekly period; minutes of the local day, dates inclusive, None without end."""

    weekday: int
    start_minute: int
    end_minute: int
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class Dated:
    """One day that differs, or each day up to `last_day` (inclusive): a period that is off, or an extra one."""

    day: date
    kind: Literal["off", "extra"]
    start_minute: int
    end_minute: int
    last_day: date | None = None


class Session(NamedTuple):  # of which a clinic's calendars hold ten thousand
    """An appointment or hold of a therapist; aware UTC. It takes [begins_at, ends_at), buffers included."""

    starts_at: datetime
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Workload:
    """What a therapist's day can bear: minutes between two sessions beside their buffers, and how many begin on one
    local day (None: no limit)."""

    break_minutes: int = 0
    sessions_per_day: int | None = None


@dataclass(frozen=True)
class Shape:
    """What of a service decides its times; minutes and days."""

    minutes: int
    buffer_before: int
    buffer_after: int
    grid_minutes: int
    notice_minutes: int
    horizon_days: int


@dataclass(frozen=True)
class Calendar:
    """One therapist's hours, exceptions, sessions and workload; `busy` are UTC intervals [start, end) taken by anything
    else, which need no break and do not count."""

    zone: ZoneInfo
    weekly: Sequence[Weekly] = ()
    dated: Sequence[Dated] = ()
    busy: Sequence[tuple[datetime, datetime]] = ()
    sessions: Sequence[Session] = ()
    workload: Workload = Workload()


@dataclass(frozen=True)
class OpenTime:
    """A time that can be booked; `start` is aware UTC. `co_therapist_id`: who is there, too, where it takes two."""

    start: datetime
    therapist_id: bytes
    service_id: bytes
    co_therapist_id: bytes | None = None


def open_times(
    calendar: Calendar, shape: Shape, *, since: datetime, until: datetime, now: datetime
) -> list[datetime]:
    """Every start in [since, until) that can be booked at `now`: aware UTC datetimes, ascending, no repeats."""
    since, until, now = (
        each.astimezone(UTC) for each in (since, until, now)
    )  # a day is 24 hours, not a wall clock's
    earliest = max(since, now + timedelta(minutes=shape.notice_minutes))
    latest = min(until, now + timedelta(days=shape.horizon_days))
    if earliest >= latest:
        return []
    days = _days(earliest.astimezone(calendar.zone).date(), latest.astimezone(calendar.zone).date())
    stretches, windows = _laid_out(calendar, days)
    free = _gaps(_taken(calendar))
    bounds = (minute_of(earliest, up=True), minute_of(latest, up=True))
    starts = _starts(shape, stretches, merged(windows), free, bounds)
    return [moment_of(minute) for minute in starts]


def is_offered(calendar: Calendar, shape: Shape, start: datetime, *, now: datetime) -> bool:
    """Whether exactly this start would be shown at `now`."""
    start = start.astimezone(UTC)
    found = open_times(calendar, shape, since=start, until=start + timedelta(minutes=1), now=now)
    return found == [start]


def _days(first: date, last: date) -> list[date]:
    """The local days of a range and one more at each side, where a session may begin or end."""
    return [first + count * ONE_DAY for count in range(-1, (last - first).days + 2)]


def _taken(calendar: Calendar) -> Iterator[Interval]:
    """What nothing else may touch, in UTC minutes: a break on both sides of each session, nothing around the rest."""
    pause = calendar.workload.break_minutes
    for _, begins_at, ends_at in calendar.sessions:
        yield minute_of(begins_at) - pause, minute_of(ends_at, up=True) + pause
    for start, end in calendar.busy:
        yield minute_of(start), minute_of(end, up=True)


def _laid_out(calendar: Calendar, days: Sequence[date]) -> tuple[list[Stretch], list[Interval]]:
    """Where sessions may start, and the open periods they must lie in, both as UTC minutes."""
    weekly: dict[int, list[Weekly]] = defaultdict(list)
    for rule in calendar.weekly:
        weekly[rule.weekday].append(rule)
    dated = _by_day(calendar.dated, days)
    full = _full_days(calendar)
    stretches: list[Stretch] = []
    windows: list[Interval] = []
    for day in days:
        periods = open_periods(weekly.get(day.weekday(), ()), dated.get(day, ()), day)
        if periods:
            clock = local_day(day, calendar.zone)
            windows += [span for period in periods for span in clock.spans(*period)]
            if day not in full:
                stretches += [stretch for period in periods for stretch in clock.stretches(*period)]
    return stretches, windows


def _by_day(dated: Iterable[Dated], days: Sequence[date]) -> dict[date, list[Dated]]:
    """The exceptions of each of these successive days."""
    found: dict[date, list[Dated]] = defaultdict(list)
    for exception in dated:
        last = min(exception.last_day or exception.day, days[-1])
        day = max(exception.day, days[0])
        while day <= last:
            found[day].append(exception)
            day += ONE_DAY
    return found


def _full_days(calendar: Calendar) -> set[date]:
    """The local days that begin as many sessions as they can bear."""
    most = calendar.workload.sessions_per_day
    if most is None:
        return set()
    begun = Counter(session.starts_at.astimezone(calendar.zone).date() for session in calendar.sessions)
    return {day for day, count in begun.items() if count >= most}


def open_periods(weekly: Iterable[Weekly], dated: Sequence[Dated], day: date) -> list[Interval]:
    """The open periods of a local day: weekly rules less what is off, and extras, joined where they touch."""
    usual = [
        (rule.start_minute, rule.end_minute)
        for rule in weekly
        if (rule.valid_from is None or rule.valid_from <= day)
        and (rule.valid_until is None or day <= rule.valid_until)
    ]
    off = [(each.start_minute, each.end_minute) for each in dated if each.kind == "off"]
    extra = [(each.start_minute, each.end_minute) for each in dated if each.kind == "extra"]
    at_work = _common(merged(usual), _gaps(off)) if off else usual
    return merged([*at_work, *extra])


def merged(periods: Iterable[Interval]) -> list[Interval]:
    """Sorted, with those that touch or overlap joined; empty ones are left out."""
    joined: list[Interval] = []
    for start, end in sorted(periods):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return joined


def _gaps(periods: Iterable[Interval]) -> list[Interval]:
    """What lies between periods, from for ever to for ever."""
    found, at = [], -FOREVER
    for start, end in merged(periods):
        found.append((at, start))
        at = end
    return [*found, (at, FOREVER)]


def _common(some: Sequence[Interval], others: Sequence[Interval]) -> list[Interval]:
    """The parts that two ascending lists have in common."""
    found = []
    for start, end in some:
        for other_start, other_end in others:
            if max(start, other_start) < min(end, other_end):
                found.append((max(start, other_start), min(end, other_end)))
    return found


def _starts(
    shape: Shape,
    stretches: Sequence[Stretch],
    windows: Sequence[Interval],
    free: Sequence[Interval],
    bounds: Interval,
) -> Iterator[int]:
    """Walk along all of them at once: time for what is passed and what is returned, for nothing else."""
    window = gap = 0
    for stretch in stretches:
        while windows[window][1] <= stretch.start:
            window += 1
        first = max(stretch.start, bounds[0])
        last = min(stretch.end - 1, windows[window][1] - shape.minutes, bounds[1] - 1)
        while free[gap][1] <= first - shape.buffer_before:
            gap += 1
        at = gap
        while at < len(free) and free[at][0] <= last:
            low = max(first, free[at][0] + shape.buffer_before)
            high = min(last, free[at][1] - shape.minutes - shape.buffer_after)
            yield from range(
                _on_grid(low, stretch.midnight, shape.grid_minutes), high + 1, shape.grid_minutes
            )
            at += 1


def _on_grid(minute: int, midnight: int, grid: int) -> int:
    """The next minute of the grid, counted from local midnight."""
    return minute + (midnight - minute) % grid


def common_times(
    starts: Mapping[bytes, Sequence[datetime]], named: Collection[bytes]
) -> list[tuple[datetime, bytes, bytes]]:
    """Every start at which two are free, ascending, once, with the pair: the first of `named`, then the first other.

    `starts` are each therapist's own, in the clinic's order; who is not free with anybody else is not offered.
    """
    free: dict[datetime, list[bytes]] = defaultdict(list)
    for therapist_id, open_at in starts.items():
        for start in open_at:
            free[start].append(therapist_id)
    found = []
    for start in sorted(free):
        first = next((each for each in free[start] if each in named), None)
        second = next((each for each in free[start] if each != first), None)
        if first is not None and second is not None:
            found.append((start, first, second))
    return found


def apart_from(
    busy: Iterable[tuple[datetime, datetime]], times: Sequence[OpenTime], length: timedelta
) -> list[OpenTime]:
    """Those of the ascending times at which somebody who is busy then and then is free for so long."""
    found, waiting = [], sorted(busy, reverse=True)
    for time in times:
        while waiting and waiting[-1][1] <= time.start:
            waiting.pop()
        if not waiting or waiting[-1][0] >= time.start + length:
            found.append(time)
    return found


def nearest(
    times: Sequence[OpenTime], wanted: datetime, therapist_id: bytes, *, count: int = 6
) -> list[OpenTime]:
    """Up to `count` other times near the wanted one, earlier and later: the same therapist's first, then others'."""
    same = [time for time in times if time.therapist_id == therapist_id]
    others = [time for time in times if time.therapist_id != therapist_id]
    kept = _around(same, wanted, max(count - len(others), (2 * count + 2) // 3))
    return kept + _around(others, wanted, count - len(kept))


def _around(times: Sequence[OpenTime], wanted: datetime, count: int) -> list[OpenTime]:
    """Half of them from each side while there are any, nearest first."""
    near = sorted(times, key=lambda time: (abs(time.start - wanted), time.start))
    earlier = [time for time in near if time.start < wanted]
    later = [time for time in near if time.start >= wanted]
    taken = (
        earlier[: max(count // 2, count - len(later))]
        + later[: max(count - count // 2, count - len(earlier))]
    )
    return [time for time in near if time in taken][:count]

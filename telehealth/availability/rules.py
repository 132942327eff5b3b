"""Open times: one pure rule decides both what is shown and what is accepted (design.md, sections 6 and 11).

The session lies inside the hours; its buffers may reach past them, but nothing else may take that time. Hours keep
their wall-clock time across a change of clocks: a start that does not exist is not offered, a repeated one is offered
once, at its first occurrence. The grid counts from local midnight. Between two sessions lies at least the therapist's
break beside their buffers, and no local day begins more sessions than the therapist can bear.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
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
    else, which need no break and do not count. `taken`: sessions as UTC minutes [start, end), buffers included, where
    nothing hangs on which day they begin."""

    zone: ZoneInfo
    weekly: Sequence[Weekly] = ()
    dated: Sequence[Dated] = ()
    busy: Sequence[tuple[datetime, datetime]] = ()
    sessions: Sequence[Session] = ()
    workload: Workload = Workload()
    taken: Sequence[Interval] = ()


class OpenTime(NamedTuple):  # of which as many are shown
    """A time that can be booked; `start` is aware UTC. `co_therapist_id`: who is there, too, where it takes two."""

    start: datetime
    therapist_id: bytes
    service_id: bytes
    co_therapist_id: bytes | None = None

    @property
    def therapist_ids(self) -> tuple[bytes, ...]:
        """Who would be there: one, or two."""
        return (
            (self.therapist_id,)
            if self.co_therapist_id is None
            else (self.therapist_id, self.co_therapist_id)
        )


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
    return list(map(moment_of, starts))


def is_offered(calendar: Calendar, shape: Shape, start: datetime, *, now: datetime) -> bool:
    """Whether exactly this start would be shown at `now`."""
    start = start.astimezone(UTC)
    found = open_times(calendar, shape, since=start, until=start + timedelta(minutes=1), now=now)
    return found == [start]


def _days(first: date, last: date) -> list[date]:
    """The local days of a range and one more at each side, where a session may begin or end."""
    return [first + count * ONE_DAY for count in range(-1, (last - first).days + 2)]


def _taken(calendar: Calendar) -> list[Interval]:
    """What nothing else may touch, in UTC minutes: a break on both sides of each session, nothing around the rest."""
    pause = calendar.workload.break_minutes
    sessions = [(minute_of(each.begins_at), minute_of(each.ends_at, up=True)) for each in calendar.sessions]
    around = [(start - pause, end + pause) for start, end in (*calendar.taken, *sessions)]
    return around + [(minute_of(start), minute_of(end, up=True)) for start, end in calendar.busy]


def _laid_out(calendar: Calendar, days: Sequence[date]) -> tuple[list[Stretch], list[Interval]]:
    """Where sessions may start, and the open periods they must lie in, both as UTC minutes."""
    weekly: dict[int, list[Weekly]] = defaultdict(list)
    for rule in calendar.weekly:
        weekly[rule.weekday].append(rule)
    every_week = {
        weekday: open_periods(rules, (), days[0])
        for weekday, rules in weekly.items()
        if not any(rule.valid_from or rule.valid_until for rule in rules)
    }
    dated = _by_day(calendar.dated, days)
    full = _full_days(calendar)
    stretches: list[Stretch] = []
    windows: list[Interval] = []
    for day in days:
        weekday = day.weekday()
        if day in dated or weekday not in every_week:
            periods = open_periods(weekly.get(weekday, ()), dated.get(day, ()), day)
        else:
            periods = every_week[weekday]
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
) -> list[int]:
    """Walk along all of them at once: time for what is passed and what is returned, for nothing else."""
    found: list[int] = []
    window = gap = 0
    before, whole, grid = shape.buffer_before, shape.minutes + shape.buffer_after, shape.grid_minutes
    for begins, ends, midnight in stretches:
        while windows[window][1] <= begins:
            window += 1
        first = max(begins, bounds[0])
        last = min(ends - 1, windows[window][1] - shape.minutes, bounds[1] - 1)
        while free[gap][1] <= first - before:
            gap += 1
        at = gap
        while at < len(free) and free[at][0] <= last:
            opens, closes = free[at]
            low = max(first, opens + before)
            found += range(_on_grid(low, midnight, grid), min(last, closes - whole) + 1, grid)
            at += 1
    return found


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

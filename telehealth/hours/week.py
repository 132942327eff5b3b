"""One week of a therapist as a calendar grid shows it: blocks of minutes of local days; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from telehealth.appointments.reading import Appointment
from telehealth.availability.clock import DAY
from telehealth.hours.rules import Plan, last_day_of, periods_on, wall

Range = tuple[datetime, datetime]
WEEK = 7
STEP = 5  # minutes; the finest the styles can place
USUAL = (8, 18)  # the grid shows these hours at least, and whatever lies outside them


@dataclass(frozen=True)
class Block:
    """Minutes [start, end) of a day: `kind` is weekly, extra, off, busy or booked; `id` is 32 hex digits or empty."""

    kind: str
    id: str
    start: int
    end: int
    names: str = ""
    for_two: bool = False

    @property
    def places(self) -> str:
        """The classes that place it."""
        start, end = self.start // STEP * STEP, min(DAY, -(-self.end // STEP) * STEP)
        return f"from-h{start // 60} from-m{start % 60} to-h{end // 60} to-m{end % 60}"

    @property
    def is_short(self) -> bool:
        """Whether there is room for one line only."""
        return self.end - self.start < 45

    @property
    def span(self) -> str:
        """09:00 to 13:00"""
        return f"{wall(self.start)} to {wall(self.end)}"


@dataclass(frozen=True)
class Day:
    """One local day; `noon` is its middle, for words. `now` is the minute the clock shows, today only."""

    noon: datetime
    blocks: tuple[Block, ...]
    busy: tuple[Block, ...]
    booked: tuple[Block, ...]
    open_minutes: int
    now: Block | None

    @property
    def is_off(self) -> bool:
        """Whether there are hours on other such days, and none on this one."""
        return self.open_minutes == 0 and any(block.kind == "off" for block in self.blocks)


@dataclass(frozen=True)
class Week:
    """Seven days from a Monday; the grid shows the hours `first` to `last`."""

    days: tuple[Day, ...]
    first: int
    last: int


def monday_of(day: date) -> date:
    """The Monday of that week."""
    return day - timedelta(days=day.weekday())


def week_of(
    plan: Plan, appointments: Sequence[Appointment], elsewhere: Sequence[Range], monday: date, now: datetime
) -> Week:
    """The week that begins with this Monday; `elsewhere` is what other calendars keep."""
    shown = [
        _day(plan, appointments, elsewhere, monday + timedelta(days=count), now) for count in range(WEEK)
    ]
    blocks = list(chain.from_iterable((*day.blocks, *day.booked) for day in shown))
    partial = [block for block in blocks if block.kind != "off" or block.end - block.start < DAY]
    first = min([USUAL[0], *(block.start // 60 for block in partial)])
    last = max([USUAL[1], *(-(-block.end // 60) for block in partial)])
    return Week(tuple(shown), first, last)


def _day(
    plan: Plan, appointments: Sequence[Appointment], elsewhere: Sequence[Range], day: date, now: datetime
) -> Day:
    weekly = [
        Block("weekly", id_.hex(), rule.start_minute, rule.end_minute)
        for id_, rule in plan.weekly.items()
        if rule.weekday == day.weekday() and (rule.valid_from or day) <= day <= (rule.valid_until or day)
    ]
    dated = [
        Block(exception.kind, id_.hex(), exception.start_minute, exception.end_minute)
        for id_, exception in plan.dated.items()
        if exception.day <= day <= last_day_of(exception)
    ]
    open_now = periods_on(plan.weekly.values(), plan.dated.values(), day)
    booked = [
        Block("booked", each.id.hex(), *minutes, " and ".join(each.client_names), each.service.seats > 1)
        for each in appointments
        for minutes in _minutes((each.starts_at, each.ends_at), day, plan.zone)
    ]
    busy = [Block("busy", "", *minutes) for each in elsewhere for minutes in _minutes(each, day, plan.zone)]
    local = now.astimezone(plan.zone)
    minute = local.hour * 60 + local.minute
    return Day(
        datetime(day.year, day.month, day.day, 12, tzinfo=plan.zone),
        tuple(sorted([*weekly, *dated], key=lambda block: (block.kind == "off", block.start))),
        tuple(busy),
        tuple(sorted(booked, key=lambda block: block.start)),
        sum(end - start for start, end in open_now),
        Block("now", "", minute, minute + STEP) if local.date() == day else None,
    )


def _minutes(span: Range, day: date, zone: ZoneInfo) -> list[tuple[int, int]]:
    """What of [start, end) falls on that day of the wall clock, if anything."""
    start, end = (moment.astimezone(zone) for moment in span)
    if not start.date() <= day <= end.date():
        return []
    begins = start.hour * 60 + start.minute if start.date() == day else 0
    ends = end.hour * 60 + end.minute if end.date() == day else DAY
    return [(begins, ends)] if begins < ends else []

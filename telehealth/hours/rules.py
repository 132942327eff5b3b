"""A change of hours as plain values: what is there before and after it, and which appointments it leaves out; pure.

Minutes count from local midnight, 0 to 1440; dates are the therapist's own.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from telehealth.availability.clock import DAY, local_day, minute_of
from telehealth.availability.rules import Calendar, Dated, Session, Weekly, Workload, merged, open_periods
from telehealth.errors import Conflict, Invalid, NotFound

MOST_WEEKLY, MOST_DATED = 60, 200
NOT_YOURS = (
    "There are no such hours among yours. Perhaps they were changed meanwhile; the page shows what is."
)
OVERLAP = (
    "On that weekday you have hours from {start} to {end} already, which hold from or until other dates. "
    "Change those, or choose times that do not overlap them."
)
TOO_MANY = "There are very many entries already. Remove some that you do not need, and add this one then."
TWICE = "The same is in your list already, so there is nothing to add."


@dataclass(frozen=True)
class Plan:
    """All of a therapist's hours, by id."""

    zone: ZoneInfo
    weekly: Mapping[bytes, Weekly]
    dated: Mapping[bytes, Dated]
    workload: Workload

    @property
    def calendar(self) -> Calendar:
        """The same without what is taken."""
        return Calendar(self.zone, [*self.weekly.values()], [*self.dated.values()], workload=self.workload)


@dataclass(frozen=True)
class Change:
    """One wish: `becomes` is the period or exception that `id` is from now on, the new workload, or None: removed.

    `is_new` where `id` is made for what is added.
    """

    id: bytes
    becomes: Weekly | Dated | Workload | None
    is_new: bool = False


@dataclass(frozen=True)
class Booked:
    """An appointment ahead: when they meet until when, and what it takes."""

    id: bytes
    ends_at: datetime
    session: Session


def planned(plan: Plan, change: Change) -> Plan:
    """The plan after a change. NotFound when it has no such entry; Invalid or Conflict when it cannot be."""
    if isinstance(change.becomes, Workload):
        return replace(plan, workload=change.becomes)
    if not change.is_new and change.id not in {**plan.weekly, **plan.dated}:
        raise NotFound("hours_not_found", NOT_YOURS, about=("hours", change.id))
    weekly = {id_: rule for id_, rule in plan.weekly.items() if id_ != change.id}
    dated = {id_: exception for id_, exception in plan.dated.items() if id_ != change.id}
    if isinstance(change.becomes, Weekly):
        weekly = _joined(weekly, change.id, change.becomes)
    elif isinstance(change.becomes, Dated):
        if change.becomes in dated.values():
            raise Conflict("hours_twice", TWICE)
        dated[change.id] = change.becomes
    if len(weekly) > MOST_WEEKLY or len(dated) > MOST_DATED:
        raise Conflict("too_many_hours", TOO_MANY)
    return replace(plan, weekly=weekly, dated=dated)


def _joined(weekly: Mapping[bytes, Weekly], id_: bytes, rule: Weekly) -> dict[bytes, Weekly]:
    """With this period; those of the same weekday and dates that touch it become one with it."""
    found = dict(weekly)
    while touched := next((each for each in found if _become_one(found[each], rule)), None):
        other = found.pop(touched)
        start, end = min(rule.start_minute, other.start_minute), max(rule.end_minute, other.end_minute)
        rule = replace(rule, start_minute=start, end_minute=end)
    clash = next((each for each in found.values() if _overlap(each, rule)), None)
    if clash is not None:
        sentence = OVERLAP.format(start=wall(clash.start_minute), end=wall(clash.end_minute))
        raise Invalid("hours_overlap", sentence, fields={"start": sentence})
    return {**found, id_: rule}


def _become_one(one: Weekly, other: Weekly) -> bool:
    dates = (one.weekday, one.valid_from, one.valid_until) == (
        other.weekday,
        other.valid_from,
        other.valid_until,
    )
    return dates and one.start_minute <= other.end_minute and other.start_minute <= one.end_minute


def _overlap(one: Weekly, other: Weekly) -> bool:
    begins, ends = (
        max(one.valid_from or date.min, other.valid_from or date.min),
        min(one.valid_until or date.max, other.valid_until or date.max),
    )
    minutes = one.start_minute < other.end_minute and other.start_minute < one.end_minute
    return one.weekday == other.weekday and begins <= ends and minutes


def left_out(before: Plan, after: Plan, booked: Sequence[Booked]) -> set[bytes]:
    """The appointments that fit into the hours before a change and no longer fit after it."""
    return misfits(after, booked) - misfits(before, booked)


def misfits(plan: Plan, booked: Sequence[Booked]) -> set[bytes]:
    """The appointments outside the hours, too close after the one before, or beyond the number of their day."""
    calendar = plan.calendar
    in_order = sorted(booked, key=lambda each: each.session.starts_at)
    outside = {
        each.id for each in in_order if not lies_within(calendar, each.session.starts_at, each.ends_at)
    }
    pause = timedelta(minutes=plan.workload.break_minutes)
    close = {
        later.id
        for earlier, later in pairwise(in_order)
        if later.session.begins_at < earlier.session.ends_at + pause
    }
    return outside | close | _beyond(plan, in_order)


def lies_within(calendar: Calendar, start: datetime, end: datetime) -> bool:
    """Whether the whole of [start, end) lies in the hours."""
    first, last = (moment.astimezone(calendar.zone).date() for moment in (start, end))
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    spans = [
        span
        for day in days
        for period in periods_on(calendar.weekly, calendar.dated, day)
        for span in local_day(day, calendar.zone).spans(*period)
    ]
    begins, ends = minute_of(start), minute_of(end, up=True)
    return any(opens <= begins and ends <= closes for opens, closes in merged(spans))


def periods_on(weekly: Iterable[Weekly], dated: Iterable[Dated], day: date) -> list[tuple[int, int]]:
    """The open periods of one local day."""
    rules = [rule for rule in weekly if rule.weekday == day.weekday()]
    return open_periods(rules, [each for each in dated if each.day <= day <= last_day_of(each)], day)


def last_day_of(exception: Dated) -> date:
    """The last of the days that differ."""
    return exception.last_day or exception.day


def _beyond(plan: Plan, in_order: Sequence[Booked]) -> set[bytes]:
    """The later ones of a day that begins more than it can bear."""
    most, begun = plan.workload.sessions_per_day, Counter[date]()
    found = set()
    for each in in_order:
        day = each.session.starts_at.astimezone(plan.zone).date()
        begun[day] += 1
        if most is not None and begun[day] > most:
            found.add(each.id)
    return found


def wall(minute: int) -> str:
    """Minute 570 as 09:30, the end of the day as 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def is_whole_day(exception: Dated) -> bool:
    """Whether nothing of the day is left out."""
    return exception.start_minute == 0 and exception.end_minute == DAY

"""When somebody is busy according to a calendar (RFC 5545), and nothing else of it; pure."""

import math
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component

from telehealth.calendars.reaching import CannotRead

MAX_EVENTS = 5_000
MAX_BUSY = 20_000
MAX_SECONDS = 5.0
TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
OFTEN = 24  # times a day
Interval = tuple[datetime, datetime]
Event = tuple[date | datetime, date | datetime]


def busy_in(body: bytes, zone: ZoneInfo, since: datetime, until: datetime) -> list[Interval]:
    """Busy UTC intervals [start, end) that touch [since, until), ascending, joined where they touch.

    A time without a zone, and a whole day, are the therapist's own (`zone`). What is cancelled or marked as free is not
    busy. CannotRead "no_calendar", "too_many", "too_slow". It takes a processor for a moment: not for the event loop.
    """
    try:
        calendar = Calendar.from_ical(body.decode("utf-8-sig"))
        found = _occurrences(calendar, since.astimezone(zone), until.astimezone(zone))
        return _joined(_utc(start, end, zone) for start, end in found)
    except CannotRead:
        raise
    except Exception as error:  # parsers meet whatever somebody's program wrote
        raise CannotRead("no_calendar") from error


def _occurrences(calendar: Calendar, since: datetime, until: datetime) -> list[Event]:
    """Week after week, so that a calendar made to be slow is given up early."""
    events = calendar.walk("VEVENT")
    if len(events) > MAX_EVENTS or any(_is_too_often(rule) for each in events for rule in _rules(each)):
        raise CannotRead("too_many")
    expanded, found = recurring_ical_events.of(calendar), list[Event]()
    ends_by, week = time.monotonic() + MAX_SECONDS, since
    while week < until:
        next_week = min(week + timedelta(days=7), until)
        found += [(each.start, each.end) for each in expanded.between(week, next_week) if _is_busy(each)]
        if len(found) > MAX_BUSY:
            raise CannotRead("too_many")
        if time.monotonic() > ends_by:
            raise CannotRead("too_slow")
        week = next_week
    return found


def _rules(event: Component) -> list[Mapping[str, Any]]:
    rule = event.get("RRULE")
    return rule if isinstance(rule, list) else [rule] if rule else []


def _is_too_often(rule: Mapping[str, Any]) -> bool:
    times_a_day = math.prod(max(1, len(rule.get(part, ()))) for part in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    return times_a_day > OFTEN or any(str(name).upper() in TOO_OFTEN for name in rule.get("FREQ", ()))


def _is_busy(event: Component) -> bool:
    free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    return not free and str(event.get("STATUS", "")).upper() != "CANCELLED"


def _as_moment(start: date | datetime, like: datetime) -> datetime:
    if not isinstance(start, datetime):
        return datetime(start.year, start.month, start.day, tzinfo=like.tzinfo)
    return start if start.tzinfo is not None else start.replace(tzinfo=like.tzinfo)


def _utc(start: date | datetime, end: date | datetime, zone: ZoneInfo) -> Interval:
    local = datetime(2000, 1, 1, tzinfo=zone)
    return _as_moment(start, local).astimezone(UTC), _as_moment(end, local).astimezone(UTC)


def _joined(times: Iterable[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for start, end in sorted(times):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end - start > timedelta():
            joined.append((start, end))
    return joined

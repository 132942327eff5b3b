"""Open times by Hypothesis: days when the clocks change, in five zones of very different habits."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telehealth.availability.rules import (
    Calendar,
    Dated,
    Session,
    Shape,
    Weekly,
    Workload,
    is_offered,
    open_times,
)
from tests.unit.availability.oracle import MINUTE, is_at_work, open_times_by_the_minute

DAY = timedelta(days=1)
CHANGES = {
    "Europe/Berlin": (date(2026, 10, 25), date(2027, 3, 28)),
    "America/New_York": (date(2026, 11, 1), date(2027, 3, 14)),
    "Australia/Lord_Howe": (date(2026, 10, 4), date(2027, 4, 4)),  # by half an hour
    "Africa/Casablanca": (date(2026, 3, 22), date(2027, 2, 7)),  # around Ramadan
    "Asia/Kathmandu": (date(2026, 10, 25), date(2027, 3, 28)),  # never; a quarter of an hour off the others
}
Case = tuple[Calendar, Shape, datetime]
minutes = st.integers(0, 96).map(lambda quarter: quarter * 15)
periods = st.tuples(minutes, minutes).filter(lambda pair: pair[0] < pair[1])


@st.composite
def weeks(draw: st.DrawFn) -> Case:
    """A calendar around a change of clocks, a service, and the midnight the range begins with."""
    name = draw(st.sampled_from(sorted(CHANGES)))
    zone = ZoneInfo(name)
    day = draw(st.sampled_from(CHANGES[name])) + draw(st.integers(-1, 1)) * DAY
    days = st.sampled_from([day + offset * DAY for offset in range(-1, 3)])
    weekly = [_weekly(draw, draw(days)) for _ in range(draw(st.integers(1, 4)))]
    dated = [_dated(draw, draw(days)) for _ in range(draw(st.integers(0, 2)))]
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    starts = st.integers(-600, 2400).map(lambda minute: midnight + minute * MINUTE)
    busy = [
        (start, start + draw(st.integers(1, 180)) * MINUTE) for start in draw(st.lists(starts, max_size=2))
    ]
    sessions = [_session(draw, start) for start in draw(st.lists(starts, max_size=4))]
    workload = Workload(draw(st.sampled_from((0, 0, 5, 40))), draw(st.sampled_from((None, 1, 2, 3))))
    shape = Shape(
        minutes=draw(st.sampled_from((20, 30, 50, 80, 120))),
        buffer_before=draw(st.sampled_from((0, 10, 45))),
        buffer_after=draw(st.sampled_from((0, 10, 45))),
        grid_minutes=draw(st.sampled_from((10, 15, 20, 30, 45, 60))),
        notice_minutes=draw(st.sampled_from((0, 61))),
        horizon_days=draw(st.sampled_from((1, 30))),
    )
    return Calendar(zone, weekly, dated, busy, sessions, workload), shape, midnight


def _weekly(draw: st.DrawFn, day: date) -> Weekly:
    """A rule of that weekday, which may begin or cease to hold on that very day."""
    begins = draw(st.sampled_from((None, None, day, day + DAY)))
    ends = draw(st.sampled_from((None, None, day)))
    return Weekly(day.weekday(), *draw(periods), valid_from=begins, valid_until=ends)


def _dated(draw: st.DrawFn, day: date) -> Dated:
    kinds: st.SearchStrategy[Literal["off", "extra"]] = st.sampled_from(("off", "extra"))
    last_day = draw(st.sampled_from((None, day, day + DAY, day + 30 * DAY)))
    return Dated(day, draw(kinds), *draw(periods), last_day=last_day)


def _session(draw: st.DrawFn, start: datetime) -> Session:
    before, after = draw(st.sampled_from((0, 10))), draw(st.sampled_from((0, 15)))
    length = draw(st.sampled_from((25, 50, 80)))
    return Session(start, start - before * MINUTE, start + (length + after) * MINUTE)


@settings(max_examples=150, deadline=None)
@given(weeks())
def test_the_rule_agrees_with_every_minute_looked_at(case: Case) -> None:
    calendar, shape, since = case
    found = open_times(calendar, shape, since=since, until=since + DAY, now=since)
    assert found == open_times_by_the_minute(calendar, shape, since=since, until=since + DAY, now=since)


@settings(max_examples=200, deadline=None)
@given(weeks())
def test_nothing_offered_overlaps_leaves_the_hours_or_loses_its_buffers(case: Case) -> None:
    calendar, shape, since = case
    pause = calendar.workload.break_minutes * MINUTE
    found = open_times(calendar, shape, since=since, until=since + 2 * DAY, now=since)
    assert found == sorted(set(found))
    for start in found:
        end = start + shape.minutes * MINUTE
        assert all(is_at_work(calendar, start + minute * MINUTE) for minute in range(shape.minutes))
        begins, ends = start - shape.buffer_before * MINUTE, end + shape.buffer_after * MINUTE
        assert all(busy_end <= begins or ends <= busy_start for busy_start, busy_end in calendar.busy)
        assert all(
            each.ends_at + pause <= begins or ends + pause <= each.begins_at for each in calendar.sessions
        )
        assert is_offered(calendar, shape, start, now=since)


@settings(max_examples=150, deadline=None)
@given(weeks(), st.data())
def test_whatever_is_booked_one_after_another_no_day_bears_too_much(case: Case, data: st.DataObject) -> None:
    """Book what is shown until nothing is: breaks and the number a day still hold between all of them."""
    calendar, shape, since = case
    calendar = Calendar(calendar.zone, calendar.weekly, calendar.dated, calendar.busy, (), calendar.workload)
    booked: list[Session] = []
    while found := open_times(calendar, shape, since=since, until=since + 2 * DAY, now=since):
        start = data.draw(st.sampled_from(found))
        end = start + (shape.minutes + shape.buffer_after) * MINUTE
        booked.append(Session(start, start - shape.buffer_before * MINUTE, end))
        calendar = Calendar(
            calendar.zone, calendar.weekly, calendar.dated, calendar.busy, booked, calendar.workload
        )
        assert not is_offered(calendar, shape, start, now=since)
    booked.sort(key=lambda session: session.starts_at)
    pause = calendar.workload.break_minutes * MINUTE
    assert all(one.ends_at + pause <= next_.begins_at for one, next_ in pairwise(booked))
    days = Counter(session.starts_at.astimezone(calendar.zone).date() for session in booked)
    most = calendar.workload.sessions_per_day
    assert most is None or all(count <= most for count in days.values())


@settings(max_examples=150, deadline=None)
@given(weeks())
def test_times_are_the_same_through_utc_and_through_the_wall_clock(case: Case) -> None:
    calendar, shape, since = case
    until = since + 2 * DAY
    found = open_times(calendar, shape, since=since, until=until, now=since)
    local = [moment.astimezone(calendar.zone) for moment in (since, until)]
    assert found == open_times(calendar, shape, since=local[0], until=local[1], now=local[0])
    for start in found:
        shown = start.astimezone(calendar.zone).replace(tzinfo=None)
        assert shown.replace(tzinfo=calendar.zone).astimezone(UTC) == start  # exists, at its first occurrence


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_hours_stay_at_their_wall_clock_time_when_the_clocks_change(name: str) -> None:
    zone = ZoneInfo(name)
    calendar = Calendar(zone, [Weekly(weekday, 9 * 60, 17 * 60) for weekday in range(7)])
    shape = Shape(50, 10, 10, 30, 0, 366)
    for day in CHANGES[name]:
        shown = []
        for each in (day - 7 * DAY, day - DAY, day, day + DAY, day + 7 * DAY):
            since = datetime(each.year, each.month, each.day, tzinfo=zone)
            found = open_times(calendar, shape, since=since, until=since + DAY, now=since - DAY)
            shown.append([f"{start.astimezone(zone):%H:%M}" for start in found])
        assert shown[0][0] == "09:00"
        assert shown[0][-1] == "16:00"
        assert shown == [shown[0]] * 5

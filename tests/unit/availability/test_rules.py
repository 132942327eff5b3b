"""Open times: named cases, and properties on days when the clocks change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telehealth.availability.rules import (
    Calendar,
    Dated,
    OpenTime,
    Shape,
    Weekly,
    is_offered,
    merged,
    nearest,
    open_periods,
    open_times,
)
from tests.unit.availability.oracle import MINUTE, is_at_work, open_times_by_the_minute

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # a Monday, 09:00 in Berlin
DAY = timedelta(days=1)
HOUR = Shape(minutes=60, buffer_before=0, buffer_after=0, grid_minutes=30, notice_minutes=0, horizon_days=400)
MORNING = Calendar(BERLIN, [Weekly(weekday, 9 * 60, 12 * 60) for weekday in range(7)])


def walls(calendar: Calendar, shape: Shape, day: date, now: datetime | None = None) -> list[str]:
    """The wall-clock starts of one local day."""
    since = datetime(day.year, day.month, day.day, tzinfo=calendar.zone)
    found = open_times(calendar, shape, since=since, until=since + DAY, now=now or since - DAY)
    return [start.astimezone(calendar.zone).strftime("%H:%M") for start in found]


TUESDAY = date(2026, 11, 24)


def test_sessions_lie_inside_the_hours_on_the_grid() -> None:
    assert walls(MORNING, HOUR, TUESDAY) == ["09:00", "09:30", "10:00", "10:30", "11:00"]


def test_the_grid_counts_from_midnight_not_from_the_start_of_the_hours() -> None:
    late_start = replace(MORNING, weekly=[Weekly(1, 9 * 60 + 10, 12 * 60)])
    assert walls(late_start, HOUR, TUESDAY) == ["09:30", "10:00", "10:30", "11:00"]


def test_no_hours_no_times() -> None:
    assert walls(Calendar(BERLIN), HOUR, TUESDAY) == []


def test_buffers_may_reach_past_the_hours() -> None:
    shape = replace(HOUR, buffer_before=30, buffer_after=30)
    assert walls(MORNING, shape, TUESDAY) == ["09:00", "09:30", "10:00", "10:30", "11:00"]


def test_buffers_must_be_free() -> None:
    shape = replace(HOUR, buffer_before=15, buffer_after=30)
    noon = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # 12:00 in Berlin, after the hours
    busy = replace(MORNING, busy=[(noon, noon + timedelta(hours=1))])
    assert walls(busy, shape, TUESDAY) == ["09:00", "09:30", "10:00", "10:30"]


def test_a_session_may_touch_another() -> None:
    ten = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    busy = replace(MORNING, busy=[(ten, ten + timedelta(hours=1))])
    assert walls(busy, HOUR, TUESDAY) == ["09:00", "11:00"]


def test_part_of_a_minute_counts_as_taken() -> None:
    ten = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    busy = replace(MORNING, busy=[(ten - timedelta(seconds=1), ten + timedelta(hours=1, seconds=1))])
    assert walls(busy, HOUR, TUESDAY) == []


def test_notice_and_horizon_bound_what_is_shown() -> None:
    shape = replace(HOUR, notice_minutes=90, horizon_days=1)
    found = open_times(MORNING, shape, since=NOW - DAY, until=NOW + 9 * DAY, now=NOW)
    shown = [start.astimezone(BERLIN).strftime("%a %H:%M") for start in found]
    assert shown == ["Mon 10:30", "Mon 11:00"]  # 24 hours from 09:00 end just before Tuesday 09:00


def test_a_range_in_the_past_is_empty() -> None:
    assert open_times(MORNING, HOUR, since=NOW - 2 * DAY, until=NOW - DAY, now=NOW) == []


def test_a_day_off_and_an_extra_day() -> None:
    dated = [Dated(TUESDAY, "off", 0, 1440), Dated(TUESDAY, "extra", 18 * 60, 19 * 60)]
    assert walls(replace(MORNING, dated=dated), HOUR, TUESDAY) == ["18:00"]
    assert walls(replace(MORNING, dated=dated), HOUR, TUESDAY + DAY) == walls(MORNING, HOUR, TUESDAY)


def test_part_of_a_day_off() -> None:
    lunch = replace(MORNING, dated=[Dated(TUESDAY, "off", 10 * 60, 10 * 60 + 30)])
    assert walls(lunch, HOUR, TUESDAY) == ["09:00", "10:30", "11:00"]


def test_rules_hold_from_and_until_their_dates() -> None:
    rule = Weekly(1, 9 * 60, 10 * 60, valid_from=TUESDAY, valid_until=TUESDAY + 7 * DAY)
    calendar = Calendar(BERLIN, [rule])
    weeks = [walls(calendar, HOUR, TUESDAY + week * 7 * DAY) for week in (-1, 0, 1, 2)]
    assert weeks == [[], ["09:00"], ["09:00"], []]


def test_hours_that_meet_at_midnight_are_one() -> None:
    night = Calendar(BERLIN, [Weekly(1, 23 * 60, 1440), Weekly(2, 0, 60)])
    assert walls(night, HOUR, TUESDAY) == ["23:00", "23:30"]
    assert walls(night, HOUR, TUESDAY + DAY) == ["00:00"]


def test_a_start_that_does_not_exist_is_not_offered() -> None:
    night = Calendar(BERLIN, [Weekly(6, 60, 4 * 60)])
    assert walls(night, replace(HOUR, minutes=30), date(2027, 3, 28)) == ["01:00", "01:30", "03:00", "03:30"]


def test_a_session_over_the_gap_takes_its_real_length() -> None:
    night = Calendar(BERLIN, [Weekly(6, 60, 4 * 60)])
    assert walls(night, replace(HOUR, minutes=90), date(2027, 3, 28)) == ["01:00", "01:30"]


def test_a_repeated_hour_is_offered_once_at_its_first_occurrence() -> None:
    night = Calendar(BERLIN, [Weekly(6, 60, 4 * 60)])
    day = date(2026, 10, 25)
    assert walls(night, HOUR, day) == ["01:00", "01:30", "02:00", "02:30", "03:00"]
    since = datetime(2026, 10, 25, tzinfo=BERLIN)
    found = open_times(night, HOUR, since=since, until=since + DAY, now=since - DAY)
    assert datetime(2026, 10, 25, 0, 30, tzinfo=UTC) in found  # 02:30 summer time
    assert datetime(2026, 10, 25, 1, 30, tzinfo=UTC) not in found  # 02:30 winter time


def test_what_is_shown_is_offered_and_nothing_else() -> None:
    shown = open_times(MORNING, HOUR, since=NOW, until=NOW + 3 * DAY, now=NOW)
    assert shown
    assert all(is_offered(MORNING, HOUR, start, now=NOW) for start in shown)
    off_grid = shown[0] + timedelta(minutes=5)
    odd_second = shown[0] + timedelta(seconds=30)
    past_the_end = shown[-1] + timedelta(minutes=30)
    assert not any(
        is_offered(MORNING, HOUR, start, now=NOW) for start in (off_grid, odd_second, past_the_end)
    )
    assert not is_offered(MORNING, HOUR, shown[0], now=shown[0] + MINUTE)


def test_periods_are_joined_and_empty_ones_left_out() -> None:
    assert merged([(5, 6), (1, 3), (3, 4), (9, 9), (2, 3)]) == [(1, 4), (5, 6)]
    assert open_periods([Weekly(1, 60, 120), Weekly(1, 120, 180)], [], TUESDAY) == [(60, 180)]


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
CHANGES = {
    "Europe/Berlin": (date(2026, 10, 25), date(2027, 3, 28)),
    "America/New_York": (date(2026, 11, 1), date(2027, 3, 14)),
    "Australia/Lord_Howe": (date(2026, 10, 4), date(2027, 4, 4)),
    "Asia/Kathmandu": (date(2026, 10, 25), date(2027, 3, 28)),
}
minutes = st.integers(0, 96).map(lambda quarter: quarter * 15)
periods = st.tuples(minutes, minutes).filter(lambda pair: pair[0] < pair[1])


@st.composite
def weeks(draw: st.DrawFn) -> tuple[Calendar, Shape, datetime]:
    """A calendar around a change of clocks, a service, and the midnight the range begins with."""
    name = draw(st.sampled_from(ZONES))
    zone = ZoneInfo(name)
    day = draw(st.sampled_from(CHANGES[name])) + draw(st.integers(-1, 1)) * DAY
    days = [day + offset * DAY for offset in range(-1, 3)]
    weekly = [
        Weekly(draw(st.sampled_from(days)).weekday(), *draw(periods)) for _ in range(draw(st.integers(1, 4)))
    ]
    kinds: st.SearchStrategy[Literal["off", "extra"]] = st.sampled_from(("off", "extra"))
    dated = [
        Dated(draw(st.sampled_from(days)), draw(kinds), *draw(periods))
        for _ in range(draw(st.integers(0, 2)))
    ]
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    starts = st.integers(-600, 2400).map(lambda minute: midnight + minute * MINUTE)
    busy = [
        (start, start + draw(st.integers(1, 180)) * MINUTE) for start in draw(st.lists(starts, max_size=4))
    ]
    shape = Shape(
        minutes=draw(st.sampled_from((20, 30, 50, 80, 120))),
        buffer_before=draw(st.sampled_from((0, 10, 45))),
        buffer_after=draw(st.sampled_from((0, 10, 45))),
        grid_minutes=draw(st.sampled_from((10, 15, 20, 30, 45, 60))),
        notice_minutes=draw(st.sampled_from((0, 61))),
        horizon_days=draw(st.sampled_from((1, 30))),
    )
    return Calendar(zone, weekly, dated, busy), shape, midnight


@settings(max_examples=60, deadline=None)
@given(weeks())
def test_the_rule_agrees_with_every_minute_looked_at(case: tuple[Calendar, Shape, datetime]) -> None:
    calendar, shape, since = case
    found = open_times(calendar, shape, since=since, until=since + DAY, now=since)
    assert found == open_times_by_the_minute(calendar, shape, since=since, until=since + DAY, now=since)


@settings(max_examples=150, deadline=None)
@given(weeks())
def test_nothing_offered_overlaps_leaves_the_hours_or_loses_its_buffers(
    case: tuple[Calendar, Shape, datetime],
) -> None:
    calendar, shape, since = case
    found = open_times(calendar, shape, since=since, until=since + 2 * DAY, now=since)
    assert found == sorted(set(found))
    for start in found:
        end = start + shape.minutes * MINUTE
        assert is_at_work(calendar, start)
        assert is_at_work(calendar, end - MINUTE)
        assert start.astimezone(calendar.zone).fold == 0
        padded = start - shape.buffer_before * MINUTE, end + shape.buffer_after * MINUTE
        assert all(busy_end <= padded[0] or padded[1] <= busy_start for busy_start, busy_end in calendar.busy)
        assert is_offered(calendar, shape, start, now=since)


NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def at(hours: float, therapist_id: bytes = b"same") -> OpenTime:
    return OpenTime(NINE + timedelta(hours=hours), therapist_id, b"service")


def test_the_nearest_times_are_on_both_sides_and_the_same_therapist_comes_first() -> None:
    times = [at(hours) for hours in (-5, -4, 1, 2, 3, 4)] + [at(0, b"other"), at(-0.5, b"other")]
    assert nearest(times, NINE, b"same") == [
        at(1),
        at(2),
        at(-4),
        at(-5),
        at(0, b"other"),
        at(-0.5, b"other"),
    ]


def test_a_full_day_of_one_therapist_leaves_room_for_others() -> None:
    others = [at(hours, b"other") for hours in (-2, -1, 0, 1, 2, 3, 9)]
    by_distance = [at(hours, b"other") for hours in (0, -1, 1, -2, 2, 3)]
    assert nearest(others, NINE, b"same") == by_distance
    assert [time.therapist_id for time in nearest([*others, at(1), at(2)], NINE, b"same")[:2]] == [
        b"same"
    ] * 2


@pytest.mark.parametrize("side", [-1, 1])
def test_one_empty_side_is_made_up_for_by_the_other(side: int) -> None:
    times = [at(side * hours) for hours in range(1, 9)]
    assert nearest(times, NINE, b"same") == times[:6]
    assert nearest([], NINE, b"same") == []

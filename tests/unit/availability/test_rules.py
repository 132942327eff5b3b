"""Open times: named cases, and properties on days when the clocks change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from telehealth.availability.rules import (
    Calendar,
    Dated,
    OpenTime,
    Session,
    Shape,
    Weekly,
    Workload,
    common_times,
    is_offered,
    merged,
    open_periods,
    open_times,
)
from tests.unit.availability.oracle import MINUTE

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


def test_a_vacation_is_every_day_of_it_and_no_other() -> None:
    away = replace(MORNING, dated=[Dated(TUESDAY, "off", 0, 1440, last_day=TUESDAY + 2 * DAY)])
    days = [bool(walls(away, HOUR, TUESDAY + offset * DAY)) for offset in range(-1, 4)]
    assert days == [True, False, False, False, True]


def test_a_vacation_that_began_long_ago_and_ends_far_ahead_is_seen_in_between() -> None:
    away = replace(MORNING, dated=[Dated(TUESDAY - 90 * DAY, "off", 0, 600, last_day=TUESDAY + 90 * DAY)])
    assert walls(away, HOUR, TUESDAY) == ["10:00", "10:30", "11:00"]


def session_at(hour: int, minutes: int = 60, buffer: int = 0) -> Session:
    """A session of that Tuesday, by Berlin's clock."""
    start = datetime(2026, 11, 24, hour, 0, tzinfo=BERLIN).astimezone(UTC)
    return Session(start, start - buffer * MINUTE, start + (minutes + buffer) * MINUTE)


def test_a_break_lies_between_sessions_beside_their_buffers() -> None:
    shape = replace(HOUR, minutes=30, buffer_before=15, buffer_after=15)
    shared = replace(MORNING, sessions=[session_at(10, minutes=30, buffer=15)])
    assert walls(shared, shape, TUESDAY) == ["09:00", "11:00", "11:30"]
    rested = replace(shared, workload=Workload(break_minutes=1))
    assert walls(rested, shape, TUESDAY) == ["11:30"]


def test_what_is_taken_elsewhere_needs_no_break_and_does_not_count() -> None:
    ten = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    workload = Workload(break_minutes=30, sessions_per_day=1)
    busy = replace(MORNING, busy=[(ten, ten + timedelta(hours=1))], workload=workload)
    assert walls(busy, HOUR, TUESDAY) == ["09:00", "11:00"]


def test_a_full_day_offers_nothing_and_the_next_one_does() -> None:
    most = replace(MORNING, sessions=[session_at(9)], workload=Workload(sessions_per_day=2))
    assert walls(most, HOUR, TUESDAY)
    full = replace(most, sessions=[session_at(9), session_at(10)])
    assert walls(full, HOUR, TUESDAY) == []
    assert walls(full, HOUR, TUESDAY + DAY) == walls(MORNING, HOUR, TUESDAY + DAY)


def test_a_session_counts_for_the_local_day_on_which_it_starts() -> None:
    """A buffer or an end on the other side of midnight is not another session."""
    night = Calendar(BERLIN, [Weekly(weekday, 0, 1440) for weekday in range(7)])
    late = replace(night, sessions=[session_at(23, minutes=90)], workload=Workload(sessions_per_day=1))
    assert walls(late, HOUR, TUESDAY) == []
    assert walls(late, HOUR, TUESDAY + DAY)[0] == "00:30"
    early = replace(night, sessions=[session_at(0, buffer=30)], workload=Workload(sessions_per_day=1))
    assert walls(early, HOUR, TUESDAY) == []
    assert walls(early, HOUR, TUESDAY - DAY)[-1] == "22:30"


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


NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_common_times_are_those_of_two_and_say_who() -> None:
    at = [datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in range(4)]
    starts = {b"a": [at[0], at[1]], b"b": [at[1], at[2]], b"c": [at[2], at[1]]}
    assert common_times(starts, starts) == [(at[1], b"a", b"b"), (at[2], b"b", b"c")]
    assert common_times(starts, [b"c"]) == [(at[1], b"c", b"a"), (at[2], b"c", b"b")]
    assert common_times(starts, [b"d"]) == []
    assert common_times({}, []) == []


def test_a_time_names_who_would_be_there() -> None:
    alone = OpenTime(NOW, b"nadia", b"single")
    assert alone.therapist_ids == (b"nadia",)
    assert alone._replace(co_therapist_id=b"omar").therapist_ids == (b"nadia", b"omar")

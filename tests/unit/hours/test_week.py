"""The week as blocks of local days: what falls on which day, and which hours the grid shows."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from telehealth.availability.rules import Dated, Weekly, Workload
from telehealth.hours.rules import Plan
from telehealth.hours.week import Block, monday_of, week_of

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 24, 9, 7, tzinfo=UTC)
DAY = timedelta(days=1)
ID, OTHER = b"a" * 16, b"b" * 16


def test_hours_stand_on_their_weekday_while_they_hold() -> None:
    rule = Weekly(1, 540, 780, valid_from=MONDAY + DAY)
    plan = Plan(BERLIN, {ID: rule, OTHER: Weekly(2, 540, 780, valid_until=MONDAY)}, {}, Workload())
    week = week_of(plan, [], [], MONDAY, NOW)
    assert [len(day.blocks) for day in week.days] == [0, 1, 0, 0, 0, 0, 0]
    assert week.days[1].blocks == (Block("weekly", ID.hex(), 540, 780),)
    assert week.days[1].open_minutes == 240
    assert week_of(plan, [], [], MONDAY - 7 * DAY, NOW).days[1].blocks == ()


def test_a_vacation_covers_each_of_its_days_and_opens_no_night() -> None:
    plan = Plan(BERLIN, {}, {ID: Dated(MONDAY + DAY, "off", 0, 1440, MONDAY + 2 * DAY)}, Workload())
    week = week_of(plan, [], [], MONDAY, NOW)
    assert [day.is_off for day in week.days] == [False, True, True, False, False, False, False]
    assert (week.first, week.last) == (8, 18)


def test_the_grid_shows_every_hour_that_something_lies_in() -> None:
    early = Plan(BERLIN, {ID: Weekly(0, 390, 480)}, {OTHER: Dated(MONDAY, "extra", 1200, 1230)}, Workload())
    week = week_of(early, [], [], MONDAY, NOW)
    assert (week.first, week.last) == (6, 21)


def test_what_is_kept_elsewhere_over_midnight_stands_on_both_days_by_the_therapists_clock() -> None:
    ten_at_night = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
    span = (ten_at_night, ten_at_night + timedelta(hours=3))
    week = week_of(Plan(BERLIN, {}, {}, Workload()), [], [span], MONDAY, NOW)
    assert week.days[1].busy == (Block("busy", "", 1320, 1440),)
    assert week.days[2].busy == (Block("busy", "", 0, 60),)
    until_midnight = (ten_at_night, ten_at_night + timedelta(hours=2))
    week = week_of(Plan(BERLIN, {}, {}, Workload()), [], [until_midnight], MONDAY, NOW)
    assert week.days[2].busy == ()


def test_now_is_a_line_of_today_alone() -> None:
    week = week_of(Plan(BERLIN, {}, {}, Workload()), [], [], MONDAY, NOW)
    assert [day.now is not None for day in week.days] == [False, True, False, False, False, False, False]
    assert week.days[1].now == Block("now", "", 607, 612)
    assert monday_of(MONDAY + 6 * DAY) == MONDAY


def test_blocks_are_placed_in_steps_of_five_minutes_and_never_smaller_than_they_are() -> None:
    assert Block("booked", "", 607, 656).places == "from-h10 from-m5 to-h11 to-m0"
    assert Block("off", "", 0, 1440).places == "from-h0 from-m0 to-h24 to-m0"
    assert Block("booked", "", 600, 630).is_short
    assert Block("booked", "", 600, 650).span == "10:00 to 10:50"

"""One local day as UTC minutes, where the clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from telehealth.availability.clock import local_day, minute_of, moment_of

DAY = 1440
DAYS = [
    ("Europe/Berlin", date(2026, 11, 24)),
    ("Europe/Berlin", date(2026, 10, 25)),  # 03:00 becomes 02:00
    ("Europe/Berlin", date(2027, 3, 28)),  # 02:00 becomes 03:00
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),  # half an hour
    ("Australia/Lord_Howe", date(2027, 4, 4)),
    ("Asia/Kathmandu", date(2026, 6, 1)),  # 5:45 ahead, never changes
    ("Asia/Beirut", date(2026, 3, 29)),  # midnight itself is skipped
    ("Asia/Beirut", date(2026, 10, 24)),  # 24:00 becomes 23:00
    ("Asia/Beirut", date(2026, 10, 25)),
    ("Pacific/Chatham", date(2026, 4, 5)),  # 03:45 becomes 02:45
]


@pytest.mark.parametrize(("name", "day"), DAYS)
@pytest.mark.parametrize("period", [(0, DAY), (90, 150), (120, 180), (135, 240), (1380, DAY)])
def test_spans_are_the_minutes_at_which_the_clock_shows_the_period(
    name: str, day: date, period: tuple[int, int]
) -> None:
    zone = ZoneInfo(name)
    clock = local_day(day, zone)
    begins = minute_of(datetime(day.year, day.month, day.day, tzinfo=UTC)) - DAY
    shown = {minute for minute in range(begins, begins + 3 * DAY) if _shows(minute, zone, day, period)}
    spans = clock.spans(*period)
    assert {minute for start, end in spans for minute in range(start, end)} == shown
    first = {minute for minute in shown if moment_of(minute).astimezone(zone).fold == 0}
    stretches = clock.stretches(*period)
    assert {minute for each in stretches for minute in range(each.start, each.end)} == first
    for each in stretches:
        wall = moment_of(each.start).astimezone(zone)
        assert each.start - each.midnight == wall.hour * 60 + wall.minute


def _shows(minute: int, zone: ZoneInfo, day: date, period: tuple[int, int]) -> bool:
    wall = moment_of(minute).astimezone(zone)
    return wall.date() == day and period[0] <= wall.hour * 60 + wall.minute < period[1]


def test_part_of_a_minute_counts_down_or_up() -> None:
    moment = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    assert (minute_of(moment), minute_of(moment, up=True)) == (1, 1)
    later = moment + timedelta(seconds=1)
    assert (minute_of(later), minute_of(later, up=True)) == (1, 2)

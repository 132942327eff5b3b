"""A change of hours: what becomes of them, and which appointments it leaves out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from telehealth.availability.rules import Dated, Session, Weekly, Workload
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.hours import rules
from telehealth.hours.rules import Booked, Change, Plan, left_out, misfits, planned

BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = date(2026, 11, 24)
MORNING, NEW, OTHER = b"morning", b"new", b"other"
PLAN = Plan(BERLIN, {MORNING: Weekly(1, 540, 780)}, {}, Workload())
DAY = timedelta(days=1)


def booked(hour: int, minute: int = 0, *, minutes: int = 50, day: date = TUESDAY, after: int = 10) -> Booked:
    start = datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN).astimezone(UTC)
    end = start + timedelta(minutes=minutes)
    name = f"{day.day} {hour:02}:{minute:02}".encode()
    return Booked(name, end, Session(start, start, end + timedelta(minutes=after)))


def added(plan: Plan, rule: Weekly) -> Plan:
    return planned(plan, Change(NEW, rule, is_new=True))


def test_a_period_is_added_changed_and_removed() -> None:
    afternoon = Weekly(1, 840, 1020)
    plan = added(PLAN, afternoon)
    assert plan.weekly == {MORNING: Weekly(1, 540, 780), NEW: afternoon}
    plan = planned(plan, Change(MORNING, Weekly(2, 540, 600)))
    assert plan.weekly == {MORNING: Weekly(2, 540, 600), NEW: afternoon}
    assert planned(plan, Change(NEW, None)).weekly == {MORNING: Weekly(2, 540, 600)}


def test_periods_of_one_weekday_that_touch_or_overlap_become_one() -> None:
    later = replace(PLAN, weekly={MORNING: Weekly(1, 540, 780), OTHER: Weekly(1, 840, 900)})
    assert added(later, Weekly(1, 780, 860)).weekly == {NEW: Weekly(1, 540, 900)}
    assert added(later, Weekly(1, 600, 700)).weekly == {NEW: Weekly(1, 540, 780), OTHER: Weekly(1, 840, 900)}
    assert len(added(later, Weekly(2, 540, 900)).weekly) == 3  # another weekday


def test_an_overlap_with_hours_of_other_dates_is_refused_with_the_sentence_that_helps() -> None:
    plan = replace(PLAN, weekly={MORNING: Weekly(1, 540, 780, valid_until=TUESDAY)})
    with pytest.raises(Invalid) as refused:
        added(plan, Weekly(1, 600, 900))
    assert refused.value.code == "hours_overlap"
    assert "from 09:00 to 13:00" in refused.value.sentence
    follows = Weekly(1, 600, 900, valid_from=TUESDAY + DAY)
    assert len(added(plan, follows).weekly) == 2
    assert len(added(plan, Weekly(1, 780, 900)).weekly) == 2  # touches, and overlaps nothing


def test_what_is_not_there_is_not_found_and_what_is_there_twice_is_refused() -> None:
    with pytest.raises(NotFound) as lost:
        planned(PLAN, Change(OTHER, None))
    assert lost.value.about == ("hours", OTHER)
    off = Dated(TUESDAY, "off", 0, 1440)
    plan = planned(PLAN, Change(NEW, off, is_new=True))
    assert plan.dated == {NEW: off}
    with pytest.raises(Conflict) as twice:
        planned(plan, Change(OTHER, off, is_new=True))
    assert twice.value.code == "hours_twice"
    longer = replace(off, last_day=TUESDAY + DAY)
    assert planned(plan, Change(NEW, longer)).dated == {NEW: longer}


def test_there_is_an_end_to_the_number_of_entries() -> None:
    many = {bytes([number]): Weekly(1, number * 10, number * 10 + 5) for number in range(rules.MOST_WEEKLY)}
    with pytest.raises(Conflict) as refused:
        added(replace(PLAN, weekly=many), Weekly(2, 0, 60))
    assert refused.value.code == "too_many_hours"


def test_appointments_are_left_out_by_hours_that_end_earlier_or_days_that_are_off() -> None:
    ten, noon, over = booked(10), booked(12), booked(12, 30)
    shorter = planned(PLAN, Change(MORNING, Weekly(1, 540, 720)))
    assert left_out(PLAN, shorter, [ten, noon]) == {noon.id}
    assert left_out(PLAN, shorter, [over]) == set()  # it lay outside before: this change does nothing to it
    assert misfits(shorter, [over]) == {over.id}
    away = planned(PLAN, Change(NEW, Dated(TUESDAY - DAY, "off", 0, 1440, TUESDAY + DAY), is_new=True))
    assert left_out(PLAN, away, [ten, noon]) == {ten.id, noon.id}
    assert left_out(PLAN, away, [booked(10, day=TUESDAY + 7 * DAY)]) == set()
    assert left_out(away, PLAN, [ten]) == set()


def test_the_whole_session_must_lie_in_the_hours_not_its_buffer() -> None:
    assert misfits(PLAN, [booked(12, 10)]) == set()
    assert misfits(PLAN, [booked(12, 11)]) == {b"24 12:11"}
    assert misfits(PLAN, [booked(8, 59)]) == {b"24 08:59"}


def test_hours_over_midnight_hold_a_session_over_midnight() -> None:
    night = replace(PLAN, weekly={MORNING: Weekly(1, 1380, 1440), NEW: Weekly(2, 0, 60)})
    assert misfits(night, [booked(23, 30)]) == set()


def test_a_longer_break_or_a_smaller_number_leaves_out_the_later_ones() -> None:
    nine, ten, twelve = booked(9), booked(10), booked(12)
    more = planned(PLAN, Change(NEW, Workload(break_minutes=15)))
    assert left_out(PLAN, more, [twelve, ten, nine]) == {ten.id}
    fewer = planned(PLAN, Change(NEW, Workload(sessions_per_day=2)))
    assert left_out(PLAN, fewer, [twelve, ten, nine]) == {twelve.id}


def test_times_are_said_as_a_clock_shows_them() -> None:
    assert [rules.wall(minute) for minute in (0, 570, 1440)] == ["00:00", "09:30", "24:00"]
    assert rules.is_whole_day(Dated(TUESDAY, "off", 0, 1440))
    assert not rules.is_whole_day(Dated(TUESDAY, "off", 0, 720))
    assert rules.last_day_of(Dated(TUESDAY, "off", 0, 720)) == TUESDAY

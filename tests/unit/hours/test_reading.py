"""What is typed into the forms of hours: read, or refused with the name of its field."""

from datetime import date, timedelta

import pytest

from telehealth.availability.rules import Dated, Weekly, Workload
from telehealth.errors import Invalid
from telehealth.hours.reading import Fields, dated_from, weekly_from, workload_from

TODAY = date(2026, 11, 23)
WEEKLY = {"weekday": "1", "start": "09:00", "end": "13:00", "valid_from": "", "valid_until": ""}
OFF = {"kind": "off", "day": "2026-12-21", "last_day": "", "start": "", "end": ""}


def test_a_weekly_period_is_read() -> None:
    assert weekly_from(WEEKLY, TODAY) == Weekly(1, 540, 780)
    dates = {"valid_from": "2026-12-01", "valid_until": "2026-12-31"}
    read = weekly_from(WEEKLY | dates | {"end": "00:00"}, TODAY)
    assert read == Weekly(1, 540, 1440, date(2026, 12, 1), date(2026, 12, 31))
    assert weekly_from(WEEKLY | {"end": "24:00", "start": "9:05"}, TODAY) == Weekly(1, 545, 1440)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekday": "7"}, "weekday"),
        ({"weekday": ""}, "weekday"),
        ({"start": "9"}, "start"),
        ({"start": "24:10"}, "start"),
        ({"end": "25:00"}, "end"),
        ({"start": "13:00"}, "end"),
        ({"valid_from": "tomorrow"}, "valid_from"),
        ({"valid_until": "9999-12-31"}, "valid_until"),
        ({"valid_from": "2026-12-02", "valid_until": "2026-12-01"}, "valid_until"),
    ],
)
def test_what_is_wrong_with_a_weekly_period_is_said_at_its_field(changes: Fields, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        weekly_from({**WEEKLY, **changes}, TODAY)
    assert set(refused.value.fields) == {field}


def test_time_off_is_whole_days_unless_it_has_times() -> None:
    assert dated_from(OFF, TODAY) == Dated(date(2026, 12, 21), "off", 0, 1440)
    vacation = dated_from(OFF | {"last_day": "2027-01-03"}, TODAY)
    assert vacation == Dated(date(2026, 12, 21), "off", 0, 1440, date(2027, 1, 3))
    assert dated_from(OFF | {"last_day": "2026-12-21"}, TODAY).last_day is None
    dentist = dated_from(OFF | {"start": "10:00", "end": "12:00"}, TODAY)
    assert dentist == Dated(date(2026, 12, 21), "off", 600, 720)
    extra = dated_from(OFF | {"kind": "extra", "start": "18:00", "end": "20:00"}, TODAY)
    assert extra == Dated(date(2026, 12, 21), "extra", 1080, 1200)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"day": ""}, "day"),
        ({"day": "2040-01-01"}, "day"),
        ({"last_day": "2026-12-20"}, "last_day"),
        ({"last_day": str(date(2026, 12, 21) + timedelta(days=367))}, "last_day"),
        ({"start": "10:00"}, "end"),
        ({"kind": "extra", "end": "20:00"}, "start"),
    ],
)
def test_what_is_wrong_with_a_day_that_differs_is_said_at_its_field(changes: Fields, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        dated_from({**OFF, **changes}, TODAY)
    assert set(refused.value.fields) == {field}


def test_a_workload_is_two_numbers_that_may_be_left_out() -> None:
    assert workload_from({}) == Workload()
    assert workload_from({"break_minutes": "15", "sessions_per_day": "6"}) == Workload(15, 6)
    for field, text in (("break_minutes", "241"), ("break_minutes", "-1"), ("sessions_per_day", "0")):
        with pytest.raises(Invalid) as refused:
            workload_from({field: text})
        assert set(refused.value.fields) == {field}

"""Of a calendar file only when somebody is busy."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from telehealth.calendars import parsing
from telehealth.calendars.parsing import busy_in
from telehealth.calendars.reaching import CannotRead
from tests.unit.calendars.scene import EVENT, TUESDAY_TEN, calendar

BERLIN = ZoneInfo("Europe/Berlin")
SINCE = datetime(2026, 11, 23, 8, tzinfo=UTC)


def busy(*events: str, days: int = 30) -> list[str]:
    found = busy_in(calendar(*events), BERLIN, SINCE, SINCE + timedelta(days=days))
    return [f"{start:%d %H:%M}-{end:%d %H:%M}" for start, end in found]


def test_an_event_is_a_busy_time_in_utc() -> None:
    assert busy(EVENT + TUESDAY_TEN) == ["24 09:00-24 10:00"]


def test_a_rule_is_followed_with_its_exceptions() -> None:
    rule = "RRULE:FREQ=WEEKLY;COUNT=4\r\nEXDATE;TZID=Europe/Berlin:20261201T100000\r\n"
    assert busy(EVENT + TUESDAY_TEN + rule) == ["24 09:00-24 10:00", "08 09:00-08 10:00", "15 09:00-15 10:00"]


def test_a_whole_day_and_a_time_without_a_zone_are_the_therapists_own() -> None:
    whole = EVENT + "DTSTART;VALUE=DATE:20261125\r\n"
    floating = EVENT.replace("UID:1", "UID:2") + "DTSTART:20261127T120000\r\nDURATION:PT30M\r\n"
    assert busy(whole, floating) == ["24 23:00-25 23:00", "27 11:00-27 11:30"]


def test_what_is_free_or_cancelled_or_takes_no_time_is_not_busy() -> None:
    free = EVENT + TUESDAY_TEN + "TRANSP:TRANSPARENT\r\n"
    cancelled = EVENT.replace("UID:1", "UID:2") + TUESDAY_TEN + "STATUS:CANCELLED\r\n"
    moment = EVENT.replace("UID:1", "UID:3") + "DTSTART:20261125T120000Z\r\nDTEND:20261125T120000Z\r\n"
    assert busy(free, cancelled, moment) == []


def test_times_that_touch_are_one() -> None:
    after = EVENT.replace("UID:1", "UID:2") + "DTSTART:20261124T100000Z\r\nDTEND:20261124T103000Z\r\n"
    assert busy(EVENT + TUESDAY_TEN, after) == ["24 09:00-24 10:30"]


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\xff\xfe", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:x\r\n"]
)
def test_what_is_no_calendar_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(CannotRead) as refused:
        busy_in(body, BERLIN, SINCE, SINCE + timedelta(days=1))
    assert refused.value.code == "no_calendar"


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5"]
)
def test_a_rule_made_to_be_endless_is_not_followed(rule: str) -> None:
    with pytest.raises(CannotRead) as refused:
        busy(EVENT + TUESDAY_TEN + f"RRULE:{rule}\r\n")
    assert refused.value.code == "too_many"


def test_more_events_than_are_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_EVENTS", 1)
    with pytest.raises(CannotRead) as refused:
        busy(EVENT + TUESDAY_TEN, EVENT.replace("UID:1", "UID:2") + TUESDAY_TEN)
    assert refused.value.code == "too_many"


def test_a_calendar_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_SECONDS", -1.0)
    with pytest.raises(CannotRead) as refused:
        busy(EVENT + TUESDAY_TEN)
    assert refused.value.code == "too_slow"

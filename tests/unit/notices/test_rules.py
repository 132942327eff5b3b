"""When a mail is tried again, what may be chosen, which reminder is due, and how a calendar is told."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.errors import Invalid
from telehealth.notices import rules
from telehealth.notices.rules import (
    CalendarEntry,
    Preferences,
    entry_after,
    preferences_from,
    preferences_of,
    preferences_unless_chosen,
    reminders_due,
    retry_at,
)

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FORM = {"channel": "email", "level": "neutral", "zone": "Europe/Berlin", "day_before": "yes"}


@given(st.integers(1, rules.ATTEMPTS - 1), st.binary(min_size=1, max_size=1))
def test_each_wait_is_between_half_and_whole_of_twice_the_one_before(attempts: int, chance: bytes) -> None:
    whole = min(timedelta(minutes=2 ** (attempts - 1)), timedelta(hours=4))
    again_at = retry_at(NOW, attempts, chance)
    assert again_at is not None
    assert whole / 2 < again_at - NOW <= whole


def test_after_the_last_attempt_it_is_given_up() -> None:
    assert retry_at(NOW, rules.ATTEMPTS, b"\x00") is None


def test_what_is_chosen_is_kept_as_it_is() -> None:
    chosen = preferences_of(FORM | {"alone": "yes"})
    assert chosen == Preferences("email", "neutral", True, False, "Europe/Berlin", True)
    assert preferences_from(chosen.text()) == chosen
    assert preferences_from('{"channel": "none", "of_a_newer_release": 1}') == Preferences(channel="none")
    assert preferences_of(FORM | {"zone": ""}).zone == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channel", "fax"),
        ("channel", ""),
        ("level", "everything"),
        ("zone", "Mars/Olympus"),
        ("zone", "../../etc/passwd"),
        ("zone", "Europe"),
    ],
)
def test_what_was_not_offered_is_refused_at_its_field(name: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        preferences_of(FORM | {name: value})
    assert list(refused.value.fields) == [name]


def test_staff_are_reminded_only_when_they_ask_and_nobody_without_mail() -> None:
    assert preferences_unless_chosen(staff=False).hours == (24,)
    assert preferences_unless_chosen(staff=True).hours == ()
    assert Preferences(hour_before=True).hours == (24, 1)
    assert Preferences(channel="none", hour_before=True).hours == ()


@pytest.mark.parametrize(
    ("left", "booked_before", "due"),
    [
        (24 * HOUR + timedelta(seconds=1), 100 * HOUR, ()),
        (24 * HOUR, 100 * HOUR, (24,)),
        (24 * HOUR, 24 * HOUR, (24,)),
        (3 * HOUR, 23 * HOUR, ()),  # booked when the day before was over
        (2 * HOUR, 100 * HOUR, ()),  # too late for a day before, too early for an hour
        (HOUR, 100 * HOUR, (1,)),
        (HOUR, HOUR / 2, ()),
        (timedelta(seconds=1), 100 * HOUR, (1,)),
        (timedelta(0), 100 * HOUR, ()),
    ],
)
def test_a_reminder_is_due_when_its_hour_has_come(
    left: timedelta, booked_before: timedelta, due: tuple[int, ...]
) -> None:
    starts_at = NOW + left
    assert reminders_due(starts_at, starts_at - booked_before, NOW, (24, 1)) == due
    assert reminders_due(starts_at, starts_at - booked_before, NOW, ()) == ()


def told(
    entry: CalendarEntry | None, start: datetime = NOW, state: rules.State = "booked"
) -> CalendarEntry | None:
    return entry_after(entry, uid="new", starts_at=start, ends_at=start + HOUR, state=state)


def test_a_calendar_hears_of_a_change_once_and_under_its_own_uid() -> None:
    first = told(None)
    assert first == CalendarEntry("new", 0, NOW, NOW + HOUR, "booked")
    assert told(first) == first
    moved = entry_after(first, uid="other", starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR, state="booked")
    assert moved == CalendarEntry("new", 1, NOW + HOUR, NOW + 2 * HOUR, "booked")
    cancelled = told(moved, NOW + 9 * HOUR, "cancelled")
    assert cancelled == CalendarEntry("new", 2, NOW + HOUR, NOW + 2 * HOUR, "cancelled")
    assert told(cancelled, NOW + 9 * HOUR, "cancelled") == cancelled


def test_a_calendar_that_never_heard_of_it_is_not_told_that_it_is_cancelled() -> None:
    assert told(None, NOW, "cancelled") is None

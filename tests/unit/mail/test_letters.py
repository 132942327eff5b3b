"""A mail says when, and nothing else unless its reader wishes; its one link carries nothing."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from telehealth.mail.letters import Appointed, Sender, letter, subject_of, text_of

SENDER = Sender("Appointments", "office@clinic.example", "https://clinic.example")
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
START = datetime(2026, 11, 24, 14, 0, tzinfo=ZoneInfo("Europe/Berlin"))
NEUTRAL = Appointed(START, START + timedelta(minutes=50))


def test_the_subject_is_the_day_and_nothing_else() -> None:
    detailed = Appointed(START, START + timedelta(minutes=50), "cancelled", "Session", "Nadia Behrens")
    assert subject_of(NEUTRAL, NOW) == subject_of(detailed, NOW) == "Your appointment on Tuesday"
    assert subject_of(None, NOW) == "A message for you"
    assert subject_of(NEUTRAL, NOW - timedelta(days=30)) == "Your appointment on Tuesday 24 November"


def test_as_little_as_possible_is_when() -> None:
    lines = text_of(NEUTRAL, SENDER, NOW).splitlines()
    assert lines[:2] == ["Appointment, Tue 14:00", "Times are in Berlin time."]
    early = text_of(NEUTRAL, SENDER, NOW - timedelta(days=30)).splitlines()
    assert early[0] == "Appointment, Tue 24 Nov 14:00"
    cancelled = Appointed(START, START, "cancelled")
    assert text_of(cancelled, SENDER, NOW).startswith("Appointment, Tue 14:00 (cancelled)\n")


def test_who_wants_to_know_with_whom_reads_it_in_the_body() -> None:
    about = Appointed(START, START + timedelta(minutes=50), "", "Session", "Nadia Behrens")
    assert text_of(about, SENDER, NOW).splitlines()[:3] == [
        "Session with Nadia Behrens",
        "Tuesday 24 November, 14:00 to 14:50",
        "Times are in Berlin time.",
    ]


@pytest.mark.parametrize("about", [None, NEUTRAL])
def test_the_only_link_leads_to_sign_in_and_carries_nothing(about: Appointed | None) -> None:
    mail = letter(SENDER, "rosa@mail.example", message_id="a" * 32, about=about, now=NOW)
    assert re.findall(r"\S*//\S*", mail.get_content()) == ["https://clinic.example/auth/sign-in"]


def test_the_head_of_a_mail_is_the_same_each_time() -> None:
    first, second = (
        letter(SENDER, "rosa@mail.example", message_id="a" * 32, about=NEUTRAL, now=NOW) for _ in range(2)
    )
    assert first["Message-ID"] == second["Message-ID"] == f"<{'a' * 32}@clinic.example>"
    assert str(first["From"]) == "Appointments <office@clinic.example>"
    assert str(first["To"]) == "rosa@mail.example"
    assert first["Auto-Submitted"] == "auto-generated"


def test_an_address_that_would_begin_another_line_is_refused() -> None:
    with pytest.raises(ValueError, match="line"):
        letter(SENDER, "rosa@mail.example\r\nBcc: all@mail.example", message_id="a", about=None, now=NOW)

"""Pure decisions about the life of an appointment."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from telehealth.appointments import rules
from telehealth.appointments.rules import Verb
from telehealth.errors import Conflict, Invalid
from telehealth.person import Role
from tests.people import MIKA, ROSA

START = datetime(2026, 11, 25, 17, 30, tzinfo=UTC)
STATES = ("held", "booked", "cancelled", "attended", "missed")
VERBS: tuple[Verb, ...] = ("book", "cancel", "attend", "miss")
ALLOWED = {
    ("held", "book"): "booked",
    ("booked", "cancel"): "cancelled",
    ("booked", "attend"): "attended",
    ("booked", "miss"): "missed",
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", STATES)
def test_an_appointment_moves_only_along_its_life(state: str, verb: Verb) -> None:
    if (state, verb) in ALLOWED:
        assert rules.moved(state, verb) == ALLOWED[state, verb]
    else:
        with pytest.raises(Conflict) as refused:
            rules.moved(state, verb)
        assert refused.value.code == ("not_held" if verb == "book" else "not_booked")


def test_a_hold_ends_at_its_very_minute() -> None:
    assert not rules.is_expired(START, START - timedelta(microseconds=1))
    assert rules.is_expired(START, START)


@pytest.mark.parametrize(
    ("role", "state", "hours_before", "may"),
    [
        ("client", "booked", 24, True),
        ("client", "booked", 23.9, False),
        ("client", "cancelled", 48, False),
        ("client", "held", 48, False),
        ("therapist", "booked", 0, True),
        ("therapist", "booked", -0.1, False),
        ("front_desk", "booked", 1, True),
        ("administrator", "booked", 48, False),
    ],
)
def test_who_may_cancel_until_when(role: Role, state: str, hours_before: float, may: bool) -> None:
    now = START - timedelta(hours=hours_before)
    assert rules.may_cancel(role, state, starts_at=START, cancel_hours=24, now=now) is may


@pytest.mark.parametrize(
    ("role", "viewer", "may"),
    [
        ("client", ROSA.id, True),
        ("client", MIKA.id, False),  # partners do not read one another's words
        ("therapist", MIKA.id, True),
        ("front_desk", ROSA.id, False),
        ("administrator", ROSA.id, False),
    ],
)
def test_words_are_read_by_their_author_and_the_therapist_alone(role: Role, viewer: bytes, may: bool) -> None:
    assert rules.may_read_words(role, viewer, ROSA.id) is may


def test_a_reason_is_tidied_and_may_be_empty() -> None:
    assert rules.reason_from("  two\nlines \n") == "two\nlines"
    assert rules.reason_from("") == ""
    assert len(rules.reason_from("ä" * rules.MAX_REASON)) == rules.MAX_REASON


def test_a_reason_too_long_is_refused_at_its_field() -> None:
    with pytest.raises(Invalid) as refused:
        rules.reason_from("x" * (rules.MAX_REASON + 1))
    assert refused.value.code == "reason_too_long"
    assert refused.value.fields == {"reason": refused.value.sentence}


def test_a_start_is_written_and_said_in_its_zone() -> None:
    assert rules.local_start(START, ZoneInfo("Europe/Berlin")) == "2026-11-25T18:30"
    assert rules.spoken(START, ZoneInfo("Asia/Kathmandu")) == "Wednesday 25 November, 23:15"


def test_the_door_opens_for_the_therapist_first() -> None:
    assert rules.opens_at(START, "client") == START - timedelta(minutes=15)
    assert rules.opens_at(START, "therapist") == START - timedelta(minutes=60)

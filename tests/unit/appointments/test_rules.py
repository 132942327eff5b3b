"""Pure decisions about the life of an appointment."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from telehealth.appointments import rules
from telehealth.appointments.rules import Verb
from telehealth.errors import Conflict, Invalid
from telehealth.person import Role
from tests.people import MIKA, ROSA

START = datetime(2026, 11, 25, 17, 30, tzinfo=UTC)
STATES = ("held", "asked", "booked", "cancelled", "declined", "attended", "missed")
VERBS: tuple[Verb, ...] = get_args(Verb)
ALLOWED = {
    "held": {"ask": "asked", "book": "booked"},
    "asked": {
        "confirm": "booked",
        "decline": "declined",
        "lapse": "declined",
        "move": "asked",
        "cancel": "cancelled",
    },
    "booked": {
        "take": "booked",
        "move": "booked",
        "cancel": "cancelled",
        "attend": "attended",
        "miss": "missed",
    },
    "declined": {"take": "booked"},
    "attended": {"attend": "attended", "miss": "missed"},
    "missed": {"attend": "attended", "miss": "missed"},
}
CODES = {
    "ask": "not_held",
    "book": "not_held",
    "confirm": "not_asked",
    "decline": "not_asked",
    "lapse": "not_asked",
}
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", STATES)
def test_an_appointment_moves_only_along_its_life(state: str, verb: Verb) -> None:
    after = ALLOWED.get(state, {}).get(verb)
    if after is not None:
        assert rules.moved(state, verb) == after
    else:
        with pytest.raises(Conflict) as refused:
            rules.moved(state, verb)
        assert refused.value.code == CODES.get(verb, "not_booked")


def test_a_hold_ends_at_its_very_minute() -> None:
    assert not rules.is_expired(START, START - timedelta(microseconds=1))
    assert rules.is_expired(START, START)


@pytest.mark.parametrize(
    ("role", "state", "hours_before", "move", "cancel", "late"),
    [
        ("client", "booked", 24, True, True, False),
        ("client", "booked", 23.9, False, True, True),
        ("client", "booked", 0, False, False, True),
        ("client", "asked", 24, True, True, False),
        ("client", "asked", 1, False, True, False),  # nothing is late that nobody confirmed
        ("client", "cancelled", 48, False, False, False),
        ("client", "held", 48, False, False, False),
        ("therapist", "booked", 0.1, True, True, False),
        ("therapist", "booked", 0, False, False, False),
        ("therapist", "asked", 48, False, True, False),  # it is confirmed or declined, with other times
        ("front_desk", "booked", 1, True, True, False),
        ("administrator", "booked", 48, False, False, False),
    ],
)
def test_who_may_move_and_cancel_until_when(
    role: Role, state: str, hours_before: float, move: bool, cancel: bool, late: bool
) -> None:
    now = START - hours_before * HOUR
    assert rules.may_move(role, state, starts_at=START, cancel_hours=24, now=now) is move
    assert rules.may_cancel(role, state, starts_at=START, now=now) is cancel
    assert rules.is_late(role, state, starts_at=START, cancel_hours=24, now=now) is late


def test_while_the_practice_asks_for_another_time_nothing_is_too_late() -> None:
    assert rules.window(24, None) == 24
    assert rules.window(24, START - HOUR) == 0


@pytest.mark.parametrize(
    ("role", "state", "before", "may"),
    [
        ("therapist", "asked", HOUR, True),
        ("therapist", "asked", 0 * HOUR, False),
        ("therapist", "booked", HOUR, False),
        ("client", "asked", HOUR, False),
        ("front_desk", "asked", HOUR, False),
    ],
)
def test_a_request_is_answered_by_its_therapist_before_the_start(
    role: Role, state: str, before: timedelta, may: bool
) -> None:
    assert rules.may_answer(role, state, starts_at=START, now=START - before) is may


@pytest.mark.parametrize(
    ("role", "state", "after", "may"),
    [
        ("therapist", "booked", -HOUR / 60, False),
        ("therapist", "booked", 0 * HOUR, True),
        ("therapist", "missed", HOUR + timedelta(days=7), True),
        ("therapist", "attended", HOUR + timedelta(days=7, seconds=1), False),
        ("therapist", "cancelled", HOUR, False),
        ("client", "attended", HOUR, False),
        ("front_desk", "attended", HOUR, False),
    ],
)
def test_how_it_went_is_said_from_the_start_until_a_week_after(
    role: Role, state: str, after: timedelta, may: bool
) -> None:
    now = START + after
    assert rules.may_judge(role, state, starts_at=START, ends_at=START + HOUR, now=now) is may


@pytest.mark.parametrize(
    ("role", "state", "confirms_first", "after"),
    [
        ("client", "booked", True, "asked"),
        ("client", "asked", True, "asked"),
        ("client", "booked", False, "booked"),
        ("therapist", "booked", True, "booked"),
    ],
)
def test_a_client_who_moves_what_is_confirmed_first_asks_anew(
    role: Role, state: str, confirms_first: bool, after: str
) -> None:
    assert rules.state_after_move(role, state, confirms_first=confirms_first) == after


@pytest.mark.parametrize(
    ("asked_before", "notice", "lapses_before"),
    [
        (72 * HOUR, 60, 24 * HOUR),
        (26 * HOUR, 60, 24 * HOUR),
        (25 * HOUR, 60, HOUR),
        (3 * HOUR, 60, HOUR),
        (2 * HOUR, 60, 0 * HOUR),  # an hour to answer would be too short
        (49 * HOUR, 48 * 60, 24 * HOUR),
    ],
)
def test_a_request_lapses_a_day_before_or_as_late_as_leaves_time_to_answer(
    asked_before: timedelta, notice: int, lapses_before: timedelta
) -> None:
    assert rules.answer_by(START, START - asked_before, notice) == START - lapses_before


def test_what_can_be_changed_until_when_is_said_before() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    said = rules.policy(START, 24, berlin, START - 24 * HOUR)
    assert said.startswith("You can move or cancel this until Tuesday 24 November, 18:30. After that")
    assert rules.policy(START, 24, berlin, START - 23 * HOUR).startswith(
        "It begins in less than 24 hours, so"
    )
    assert "less than an hour" in rules.policy(START, 1, berlin, START)
    assert rules.policy(START, 0, berlin, START) == "You can move or cancel this until it begins."


def test_a_message_is_tidied_and_refused_at_its_field_when_too_long() -> None:
    assert rules.message_from(" I am ill. ") == "I am ill."
    with pytest.raises(Invalid) as refused:
        rules.message_from("x" * (rules.MAX_MESSAGE + 1))
    assert refused.value.fields == {"message": refused.value.sentence}


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


def test_who_comes_is_said_of_what_is_for_more_than_one() -> None:
    since = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert rules.company(1, 1, None) is None
    assert rules.company(2, 1, None) == "waiting"
    assert rules.company(2, 2, None) == "together"
    assert rules.company(2, 1, since) == "alone"
    assert rules.company(2, 2, since) == "alone"  # an erased person whose words a legal hold keeps


def test_a_series_keeps_its_time_on_the_wall_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2027, 3, 21, 1, 30, tzinfo=UTC)  # 02:30 in Berlin; a week later that time does not exist
    found = rules.series(start, berlin, every=1, times=3)
    assert [exists for _, exists in found] == [True, False, True]
    assert found[2][0] == datetime(2027, 4, 4, 0, 30, tzinfo=UTC)
    assert rules.series(start, berlin, every=0, times=1) == [(start, True)]


@pytest.mark.parametrize(("every", "times"), [(3, 2), (1, 0), (1, 1), (0, 2), (1, rules.MAX_SERIES + 1)])
def test_another_series_is_refused_at_its_field(every: int, times: int) -> None:
    with pytest.raises(Invalid) as refused:
        rules.series(START, ZoneInfo("UTC"), every=every, times=times)
    assert (refused.value.code, list(refused.value.fields)) == ("series", ["times"])

"""Who may ask and decide, where a request stands, and which words are taken."""

from datetime import UTC, datetime, timedelta

import pytest

from telehealth.emergency import rules
from telehealth.emergency.rules import State
from telehealth.errors import Invalid
from telehealth.person import ROLES

ASKED = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = ASKED + timedelta(minutes=10)
END = LATER + rules.STANDS


def test_therapists_ask_and_desk_and_administrators_decide_and_nobody_does_both() -> None:
    assert [role for role in ROLES if rules.may_ask(role)] == ["therapist"]
    assert [role for role in ROLES if rules.may_decide(role)] == ["front_desk", "administrator"]


@pytest.mark.parametrize(
    ("confirmed", "declined", "ended", "now", "stands"),
    [
        (None, None, None, ASKED, "waiting"),
        (None, None, None, ASKED + timedelta(minutes=59, seconds=59), "waiting"),
        (None, None, None, ASKED + timedelta(hours=1), "lapsed"),
        (None, None, LATER, END, "withdrawn"),
        (None, LATER, None, LATER, "declined"),
        (LATER, None, None, LATER, "open"),
        (LATER, None, None, END - timedelta(seconds=1), "open"),
        (LATER, None, None, END, "over"),
        (LATER, None, LATER + timedelta(minutes=1), LATER + timedelta(minutes=1), "ended"),
        (LATER, None, LATER + timedelta(minutes=1), END, "ended"),
    ],
)
def test_where_a_request_stands(
    confirmed: datetime | None,
    declined: datetime | None,
    ended: datetime | None,
    now: datetime,
    stands: State,
) -> None:
    ends_at = None if confirmed is None else confirmed + rules.STANDS
    found = rules.state(
        asked_at=ASKED,
        confirmed_at=confirmed,
        declined_at=declined,
        ends_at=ends_at,
        ended_at=ended,
        now=now,
    )
    assert found == stands


def test_access_stands_two_hours_and_a_request_waits_one() -> None:
    assert timedelta(hours=2) == rules.STANDS
    assert timedelta(hours=1) == rules.WAITS


def test_a_name_is_tidied() -> None:
    assert rules.name_from("  Rosa \t Lindqvist ") == "Rosa Lindqvist"
    assert rules.name_from("x" * rules.MAX_NAME) == "x" * rules.MAX_NAME


@pytest.mark.parametrize(
    ("name", "code"),
    [("  ", "name_missing"), ("x" * (rules.MAX_NAME + 1), "name_too_long"), ("Ro\x07sa", "name_unprintable")],
)
def test_a_name_that_cannot_be_used_is_refused(name: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.name_from(name)
    assert refused.value.code == code
    assert list(refused.value.fields) == ["name"]


def test_both_are_judged_at_once() -> None:
    assert rules.words_from(" Rosa ", " It is urgent. ") == ("Rosa", "It is urgent.")
    for name, reason, code, fields in (
        ("", "", "name_missing", ["name", "reason"]),
        ("", "It is urgent.", "name_missing", ["name"]),
        ("Rosa", "", "reason_missing", ["reason"]),
    ):
        with pytest.raises(Invalid) as refused:
            rules.words_from(name, reason)
        assert (refused.value.code, list(refused.value.fields)) == (code, fields)


def test_a_reason_is_kept_as_it_was_written() -> None:
    assert rules.reason_from(" He called.\nTwice today. ") == "He called.\nTwice today."
    assert rules.reason_from("x" * rules.SHORTEST_REASON) == "x" * rules.SHORTEST_REASON
    assert rules.reason_from("x" * rules.MAX_REASON) == "x" * rules.MAX_REASON


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("", "reason_missing"),
        ("x" * (rules.SHORTEST_REASON - 1), "reason_missing"),
        ("x" * (rules.MAX_REASON + 1), "reason_too_long"),
    ],
)
def test_a_reason_that_says_nothing_or_too_much_is_refused(reason: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.reason_from(reason)
    assert refused.value.code == code
    assert list(refused.value.fields) == ["reason"]

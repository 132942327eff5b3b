"""Decisions about people and their sessions."""

from datetime import timedelta

import pytest

from telehealth.errors import Invalid
from telehealth.people import rules
from telehealth.people.oidc import is_stale
from tests.clock import MONDAY

MAPPING = {"therapists": "therapist", "office": "administrator"}


def test_groups_confer_the_strongest_mapped_role() -> None:
    assert rules.role_from(["therapists", "office"], MAPPING) == "administrator"  # type: ignore[arg-type]


def test_unknown_groups_confer_nothing_but_client() -> None:
    assert rules.role_from(["administrator"], MAPPING) == "client"  # type: ignore[arg-type]
    assert rules.role_from([], {}) == "client"


def test_a_session_ends_when_idle() -> None:
    idle = rules.IDLE["client"]
    assert rules.is_live(
        "client", created_at=MONDAY, seen_at=MONDAY, now=MONDAY + idle - timedelta(seconds=1)
    )
    assert not rules.is_live("client", created_at=MONDAY, seen_at=MONDAY, now=MONDAY + idle)


def test_a_session_ends_after_twelve_hours_however_busy() -> None:
    now = MONDAY + rules.ABSOLUTE
    assert not rules.is_live("therapist", created_at=MONDAY, seen_at=now, now=now)


def test_a_name_is_tidied() -> None:
    assert rules.name_from("  Ada \n  Vale ") == "Ada Vale"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "name_missing"),
        ("   ", "name_missing"),
        ("x" * 81, "name_too_long"),
        ("a\x07b", "name_unprintable"),
    ],
)
def test_a_bad_name_is_refused_beside_its_field(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.name_from(text)
    assert refused.value.code == code
    assert "name" in refused.value.fields


def test_an_answer_for_somebody_who_was_not_asked_is_stale() -> None:
    assert is_stale(1_000.0, 1_061.0)
    assert not is_stale(1_000.0, 1_060.0)
    assert not is_stale(None, 1_000.0)

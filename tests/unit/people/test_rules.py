"""Decisions about people and their sessions."""

from datetime import timedelta

import pytest

from telehealth.errors import Invalid
from telehealth.people import rules
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
    assert rules.name_from("\u200f\u05e0\u05d5\u05e2\u05d4\u200e") == "\u05e0\u05d5\u05e2\u05d4"
    assert rules.name_from("\u200c\u0645\u06cc\u200c\u0622") == "\u0645\u06cc\u200c\u0622"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "name_missing"),
        ("   ", "name_missing"),
        ("x" * 81, "name_too_long"),
        ("\u200d\u202e", "name_missing"),
        ("a\x07b", "name_unprintable"),
    ],
)
def test_a_bad_name_is_refused_beside_its_field(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.name_from(text)
    assert refused.value.code == code
    assert "name" in refused.value.fields


def test_somebody_was_asked_when_the_provider_did_it_after_we_sent_them() -> None:
    minute = timedelta(minutes=1)
    assert rules.was_asked(MONDAY - minute, MONDAY)
    assert rules.was_asked(MONDAY - minute - timedelta(seconds=1), MONDAY) is False
    assert rules.was_asked(None, MONDAY) is None


def test_a_sign_in_is_a_fresh_proof_only_when_the_provider_says_when_it_asked() -> None:
    asked = MONDAY - timedelta(seconds=20)
    assert rules.proof_of(asked, MONDAY) == asked
    assert rules.proof_of(MONDAY + timedelta(seconds=20), MONDAY) == MONDAY
    assert rules.is_fresh(rules.proof_of(asked, MONDAY), MONDAY)
    assert not rules.is_fresh(rules.proof_of(None, MONDAY), MONDAY)


@pytest.mark.parametrize(
    ("amr", "proved"),
    [
        ([], False),
        (["pwd"], False),
        (["otp"], False),
        (["hwk", "sms"], False),
        (["unheard-of", "pwd"], False),
        (["pwd", "otp"], True),
        (["pin", "sc"], True),
        (["fido", "fpt"], True),
        (["mfa"], True),
    ],
)
def test_methods_of_two_kinds_are_two_factors(amr: list[str], proved: bool) -> None:
    assert rules.proved_second_factor(amr, None, strong_amr=None, strong_acr=()) is proved


def test_what_a_provider_calls_two_factors_is_said_in_its_settings() -> None:
    def proved(amr: list[str], acr: str | None) -> bool:
        return rules.proved_second_factor(amr, acr, strong_amr={"ngcmfa"}, strong_acr=("two",))

    assert proved(["ngcmfa"], None)
    assert proved([], "two")
    assert not proved(["pwd", "otp"], None)  # what the settings say stands in place of our own reading
    assert not proved(["pwd"], "one")


def test_staff_with_one_factor_have_a_second_step_before_them() -> None:
    assert rules.is_pending("therapist", strong=False, staff_factor=True)
    assert not rules.is_pending("therapist", strong=True, staff_factor=True)
    assert not rules.is_pending("therapist", strong=False, staff_factor=False)
    assert not rules.is_pending("client", strong=False, staff_factor=True)


def test_of_two_roles_the_stronger_decides() -> None:
    assert rules.stronger("client", "therapist") == rules.stronger("therapist", "client") == "therapist"
    assert rules.stronger("administrator", "front_desk") == "administrator"
    assert rules.stronger("client", "client") == "client"


def test_half_a_sign_in_changes_the_role_of_nobody_but_a_client() -> None:
    assert rules.changes_role("therapist", pending=False)
    assert not rules.changes_role("therapist", pending=True)
    assert rules.changes_role("client", pending=True)

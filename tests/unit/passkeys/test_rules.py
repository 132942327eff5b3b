"""Whose passkey counts, and who needs a code."""

import pytest

from telehealth.errors import Invalid
from telehealth.passkeys import rules
from telehealth.person import ROLES, Role

STAFF: tuple[Role, ...] = ("therapist", "front_desk", "administrator")


@pytest.mark.parametrize("role", STAFF)
def test_a_single_factor_never_enrols_the_second(role: Role) -> None:
    assert not rules.is_vouched(role, strong=False, with_code=False)
    assert rules.is_vouched(role, strong=True, with_code=False)
    assert rules.is_vouched(role, strong=False, with_code=True)
    assert rules.needs_code(pending=True)
    assert not rules.needs_code(pending=False)


def test_what_somebody_added_as_a_client_vouches_for_no_member_of_staff() -> None:
    assert not rules.is_vouched("client", strong=True, with_code=False)


@pytest.mark.parametrize("role", ROLES)
def test_staff_confirm_with_a_vouched_passkey_and_clients_with_any(role: Role) -> None:
    assert rules.counts(role, vouched=True, staff_factor=True)
    assert rules.counts(role, vouched=False, staff_factor=True) is (role == "client")
    assert rules.counts(role, vouched=False, staff_factor=False)


@pytest.mark.parametrize(
    ("kept", "said", "gone_back"),
    [(0, 0, False), (0, 1, False), (4, 5, False), (4, 4, True), (4, 3, True), (4, 0, True)],
)
def test_a_counter_that_does_not_move_on_gives_a_copy_away(kept: int, said: int, gone_back: bool) -> None:
    assert rules.has_gone_back(kept=kept, said=said) is gone_back


def test_a_name_is_tidied_and_a_missing_one_is_a_plain_word() -> None:
    assert rules.name_from("  My \t phone ") == "My phone"
    assert rules.name_from("   ") == rules.UNNAMED
    assert rules.name_from("x" * rules.MAX_NAME) == "x" * rules.MAX_NAME


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * 61, "passkey_name_too_long"),
        ("a\x00b", "passkey_name_unprintable"),
        ("\ud800", "passkey_name_unprintable"),
    ],
)
def test_a_name_that_cannot_be_shown_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.name_from(text)
    assert refused.value.code == code
    assert "name" in refused.value.fields

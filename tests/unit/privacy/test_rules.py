"""Decisions about erasing, holding back and keeping."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from telehealth.errors import Conflict, Invalid
from telehealth.privacy import rules

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def test_what_is_there_and_not_held_is_erased_in_a_fixed_order() -> None:
    assert rules.to_erase({"clinical", "account", "booking"}, {"booking"}) == ("account", "clinical")
    assert rules.to_erase(set(), {"booking"}) == ()


def test_zero_days_are_never_due() -> None:
    assert rules.due_before(0, NOW) is None
    assert rules.due_before(3, NOW) == NOW - timedelta(days=3)


@pytest.mark.parametrize("typed", ["erase", "Erase", "  ERASE "])
def test_the_word_may_be_typed_by_a_telephone(typed: str) -> None:
    rules.check_word(typed)


@pytest.mark.parametrize("typed", ["", "eras", "erase!", "delete"])
def test_another_word_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check_word(typed)
    assert refused.value.fields.keys() == {"word"}


def test_a_reason_is_tidied_and_neither_empty_nor_endless() -> None:
    assert rules.reason_from("  File 17\n") == "File 17"
    assert rules.reason_from("x" * rules.MAX_REASON)
    for text, code in ((" ", "reason_missing"), ("x" * (rules.MAX_REASON + 1), "reason_too_long")):
        with pytest.raises(Invalid) as refused:
            rules.reason_from(text)
        assert refused.value.code == code


def test_a_class_is_one_of_four() -> None:
    assert [rules.class_from(cls) for cls in rules.CLASSES] == list(rules.CLASSES)
    with pytest.raises(Invalid):
        rules.class_from("Account")


@pytest.mark.parametrize(
    ("last", "ahead", "code"), [(True, False, "last_administrator"), (False, True, "clients_ahead")]
)
def test_the_practice_does_not_stand_still(last: bool, ahead: bool, code: str) -> None:
    rules.check_may_be_erased(is_last_administrator=False, has_clients_ahead=False)
    with pytest.raises(Conflict) as refused:
        rules.check_may_be_erased(is_last_administrator=last, has_clients_ahead=ahead)
    assert refused.value.code == code


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("local", "last", "expected"),
    [
        ("2026-11-24T02:59", "2026-11-23T09:00", False),
        ("2026-11-24T03:00", "2026-11-23T09:00", True),
        ("2026-11-24T15:00", "2026-11-24T03:00", False),
        ("2026-11-24T15:00", "2026-11-24T02:59", True),  # started in the night, before its hour
        ("2026-11-26T01:00", "2026-11-23T09:00", False),
        ("2026-10-25T03:00", "2026-10-24T03:00", True),  # the night the hour repeats
        ("2027-03-28T03:00", "2027-03-27T03:00", True),  # the night it is missing
    ],
)
def test_the_night_comes_once(local: str, last: str, expected: bool) -> None:
    assert rules.is_night(at(local), at(last)) == expected


def test_every_class_has_words_and_every_basis_a_source() -> None:
    assert rules.CLASS_WORDS.keys() == set(rules.CLASSES)
    assert all("GDPR" in words for words in rules.BASES.values())

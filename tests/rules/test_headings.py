"""Every refusal that becomes a page has a heading that is true of it."""

import ast
from collections.abc import Iterator

from telehealth.web.headings import HEADINGS
from tests.rules.tree import ROOT

# Here "Something changed meanwhile" is just what happened.
MEANWHILE = {
    "access_over",
    "already_decided",
    "changed_meanwhile",
    "hold_expired",
    "hours_conflict",
    "idempotency_mismatch",
    "moved_again",
    "not_asked",
    "not_booked",
    "not_held",
    "not_open",
    "not_proposed",
    "passkey_challenge",
    "removed",
    "time_taken",
}
# These are said on the command line alone, or in the JSON of an erasure.
NO_PAGE = {
    "already_erased",
    "already_lifted",
    "clients_ahead",
    "kek_in_backups",
    "kek_in_use",
    "kek_wraps",
    "last_administrator",
    "record_changed",
    "record_of_another",
    "record_whole",
    "rotation_overtaken",
    "rotation_under_way",
}


def codes_of(*families: str) -> set[str]:
    """The codes that are written where a refusal of these families is made."""
    return set(_codes(families))


def _codes(families: tuple[str, ...]) -> Iterator[str]:
    for file in (ROOT / "telehealth").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in families:
                code = node.args[0]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    yield code.value


def test_whatever_is_forbidden_has_a_heading_of_its_own() -> None:
    forbidden = codes_of("Forbidden")
    assert len(forbidden) > 20, "the walk finds what is there"
    assert forbidden <= set(HEADINGS)


def test_where_nothing_changed_meanwhile_another_heading_says_what_is_so() -> None:
    conflicts = codes_of("Conflict", "Taken")
    assert conflicts - set(HEADINGS) - NO_PAGE == MEANWHILE


def test_no_heading_is_left_of_a_refusal_that_is_gone() -> None:
    assert set(HEADINGS) <= codes_of("Forbidden", "Conflict", "Taken")


def test_headings_are_short_plain_and_without_an_outcry() -> None:
    for heading in HEADINGS.values():
        assert 5 < len(heading) <= 40
        assert heading[0].isupper()
        assert heading[-1] not in ".!?"

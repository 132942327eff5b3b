"""What each finding means: every one that is not well says what to do."""

from datetime import UTC, datetime, timedelta

import pytest

from telehealth.doctor import rules
from telehealth.doctor.rules import PROVIDER, RELAY, SMTP, Verdict

NOW = datetime(2026, 11, 28, 5, 0, tzinfo=UTC)
TLS, TCP, UDP = "turns:r:5349?transport=tcp", "turn:r:3478?transport=tcp", "turn:r:3478?transport=udp"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

WELL = [
    rules.settings("p", []),
    rules.database("p", None),
    rules.migrations("p", "current"),
    rules.clock("p", timedelta(seconds=-9)),
    rules.zone_data("p", "2025b", NOW.replace(month=6)),
    rules.keys("p", [], "kek-202610-1", NOW, writable=False),
    rules.record("p", [], None),
    rules.valkey("p", None),
    rules.smtp("p", None),
    rules.certificate("p", None, (NOW - 75 * DAY, NOW + 15 * DAY), NOW),
    rules.certificate("p", None, (NOW - 9 * HOUR, NOW + 3 * HOUR), NOW),
    rules.provider("p", None, 2),
    rules.relay("p", "", 120.0),
    rules.ways("p", [UDP, TCP, TLS]),
    rules.guarded("p", []),
    rules.backup("p", None, NOW - 3 * HOUR, NOW, late=False),
]
LOOK = [
    rules.zone_data("p", "2025b", NOW),
    rules.keys("p", [], "kek-202609-1", NOW, writable=False),
    rules.keys("p", [], "kek-202611-1", NOW, writable=True),
    rules.record("p", ["The checkpoints are on the same volume."], None),
    rules.certificate("p", None, (NOW - 77 * DAY, NOW + 13 * DAY), NOW),
    rules.certificate("p", None, (NOW - 10 * HOUR, NOW + 2 * HOUR), NOW),
    rules.ways("p", []),
    rules.ways("p", [UDP, TCP]),
    rules.ways("p", [TLS]),
]
WRONG = [
    rules.unknown("p", "ValueError"),
    rules.settings("p", ["TURN_URLS names no turns: address."]),
    rules.database("p", "connection refused"),
    rules.migrations("p", "empty"),
    rules.migrations("p", "older"),
    rules.migrations("p", "newer"),
    rules.clock("p", timedelta(seconds=11)),
    rules.clock("p", timedelta(seconds=-11)),
    rules.zone_data("p", "2024a", NOW),
    rules.zone_data("p", "", NOW),
    rules.keys("p", ["kek-202610-1 is missing."], "", NOW, writable=False),
    rules.record("p", [], "Tombstone 3 is not as it was signed."),
    rules.valkey("p", "connection refused"),
    *(rules.smtp("p", code) for code in (*SMTP, "smtp_421")),
    rules.certificate("p", "certificate has expired", None, NOW),
    *(rules.provider("p", code, 0) for code in (*PROVIDER, "something_new")),
    rules.provider("p", None, 0),
    *(rules.relay("p", failure, None) for failure in RELAY),
    rules.guarded("p", ["127.0.0.1"]),
    rules.backup("p", "its note is not as it was signed", None, NOW, late=True),
    rules.backup("p", None, None, NOW, late=True),
    rules.backup("p", None, NOW - 40 * HOUR, NOW, late=True),
]


def ids(verdicts: list[Verdict]) -> list[str]:
    return [verdict.finding for verdict in verdicts]


@pytest.mark.parametrize("verdict", WELL, ids=ids(WELL))
def test_what_is_well_asks_for_nothing(verdict: Verdict) -> None:
    assert (verdict.state, verdict.remedy) == ("well", "")


@pytest.mark.parametrize("verdict", LOOK, ids=ids(LOOK))
def test_what_will_go_wrong_says_what_to_do(verdict: Verdict) -> None:
    assert verdict.state == "look"
    assert verdict.remedy


@pytest.mark.parametrize("verdict", WRONG, ids=ids(WRONG))
def test_what_is_wrong_says_what_to_do(verdict: Verdict) -> None:
    assert verdict.state == "wrong"
    assert verdict.remedy


def test_who_is_early_and_who_is_late_is_said() -> None:
    assert "11 s ahead of it" in rules.clock("p", timedelta(seconds=11)).finding
    assert "11 s behind it" in rules.clock("p", timedelta(seconds=-11)).finding
    assert rules.clock("p", None).state == "without"


def test_the_ways_that_are_missing_are_named() -> None:
    assert rules.ways("p", [TLS]).finding == "Not by UDP and TCP."


def test_a_verdict_is_plain_values() -> None:
    assert rules.guarded("p", []).plain()["state"] == "well"


def test_every_setting_that_is_wrong_is_said() -> None:
    assert rules.settings("p", ["One is wrong.", "Another is."]).finding == "One is wrong. Another is."

"""When the door of a room is open, and for whom."""

from datetime import timedelta

import pytest

from telehealth.errors import Invalid
from telehealth.rooms import rules
from telehealth.rooms.rules import Presence
from tests.clock import MONDAY

ENDS = MONDAY + timedelta(minutes=50)


@pytest.mark.parametrize(
    ("minutes", "host", "expected"),
    [
        (-61, True, "early"),
        (-60, True, "open"),
        (-16, False, "early"),
        (-15, False, "open"),
        (109, False, "open"),
        (110, False, "over"),
        (110, True, "over"),
    ],
)
def test_the_door_follows_the_clock(minutes: int, host: bool, expected: str) -> None:
    now = MONDAY + timedelta(minutes=minutes)
    found = rules.door(state="booked", starts_at=MONDAY, ends_at=ENDS, ended=False, host=host, now=now)
    assert found == expected


@pytest.mark.parametrize(("state", "ended"), [("cancelled", False), ("booked", True), ("missed", False)])
def test_what_is_over_stays_closed(state: str, ended: bool) -> None:
    found = rules.door(state=state, starts_at=MONDAY, ends_at=ENDS, ended=ended, host=False, now=MONDAY)
    assert found == "over"


def presence(minutes: int | None, *, host: bool = False, connected: bool = True) -> rules.Presence:
    """Somebody who came so many minutes after the start, or not at all."""
    came_at = None if minutes is None else MONDAY + timedelta(minutes=minutes)
    return rules.Presence(host=host, came_at=came_at, connected_at=came_at if connected else None)


@pytest.mark.parametrize(
    ("presences", "expected"),
    [
        ([], None),
        ([presence(None), presence(None, host=True)], None),
        ([presence(-5), presence(0, host=True)], "attended"),
        ([presence(25), presence(0, host=True)], "late"),
        ([presence(-5, connected=False), presence(0, host=True, connected=False)], "technical"),
        ([presence(-5, connected=False)], "technical"),
        ([presence(None), presence(0, host=True)], "missed"),
        ([presence(-180), presence(0, host=True)], "missed"),  # came to the time it was moved from
    ],
)
def test_how_it_went_comes_from_who_came_and_what_connected(
    presences: list[rules.Presence], expected: str | None
) -> None:
    assert rules.outcome(MONDAY, presences) == expected


def test_two_clicks_are_counted_once_each() -> None:
    rough, sound = rules.impression_from("rough", ""), rules.impression_from("rough", "sound")
    assert [rules.new_words(told, rough) for told in (0, 1, 2)] == [["rough"], [], []]
    assert [rules.new_words(told, sound) for told in (0, 1, 2)] == [["rough", "sound"], ["sound"], []]
    assert rules.new_words(0, rules.impression_from("good", "picture")) == ["good"]
    for wrong in (("", ""), ("sound", ""), ("rough", "good")):
        with pytest.raises(Invalid):
            rules.impression_from(*wrong)


def test_it_is_asked_for_two_days_and_shown_of_five() -> None:
    end = MONDAY + timedelta(minutes=50)
    assert rules.may_say_how(end, end + timedelta(days=2) - timedelta(seconds=1))
    assert not rules.may_say_how(end, end + timedelta(days=2))
    assert not rules.is_enough({"good": 3, "rough": 1, "failed": 0, "sound": 9})
    assert rules.is_enough({"good": 3, "rough": 1, "failed": 1})


def test_what_somebody_says_did_not_work_is_a_technical_failure_and_makes_nobody_miss_it() -> None:
    host = Presence(True, MONDAY, MONDAY)
    assert rules.outcome(MONDAY, [host, Presence(False, MONDAY, MONDAY)], failed=True) == "technical"
    assert rules.outcome(MONDAY, [host], failed=True) == "missed"
    assert rules.outcome(MONDAY, [], failed=True) is None


def test_what_is_typed_becomes_one_line_each_within_bounds() -> None:
    assert rules.whereabouts_from(" Birch\n Lane  4 ", "") == rules.Whereabouts("Birch Lane 4", "")
    at_most = rules.whereabouts_from("p" * 300, "c" * 200)
    assert (len(at_most.place), len(at_most.contact)) == (300, 200)
    with pytest.raises(Invalid) as refused:
        rules.whereabouts_from("p" * 301, "c" * 201)
    assert refused.value.code == "whereabouts_too_long"
    assert set(refused.value.fields) == {"place", "contact"}


@pytest.mark.parametrize(
    ("kept", "setting", "for_partners", "has_relay", "expected"),
    [
        (None, "all", False, True, "all"),
        (None, "all", True, True, "relay"),
        (None, "all", True, False, "all"),  # there is no other way
        (None, "relay", False, False, "relay"),
        ("all", "relay", True, True, "all"),  # the practice chose so
        ("relay", "all", False, False, "relay"),
    ],
)
def test_partners_meet_through_the_relay_unless_somebody_chose_otherwise(
    kept: rules.Ice | None, setting: rules.Ice, for_partners: bool, has_relay: bool, expected: str
) -> None:
    found = rules.ice_policy(kept, setting, for_partners=for_partners, has_relay=has_relay)
    assert found == expected

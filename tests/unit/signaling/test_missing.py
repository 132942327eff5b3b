"""The room opens for a couple when all who agreed are there, or the therapist says why not. And a word at the door."""

from dataclasses import replace

import pytest

from signaling.admission import Expected
from signaling.errors import Refused
from signaling.room import Room
from tests.unit.signaling.scene import ANNA, BEN, HOST, ICE, NOW, admit, kinds, told

COUPLE = tuple(Expected(each.seat, each.name) for each in (ANNA, BEN))
MARA, PARTNER, OTHER = (replace(each, expected=COUPLE) for each in (HOST, ANNA, BEN))
MISSING_BEN = {"type": "missing", "seats": [{"seat": BEN.seat, "name": "Ben"}]}


@pytest.fixture
def room() -> Room:
    """The host is in, and Anna waits; Ben agreed, too."""
    room = Room(MARA)
    room.enter(MARA, ICE, NOW)
    room.enter(PARTNER, ICE, NOW)
    room.knock(ANNA.seat, NOW)
    return room


def test_the_host_is_told_who_is_missing_and_who_is_not_any_more() -> None:
    room = Room(MARA)
    [(_, welcome)] = told(room.enter(MARA, ICE, NOW))
    assert [each["name"] for each in welcome["missing"]] == ["Anna", "Ben"]
    assert told(room.enter(PARTNER, ICE, NOW))[1:] == [(HOST.seat, MISSING_BEN)]
    assert told(room.enter(OTHER, ICE, NOW))[1:] == [(HOST.seat, {"type": "missing", "seats": []})]
    assert told(room.leave(BEN.seat)) == [(HOST.seat, MISSING_BEN)]


def test_a_guest_is_not_told_who_is_missing(room: Room) -> None:
    [(_, welcome), *_] = told(room.enter(OTHER, ICE, NOW))
    assert welcome["missing"] == []


def test_letting_in_only_one_needs_a_reason(room: Room) -> None:
    with pytest.raises(Refused, match="reason_needed"):
        room.check_admit(HOST.seat, ANNA.seat, "")
    room.check_admit(HOST.seat, ANNA.seat, "Ben is ill.")


def test_no_reason_is_needed_when_all_are_there(room: Room) -> None:
    room.enter(OTHER, ICE, NOW)
    room.check_admit(HOST.seat, ANNA.seat, "")


def test_the_reason_is_asked_for_once(room: Room) -> None:
    third = replace(entry := BEN, expected=(*COUPLE, Expected("ee" * 16, "Kim")))
    room.let_in(ANNA.seat, ICE, NOW)
    room.enter(third, ICE, NOW)
    room.knock(entry.seat, NOW)
    assert room.missing()
    room.check_admit(HOST.seat, BEN.seat, "")


def test_who_was_removed_is_not_missed(room: Room) -> None:
    room.enter(OTHER, ICE, NOW)
    assert kinds(room.removed(BEN.seat)) == [(BEN.seat, "removed")]
    assert room.missing() == []
    room.enter(MARA, ICE, NOW)  # a ticket may know less
    assert room.missing() == []


def test_who_is_missing_and_removed_from_elsewhere_is_not_missed_any_more(room: Room) -> None:
    assert told(room.removed(BEN.seat)) == [(HOST.seat, {"type": "missing", "seats": []})]


@pytest.mark.parametrize("kind", ["not_alone", "not_safe"])
def test_a_word_at_the_door_is_heard_by_hosts_alone(room: Room, kind: str) -> None:
    room.enter(OTHER, ICE, NOW)
    room.knock(BEN.seat, NOW)
    room.let_in(BEN.seat, ICE, NOW)
    assert told(room.signal(ANNA.seat, kind)) == [
        (HOST.seat, {"type": "signal", "seat": ANNA.seat, "name": "Anna", "kind": kind}),
        (ANNA.seat, {"type": "signalled", "heard": True}),
    ]


def test_who_says_a_word_learns_that_nobody_heard_it(room: Room) -> None:
    room.leave(HOST.seat)
    assert told(room.signal(ANNA.seat, "not_safe")) == [(ANNA.seat, {"type": "signalled", "heard": False})]


def test_inside_there_is_another_way_for_that_word(room: Room) -> None:
    admit(room, OTHER)
    with pytest.raises(Refused, match="already_inside"):
        room.signal(BEN.seat, "not_safe")


def test_who_waits_is_let_in_in_the_order_of_knocking(room: Room) -> None:
    room.enter(OTHER, ICE, NOW)
    room.knock(BEN.seat, NOW.replace(minute=1))
    room.enter(replace(PARTNER), ICE, NOW)
    room.knock(ANNA.seat, NOW.replace(minute=2))
    assert room.waiting_seats() == [BEN.seat, ANNA.seat]

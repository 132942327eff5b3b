"""A couple is split and brought together: who hears whom, and what each is told."""

from dataclasses import replace
from typing import Any

import pytest

from signaling.errors import Refused
from signaling.occupant import Send
from signaling.room import Room
from tests.unit.signaling.scene import ANNA, BEN, CLEO, HOST, ICE, NOW, admit, candidates, kinds, offer, told


def heard_by(sends: list[Send]) -> dict[str, tuple[list[str], list[tuple[str, int]]]]:
    """By seat: the names of those who hear it, and (name, group) of the others, as `groups` said."""
    found: dict[str, tuple[list[str], list[tuple[str, int]]]] = {}
    for seat, message in told(sends):
        assert message["type"] == "groups"
        hearing = [each["name"] for each in message["participants"]]
        found[seat] = (hearing, [(each["name"], each["group"]) for each in message["apart"]])
    return found


@pytest.fixture
def couple(room: Room) -> Room:
    """Anna and Ben are inside."""
    admit(room, ANNA, BEN)
    return room


def test_everybody_is_told_who_can_hear_them(couple: Room) -> None:
    assert heard_by(couple.grouped({ANNA.seat: 1}, 1)) == {
        HOST.seat: (["Ben"], [("Anna", 1)]),
        ANNA.seat: ([], [("Mara", 0), ("Ben", 0)]),
        BEN.seat: (["Mara"], [("Anna", 1)]),
    }
    assert heard_by(couple.grouped({ANNA.seat: 1, HOST.seat: 1}, 2)) == {
        HOST.seat: (["Anna"], [("Ben", 0)]),
        ANNA.seat: (["Mara"], [("Ben", 0)]),
        BEN.seat: ([], [("Mara", 1), ("Anna", 1)]),
    }
    assert heard_by(couple.grouped({}, 3))[BEN.seat] == (["Mara", "Anna"], [])


def test_nothing_passes_between_those_apart(couple: Room) -> None:
    couple.grouped({ANNA.seat: 1}, 1)
    for message in (offer(ANNA), candidates(ANNA)):
        with pytest.raises(Refused, match="no_such_seat"):
            couple.relay(BEN.seat, message, 0)
    assert couple.media(ANNA.seat, microphone=True, camera=True) == []
    assert kinds(couple.media(BEN.seat, microphone=True, camera=True)) == [(HOST.seat, "media")]
    couple.grouped({}, 2)
    assert kinds(couple.relay(BEN.seat, offer(ANNA), 0)) == [(ANNA.seat, "offer")]


def test_the_count_of_candidates_begins_anew_with_those_who_come_together(couple: Room) -> None:
    couple.relay(BEN.seat, candidates(ANNA), 60)
    couple.relay(BEN.seat, candidates(HOST), 60)
    couple.grouped({ANNA.seat: 1}, 1)
    couple.grouped({}, 2)
    couple.relay(BEN.seat, candidates(ANNA), 60)
    with pytest.raises(Refused, match="too_many_candidates"):
        couple.relay(BEN.seat, candidates(HOST), 1)


def test_who_comes_and_goes_is_told_apart(couple: Room) -> None:
    couple.grouped({ANNA.seat: 1}, 1)
    couple.enter(CLEO, ICE, NOW)
    couple.knock(CLEO.seat, NOW)
    sends = couple.let_in(CLEO.seat, ICE, NOW)
    assert [each["name"] for each in told(sends)[0][1]["apart"]] == ["Anna"]
    assert (ANNA.seat, "groups") in kinds(sends)
    assert (BEN.seat, "joined") in kinds(sends)
    assert kinds(couple.leave(CLEO.seat)) == [(HOST.seat, "left"), (ANNA.seat, "groups"), (BEN.seat, "left")]


def test_a_new_socket_is_in_the_same_group_whatever_its_ticket_knew(couple: Room) -> None:
    couple.grouped({ANNA.seat: 1}, 1)
    [(_, welcome), *others] = told(couple.enter(replace(ANNA, admitted=True), ICE, NOW))
    assert (welcome["participants"], [each["name"] for each in welcome["apart"]]) == ([], ["Mara", "Ben"])
    assert [message["type"] for _, message in others] == ["groups", "groups"]


def test_a_room_that_opens_anew_knows_the_groups_from_the_tickets() -> None:
    room = Room(HOST)
    room.enter(replace(HOST, grouping=3), ICE, NOW)
    room.enter(replace(ANNA, admitted=True, group=1, grouping=3), ICE, NOW)
    with pytest.raises(Refused, match="no_such_seat"):
        room.relay(ANNA.seat, offer(HOST), 0)
    assert room.grouped({}, 3) == []  # that was before
    assert heard_by(room.grouped({}, 4))[ANNA.seat] == (["Mara"], [])


def test_only_those_inside_are_put_into_groups(couple: Room) -> None:
    couple.check_groups(HOST.seat, {ANNA.seat: 1, HOST.seat: 1})
    couple.enter(CLEO, ICE, NOW)
    with pytest.raises(Refused, match="no_such_seat"):
        couple.check_groups(HOST.seat, {CLEO.seat: 1})


def test_who_is_sent_back_waits_and_the_others_close_their_links(couple: Room) -> None:
    couple.check_guest_inside(HOST.seat, ANNA.seat)
    sends = told(couple.sent_back(ANNA.seat, NOW))
    anna: dict[str, Any] = {"seat": ANNA.seat, "name": "Anna", "since": "2026-11-23T08:00:00Z"}
    assert sends == [
        (ANNA.seat, {"type": "back", "host": True}),
        (HOST.seat, {"type": "left", "seat": ANNA.seat}),
        (BEN.seat, {"type": "left", "seat": ANNA.seat}),
        (HOST.seat, {"type": "knocking", **anna}),
    ]
    with pytest.raises(Refused, match="not_inside"):
        couple.relay(ANNA.seat, offer(BEN), 0)
    with pytest.raises(Refused, match="no_such_seat"):
        couple.check_guest_inside(HOST.seat, ANNA.seat)
    assert kinds(couple.let_in(ANNA.seat, ICE, NOW))[0] == (ANNA.seat, "admitted")


def test_who_was_sent_back_does_not_slip_in_by_a_ticket_looked_up_before(couple: Room) -> None:
    couple.leave(ANNA.seat)
    assert couple.sent_back(ANNA.seat, NOW) == []
    couple.enter(replace(ANNA, admitted=True), ICE, NOW)
    assert not couple.is_inside(ANNA.seat)
    couple.knock(ANNA.seat, NOW)
    couple.let_in(ANNA.seat, ICE, NOW)
    couple.enter(replace(ANNA, admitted=True), ICE, NOW)
    assert couple.is_inside(ANNA.seat)


def test_who_is_no_longer_admitted_leaves_with_the_new_socket(couple: Room) -> None:
    assert kinds(couple.enter(BEN, ICE, NOW)) == [
        (BEN.seat, "welcome"),
        (HOST.seat, "left"),
        (ANNA.seat, "left"),
    ]


def test_who_was_apart_and_is_sent_back_comes_in_to_the_others(couple: Room) -> None:
    couple.grouped({ANNA.seat: 1, BEN.seat: 1}, 1)
    assert (BEN.seat, "left") in kinds(couple.sent_back(ANNA.seat, NOW))
    sends = told(couple.let_in(ANNA.seat, ICE, NOW))
    assert [each["name"] for each in sends[0][1]["participants"]] == ["Mara"]

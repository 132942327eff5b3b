"""The rules of the room, said as a story between a host and her guests. No socket, no clock, no database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from signaling.errors import Refused, Violation
from signaling.room import Room
from tests.unit.signaling.scene import (
    ANNA,
    BEN,
    CLEO,
    DORA,
    HOST,
    ICE,
    NOW,
    admit,
    entry,
    kinds,
    offer,
    told,
)


def test_the_host_is_inside_at_once_with_the_ways_through_the_network() -> None:
    [(seat, welcome)] = told(Room(HOST).enter(HOST, ICE, NOW))
    assert (seat, welcome["state"], welcome["role"]) == (HOST.seat, "inside", "host")
    assert welcome["ice"] == ICE
    assert welcome["room"] == {
        "locked": False,
        "opens_at": "2026-11-23T07:45:00Z",
        "closes_at": "2026-11-23T09:50:00Z",
        "starts_at": "2026-11-23T08:00:00Z",
    }


def test_a_guest_stands_outside_unseen_and_sees_nobody(room: Room) -> None:
    room.enter(BEN, ICE, NOW)
    room.knock(BEN.seat, NOW)
    [(seat, welcome)] = told(room.enter(ANNA, ICE, NOW))
    assert (seat, welcome["state"], welcome["role"]) == (ANNA.seat, "outside", "guest")
    assert (welcome["ice"], welcome["participants"], welcome["waiting"]) == (None, [], [])
    assert room.leave(ANNA.seat) == []


def test_a_knock_is_told_to_the_host_and_stands(room: Room) -> None:
    room.enter(ANNA, ICE, NOW)
    assert told(room.knock(ANNA.seat, NOW)) == [
        (ANNA.seat, {"type": "waiting", "host": True}),
        (HOST.seat, {"type": "knocking", "seat": ANNA.seat, "name": "Anna", "since": "2026-11-23T08:00:00Z"}),
    ]
    assert kinds(room.knock(ANNA.seat, NOW)) == [(ANNA.seat, "waiting")]


def test_who_stands_at_the_door_is_told_with_since_when(room: Room) -> None:
    room.enter(ANNA, ICE, NOW)
    room.knock(ANNA.seat, NOW)
    assert [(seat, name) for seat, name, _ in room.at_the_door()] == [(ANNA.seat, ANNA.name)]
    assert room.at_the_door()[0][2] == NOW


def test_who_knocked_before_the_host_came_is_seen_and_told() -> None:
    room = Room(HOST)
    room.enter(ANNA, ICE, NOW)
    assert told(room.knock(ANNA.seat, NOW)) == [(ANNA.seat, {"type": "waiting", "host": False})]
    (host, welcome), *rest = told(room.enter(HOST, ICE, NOW))
    assert (host, [each["name"] for each in welcome["waiting"]]) == (HOST.seat, ["Anna"])
    assert rest == [(ANNA.seat, {"type": "waiting", "host": True})]
    assert told(room.leave(HOST.seat)) == [(ANNA.seat, {"type": "waiting", "host": False})]


def test_an_admitted_guest_is_inside_and_announced(room: Room) -> None:
    admit(room, ANNA)
    room.media(ANNA.seat, microphone=True, camera=False)
    room.enter(BEN, ICE, NOW)
    room.knock(BEN.seat, NOW)
    (ben, admitted), *rest = told(room.let_in(BEN.seat, ICE, NOW))
    assert (ben, admitted["type"], admitted["ice"]) == (BEN.seat, "admitted", ICE)
    assert [(each["name"], each["microphone"]) for each in admitted["participants"]] == [
        ("Mara", False),
        ("Anna", True),
    ]
    joined = {
        "type": "joined",
        "seat": BEN.seat,
        "name": "Ben",
        "role": "guest",
        "microphone": False,
        "camera": False,
    }
    assert rest == [
        (HOST.seat, {"type": "gone", "seat": BEN.seat}),
        (HOST.seat, joined),
        (ANNA.seat, joined),
    ]


def test_only_a_host_opens_the_door(room: Room) -> None:
    admit(room, ANNA)
    room.enter(BEN, ICE, NOW)
    room.knock(BEN.seat, NOW)
    attempts: tuple[Callable[[], None], ...] = (
        lambda: room.check_admit(ANNA.seat, BEN.seat, ""),
        lambda: room.check_guest_inside(ANNA.seat, BEN.seat),
        lambda: room.check_groups(ANNA.seat, {}),
        lambda: room.check_remove(ANNA.seat, BEN.seat),
        lambda: room.check_host(ANNA.seat),
    )
    for forbidden in attempts:
        with pytest.raises(Refused, match="not_host"):
            forbidden()


def test_only_who_waits_can_be_admitted_or_refused(room: Room) -> None:
    admit(room, ANNA)
    room.enter(BEN, ICE, NOW)
    for seat in (ANNA.seat, BEN.seat, CLEO.seat):
        with pytest.raises(Refused, match="no_such_seat"):
            room.check_admit(HOST.seat, seat, "")
        with pytest.raises(Refused, match="no_such_seat"):
            room.turned_away(seat, "", NOW)


def test_a_refused_guest_may_knock_again_after_ten_seconds(room: Room) -> None:
    room.enter(ANNA, ICE, NOW)
    room.knock(ANNA.seat, NOW)
    assert told(room.turned_away(ANNA.seat, "In five minutes.", NOW)) == [
        (ANNA.seat, {"type": "refused", "text": "In five minutes."}),
        (HOST.seat, {"type": "gone", "seat": ANNA.seat}),
    ]
    room.enter(ANNA, ICE, NOW)  # a new socket does not forget it
    with pytest.raises(Refused, match="knock_too_soon"):
        room.knock(ANNA.seat, NOW + timedelta(seconds=9.9))
    assert kinds(room.knock(ANNA.seat, NOW + timedelta(seconds=10)))[0] == (ANNA.seat, "waiting")


def test_nobody_inside_knocks(room: Room) -> None:
    with pytest.raises(Refused, match="already_inside"):
        room.knock(HOST.seat, NOW)


def test_a_locked_door_takes_no_knock_until_it_is_unlocked(room: Room) -> None:
    admit(room, ANNA)
    room.enter(BEN, ICE, NOW)
    assert told(room.lock(True)) == [
        (HOST.seat, {"type": "locked", "locked": True}),
        (ANNA.seat, {"type": "locked", "locked": True}),
    ]
    with pytest.raises(Refused, match="locked"):
        room.knock(BEN.seat, NOW)
    room.lock(False)
    assert kinds(room.knock(BEN.seat, NOW))[0] == (BEN.seat, "waiting")


def test_a_room_is_born_locked_when_its_door_was_locked_before() -> None:
    room = Room(entry("Mara", host=True, locked=True))
    [(_, welcome)] = told(room.enter(ANNA, ICE, NOW))
    assert welcome["room"]["locked"] is True


def test_who_waits_and_goes_is_gone_for_the_host(room: Room) -> None:
    room.enter(ANNA, ICE, NOW)
    room.knock(ANNA.seat, NOW)
    assert told(room.leave(ANNA.seat)) == [(HOST.seat, {"type": "gone", "seat": ANNA.seat})]
    assert room.leave(ANNA.seat) == []


def test_a_new_socket_of_one_who_waits_stands_outside_again(room: Room) -> None:
    room.enter(ANNA, ICE, NOW)
    room.knock(ANNA.seat, NOW)
    assert kinds(room.enter(ANNA, ICE, NOW)) == [(ANNA.seat, "welcome"), (HOST.seat, "gone")]


def test_an_admitted_guest_comes_straight_back_as_they_were(room: Room) -> None:
    admit(room, ANNA)
    room.media(ANNA.seat, microphone=True, camera=True)
    (anna, welcome), (host, joined) = told(room.enter(replace(ANNA, admitted=True), ICE, NOW))
    assert (anna, welcome["state"], welcome["ice"]) == (ANNA.seat, "inside", ICE)
    assert (host, joined["type"], joined["microphone"], joined["camera"]) == (HOST.seat, "joined", True, True)


def test_a_host_comes_straight_back_as_host(room: Room) -> None:
    admit(room, ANNA)
    (host, welcome), (anna, joined) = told(room.enter(HOST, ICE, NOW))
    assert (host, welcome["state"], welcome["role"]) == (HOST.seat, "inside", "host")
    assert [each["name"] for each in welcome["participants"]] == ["Anna"]
    assert (anna, joined["type"], joined["role"]) == (ANNA.seat, "joined", "host")
    room.check_host(HOST.seat)


def test_four_are_a_full_room(room: Room) -> None:
    admit(room, ANNA, BEN, CLEO)
    room.enter(DORA, ICE, NOW)
    room.knock(DORA.seat, NOW)
    with pytest.raises(Refused, match="room_full"):
        room.check_admit(HOST.seat, DORA.seat, "")
    with pytest.raises(Violation, match="room_full"):
        room.enter(replace(DORA, admitted=True), ICE, NOW)
    with pytest.raises(Violation, match="room_full"):
        room.enter(entry("Nora", host=True), ICE, NOW)
    assert room.is_inside(HOST.seat)


def test_two_partners_and_two_therapists_fill_a_room_whoever_opens_the_door(room: Room) -> None:
    other = entry("Nora", host=True)
    room.enter(other, ICE, NOW)
    for guest, host in ((ANNA, HOST), (BEN, other)):
        room.enter(guest, ICE, NOW)
        room.knock(guest.seat, NOW)
        room.check_admit(host.seat, guest.seat, "")
        assert kinds(room.let_in(guest.seat, ICE, NOW))[0] == (guest.seat, "admitted")
    four = (HOST, other, ANNA, BEN)
    assert all(room.is_inside(each.seat) for each in four)
    for one in four:
        heard = {
            seat for each in four if each != one for seat, _ in kinds(room.relay(one.seat, offer(each), 0))
        }
        assert heard == {each.seat for each in four if each != one}
    room.enter(CLEO, ICE, NOW)
    room.knock(CLEO.seat, NOW)
    with pytest.raises(Refused, match="room_full"):
        room.check_admit(other.seat, CLEO.seat, "")


def test_while_one_of_two_therapists_is_away_the_couple_is_in_and_the_place_stays_free(room: Room) -> None:
    other = entry("Nora", host=True)
    admit(room, ANNA, BEN)
    assert kinds(room.enter(other, ICE, NOW))[0] == (other.seat, "welcome")
    room.leave(other.seat)
    assert kinds(room.enter(other, ICE, NOW))[0] == (other.seat, "welcome")


def test_guests_keep_a_place_free_for_the_host(room: Room) -> None:
    admit(room, ANNA, BEN, CLEO)
    room.leave(HOST.seat)
    with pytest.raises(Violation, match="room_full"):
        room.enter(replace(DORA, admitted=True), ICE, NOW)
    assert kinds(room.enter(HOST, ICE, NOW))[0] == (HOST.seat, "welcome")


def test_a_removed_guest_is_told_and_closed_and_the_others_see_it(room: Room) -> None:
    admit(room, ANNA, BEN)
    room.check_remove(HOST.seat, ANNA.seat)
    sends = room.removed(ANNA.seat)
    assert told(sends) == [
        (ANNA.seat, {"type": "removed"}),
        (HOST.seat, {"type": "left", "seat": ANNA.seat}),
        (BEN.seat, {"type": "left", "seat": ANNA.seat}),
    ]
    assert [each.close for each in sends] == ["removed", "", ""]
    assert room.removed(ANNA.seat) == []


def test_a_removed_guest_does_not_come_in_by_a_ticket_looked_up_before(room: Room) -> None:
    admit(room, ANNA)
    room.removed(ANNA.seat)
    with pytest.raises(Violation, match="removed"):
        room.enter(entry("Anna", admitted=True), ICE, NOW)
    assert not room.is_inside(ANNA.seat)


def test_whose_permission_lapsed_may_come_back_with_a_new_ticket(room: Room) -> None:
    admit(room, ANNA)
    room.leave(ANNA.seat)
    room.enter(entry("Anna", admitted=True), ICE, NOW)
    assert room.is_inside(ANNA.seat)


def test_a_host_and_a_stranger_cannot_be_removed(room: Room) -> None:
    for seat in (HOST.seat, ANNA.seat):
        with pytest.raises(Refused, match="no_such_seat"):
            room.check_remove(HOST.seat, seat)


def test_the_end_is_for_everyone_and_leaves_an_empty_room(room: Room) -> None:
    admit(room, ANNA)
    room.enter(BEN, ICE, NOW)
    sends = room.end()
    assert kinds(sends) == [(each.seat, "ended") for each in (HOST, ANNA, BEN)]
    assert {each.close for each in sends} == {"ended"}
    assert room.is_empty()

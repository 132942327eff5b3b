"""What passes between those inside: descriptions, candidates, and who sends what."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import Raw

from signaling import protocol
from signaling.admission import Expected
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
    VECTORS,
    admit,
    candidates,
    offer,
    told,
)

APART = ("error", "servers", "pong")  # what a socket is told beside the room


def test_a_description_goes_to_its_seat_alone(room: Room) -> None:
    admit(room, ANNA, BEN)
    assert told(room.relay(HOST.seat, offer(ANNA), 0)) == [
        (ANNA.seat, {"type": "offer", "from": HOST.seat, "body": {"sdp": "v=0"}})
    ]


def test_only_two_inside_can_reach_each_other(room: Room) -> None:
    admit(room, ANNA)
    room.enter(BEN, ICE, NOW)
    with pytest.raises(Refused, match="not_inside"):
        room.relay(BEN.seat, offer(HOST), 0)
    for to in (BEN, CLEO, HOST):
        with pytest.raises(Refused, match="no_such_seat"):
            room.relay(HOST.seat, offer(to), 0)


def test_candidates_are_counted_for_each_negotiation_and_peer(room: Room) -> None:
    admit(room, ANNA, BEN)
    room.relay(HOST.seat, offer(ANNA), 0)
    room.relay(HOST.seat, candidates(ANNA), 60)
    room.relay(HOST.seat, candidates(BEN), 60)
    with pytest.raises(Violation, match="too_many_candidates"):
        room.relay(HOST.seat, candidates(ANNA), 1)
    room.relay(HOST.seat, offer(ANNA), 0)
    room.relay(HOST.seat, candidates(ANNA), 60)
    room.leave(ANNA.seat)
    room.enter(replace(ANNA, admitted=True), ICE, NOW)
    room.relay(HOST.seat, candidates(ANNA), 60)


def test_the_others_see_who_sends_sound_and_picture(room: Room) -> None:
    admit(room, ANNA)
    assert told(room.media(ANNA.seat, microphone=True, camera=False)) == [
        (HOST.seat, {"type": "media", "seat": ANNA.seat, "microphone": True, "camera": False})
    ]
    room.enter(BEN, ICE, NOW)
    with pytest.raises(Refused, match="not_inside"):
        room.media(BEN.seat, microphone=True, camera=True)


def test_peers_are_the_others_inside_and_never_fewer_than_one(room: Room) -> None:
    assert room.peers_of(HOST.seat) == 1
    admit(room, ANNA, BEN)
    room.enter(CLEO, ICE, NOW)
    assert room.peers_of(HOST.seat) == 2
    assert room.peers_of(CLEO.seat) == 3


def test_everything_the_room_says_has_the_shape_the_browser_expects(room: Room) -> None:
    admit(room, ANNA)
    room.enter(BEN, ICE, NOW)
    answer = protocol.Answer(to=ANNA.seat, body=Raw(b'{"sdp":"v=0"}'))
    sends = [
        *room.knock(BEN.seat, NOW),
        *room.turned_away(BEN.seat, "", NOW),
        *room.enter(replace(ANNA, admitted=True), ICE, NOW),
        *room.relay(HOST.seat, offer(ANNA), 0),
        *room.relay(HOST.seat, answer, 0),
        *room.relay(HOST.seat, candidates(ANNA), 1),
        *room.media(HOST.seat, microphone=True, camera=True),
        *room.lock(False),
        *room.knock(BEN.seat, NOW + timedelta(minutes=1)),
        *room.let_in(BEN.seat, ICE, NOW),
        *room.enter(replace(CLEO, expected=(Expected(DORA.seat, "Dora"),)), ICE, NOW),
        *room.signal(CLEO.seat, "not_alone"),
        *room.differ(ANNA.seat, HOST.seat),
        *room.grouped({BEN.seat: 1}, 1),
        *room.sent_back(BEN.seat, NOW),
        *room.removed(ANNA.seat),
        *room.end(),
    ]
    said = {message["type"]: set(message) for _, message in told(sends)}
    vectors = [json.loads(path.read_bytes())["message"] for path in VECTORS.glob("browser-*.json")]
    expected = {message["type"]: set(message) for message in map(json.loads, vectors)}
    assert said == {kind: fields for kind, fields in expected.items() if kind not in APART}

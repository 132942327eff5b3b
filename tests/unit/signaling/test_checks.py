"""Device checks: a few at once, the others in order, and nobody hears anybody."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest

from signaling import protocol
from signaling.admission import Entry
from signaling.checks import ECHO, Checks
from signaling.connection import Connection
from signaling.errors import Refused, Violation
from signaling.hub import Hub
from tests.live.clerk import Clerk

SDP = "v=0\r\n"


@dataclass
class Peer:
    """An echo that remembers what it was told."""

    reached: list[protocol.Candidate] = field(default_factory=list)
    is_closed: bool = False

    async def answer(self, sdp: str) -> str:
        if sdp != SDP:
            raise ValueError(sdp)
        return "v=1\r\n"

    async def reach(self, candidates: list[protocol.Candidate]) -> None:
        self.reached += candidates

    async def close(self) -> None:
        self.is_closed = True


class Trying:
    """Two checks at once and two who wait, with echoes that are not real."""

    def __init__(self, seconds: float = 60.0) -> None:
        self.peers: list[Peer] = []
        self.checks = Checks(
            self._peer, ice=lambda _: {"servers": [], "policy": "all"}, at_once=2, queue=2, seconds=seconds
        )
        clock = Clerk().clock
        self.entry = Entry(
            "a" * 32, "0" * 32, "", False, True, "check", "c" * 32, False, clock(), clock(), clock(), "all"
        )

    def _peer(self, ice: dict[str, Any]) -> Peer:
        self.peers.append(Peer())
        return self.peers[-1]

    def enter(self, number: int) -> Connection:
        connection = Connection(clock=lambda: 0.0)
        self.checks.enter(connection, replace(self.entry, seat=f"{number:032x}"))
        return connection


def said(connection: Connection) -> list[Any]:
    """What was sent to this socket since the last look: messages, and a number where it was closed."""
    found = []
    while not connection.queue.empty():
        item = connection.queue.get_nowait()
        found.append(item if isinstance(item, int) else msgspec.json.decode(item))
    return found


def kinds(connection: Connection) -> list[Any]:
    return [each if isinstance(each, int) else each["type"] for each in said(connection)]


def offer(sdp: str = SDP, to: str = ECHO) -> protocol.Incoming:
    return protocol.decode(msgspec.json.encode({"type": "offer", "to": to, "body": {"sdp": sdp}}).decode())


@pytest.fixture
def trying() -> Trying:
    return Trying()


async def test_who_comes_first_calls_the_echo_and_is_answered(trying: Trying) -> None:
    one = trying.enter(1)
    (welcome,) = said(one)
    assert (welcome["state"], [each["seat"] for each in welcome["participants"]]) == ("inside", [ECHO])
    assert welcome["ice"] == {"servers": [], "policy": "all"}
    await trying.checks.handle(one, offer())
    assert said(one) == [{"type": "answer", "from": ECHO, "body": {"sdp": "v=1\r\n"}}]
    candidates = {"type": "candidates", "to": ECHO, "body": [{"candidate": "candidate:1"}]}
    await trying.checks.handle(one, protocol.decode(msgspec.json.encode(candidates).decode()))
    assert [each.candidate for each in trying.peers[0].reached] == ["candidate:1"]


async def test_a_further_offer_is_a_further_call(trying: Trying) -> None:
    one = trying.enter(1)
    await trying.checks.handle(one, offer())
    await trying.checks.handle(one, offer())
    await asyncio.sleep(0)
    assert [peer.is_closed for peer in trying.peers] == [True, False]


async def test_the_third_waits_until_one_goes_and_the_fifth_is_told_that_there_is_no_place(
    trying: Trying,
) -> None:
    one, two, three, four = (trying.enter(number) for number in range(1, 5))
    assert [kinds(each) for each in (one, two)] == [["welcome"], ["welcome"]]
    assert [kinds(each) for each in (three, four)] == [["welcome", "waiting"], ["welcome", "waiting"]]
    with pytest.raises(Refused, match="not_inside"):
        await trying.checks.handle(three, offer())
    with pytest.raises(Violation, match="room_full"):
        trying.enter(5)
    await trying.checks.handle(one, offer())
    trying.checks.drop(one)
    (admitted,) = said(three)
    assert (admitted["type"], [each["seat"] for each in admitted["participants"]]) == ("admitted", [ECHO])
    assert said(four) == []
    await asyncio.sleep(0)
    assert trying.peers[0].is_closed
    trying.checks.drop(four)  # who waits may go, too
    trying.enter(5)


async def test_a_check_ends_by_itself(trying: Trying) -> None:
    trying = Trying(seconds=0.01)
    one = trying.enter(1)
    async with asyncio.timeout(5):
        while await one.queue.get() != 4410:
            pass
    assert not one.is_open


async def test_the_same_login_session_has_one_check(trying: Trying) -> None:
    one, again = trying.enter(1), trying.enter(1)
    assert kinds(one) == ["welcome", "error", 4409]
    with pytest.raises(Violation, match="seat_taken_over"):
        await trying.checks.handle(one, offer())
    trying.checks.drop(one)
    await trying.checks.handle(again, offer())
    assert kinds(again) == ["welcome", "answer"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (offer("nonsense"), "malformed"),
        (offer(to="1" * 32), "no_such_seat"),
        (protocol.decode('{"type":"end"}'), "not_host"),
        (protocol.decode('{"type":"knock"}'), "not_host"),
    ],
)
async def test_what_is_not_for_a_check_is_refused(
    trying: Trying, message: protocol.Incoming, code: str
) -> None:
    with pytest.raises(Refused, match=code):
        await trying.checks.handle(trying.enter(1), message)


async def test_leaving_and_the_end_of_the_server_hang_up(trying: Trying) -> None:
    one, two = trying.enter(1), trying.enter(2)
    await trying.checks.handle(one, offer())
    await trying.checks.handle(two, offer())
    await trying.checks.handle(one, protocol.decode('{"type":"leave"}'))
    assert kinds(one)[-1] == 1000
    await trying.checks.close()
    assert all(peer.is_closed for peer in trying.peers)


@pytest.mark.parametrize("new_peer", [None, lambda _: Peer()])
async def test_the_hub_hands_a_check_to_no_room(new_peer: Callable[[Any], Peer] | None) -> None:
    clerk = Clerk()
    entry = replace(Trying().entry, seat="9" * 32)

    async def redeem(_: bytes) -> Entry:
        return entry

    clerk.redeem = redeem  # type: ignore[method-assign, assignment]
    ice = {"servers": [], "policy": "all"}
    checks = None if new_peer is None else Checks(new_peer, ice=lambda _: ice)
    hub = Hub(clerk, ice=lambda _: ice, clock=clerk.clock, away_seconds=0.0, checks=checks)
    connection = Connection(clock=lambda: 0.0)
    if checks is None:
        with pytest.raises(Violation, match="unavailable"):
            await hub.enter(connection, b"")
        return
    await hub.enter(connection, b"")
    await hub.handle(connection, offer())
    assert kinds(connection) == ["welcome", "answer"]
    assert hub.waiting_in([entry.room]) == {}
    await hub.expel(connection)
    await hub.drop(connection)
    assert kinds(connection) == ["error", 4401]
    await hub.close()

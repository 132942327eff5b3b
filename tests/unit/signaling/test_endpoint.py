"""What the endpoint does when things of its own go wrong, with the socket played by two plain functions."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from signaling.admission import Entry
from signaling.endpoint import Event, Limits, Signaling, pause
from tests.live.clerk import Clerk

ORIGIN = "https://clinic.example.org"
SCOPE = {"type": "websocket", "headers": [(b"origin", ORIGIN.encode())]}


class Forgetful(Clerk):
    """Has a fault when somebody is to be noted as gone."""

    async def present(self, entry: Entry, present: bool) -> None:
        if not present:
            raise ValueError("a fault")


class Wire:
    """One socket: `inbox` is what its browser says, `sent` what it was told."""

    def __init__(self, *inbox: Event) -> None:
        self.inbox: asyncio.Queue[Event] = asyncio.Queue()
        for event in inbox:
            self.inbox.put_nowait(event)
        self.sent: list[Event] = []

    def receive(self) -> Awaitable[Event]:
        return self.inbox.get()

    async def send(self, event: Event) -> None:
        self.sent.append(event)


def signaling(clerk: Clerk) -> Signaling:
    def ice(_entry: Entry) -> dict[str, Any]:
        return {"servers": [], "policy": "all"}

    return Signaling(clerk, origins=frozenset({ORIGIN}), ice=ice, clock=clerk.clock, limits=Limits())


def said(text: str) -> Event:
    return {"type": "websocket.receive", "text": text}


async def test_a_fault_in_going_leaves_no_writer_behind() -> None:
    clerk = Forgetful()
    service = signaling(clerk)
    join = said(f'{{"type":"join","ticket":"{clerk.mint("Mara")}","version":1}}')
    gone = {"type": "websocket.disconnect", "code": 1001}
    wire = Wire({"type": "websocket.connect"}, join, gone)
    with pytest.raises(ValueError, match="a fault"):
        async with asyncio.timeout(5):
            await service(dict(SCOPE), wire.receive, wire.send)
    assert wire.sent[-1] == {"type": "websocket.close", "code": 1012}
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_only_web_sockets_are_spoken_to() -> None:
    wire = Wire()
    with pytest.raises(RuntimeError, match="WebSocket only"):
        await signaling(Clerk())({"type": "http", "headers": []}, wire.receive, wire.send)
    assert wire.sent == []


def test_the_question_comes_every_minute_and_when_the_room_closes() -> None:
    assert pause(60.0, left=4000.0) == 60.0
    assert pause(60.0, left=12.5) == 12.5


@pytest.mark.parametrize("left", [0.3, 0.0, -300.0])
def test_a_room_past_its_time_is_asked_about_once_a_second_at_most(left: float) -> None:
    assert pause(60.0, left=left) == 1.0

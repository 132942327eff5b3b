"""Two servers and a real Valkey serve one room: either may be silent, and Valkey may go; the call goes on. Real
processes are killed in tests/browser/test_servers.py."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import pytest
from redis.asyncio import Redis

from signaling.bus import AnyMessage, Hear, Reach
from signaling.endpoint import Limits
from signaling.valkey import ValkeyBus
from telehealth.rooms.envelopes import Envelopes
from tests.live.clerk import ROOM, Clerk
from tests.live.conftest import Door, OpenDoor, let_in
from tests.live.talker import SECONDS
from tests.valkey import Valkey, running_valkey

ENVELOPES = Envelopes.of(b"one secret that both servers have")


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    with running_valkey() as running:
        yield running


class Line(ValkeyBus):
    """The bus of one server, as a test watches and cuts it."""

    def __init__(self, url: str) -> None:
        super().__init__(url, name="clinic", seal=ENVELOPES.seal, unseal=ENVELOPES.unseal)
        self.heard, self.cut = asyncio.Event(), asyncio.Event()

    def listen(self, hear: Hear, reach: Reach) -> None:
        """What is heard, and whether it is, sets the events."""

        def heard(message: AnyMessage) -> None:
            hear(message)
            if message.home != self.own:
                self.heard.set()

        def reached(united: bool) -> None:
            reach(united)
            if not united:
                self.cut.set()

        super().listen(heard, reached)

    async def die(self) -> None:
        """As when the process is killed: no goodbye, no more beats."""
        assert self._running is not None
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        self.is_united = False


@dataclass
class Clinic:
    """East and west."""

    east: Door
    west: Door
    lines: tuple[Line, Line]

    async def until(self, event: Literal["heard", "cut"]) -> None:
        """Until both hear each other, or know that they cannot."""
        async with asyncio.timeout(SECONDS):
            for line in self.lines:
                await getattr(line, event).wait()


@asynccontextmanager
async def two_servers(open_door: OpenDoor, valkey: Valkey) -> AsyncIterator[Clinic]:
    clerk, lines = Clerk(), (Line(valkey.url), Line(valkey.url))
    often = Limits(ask_divided_seconds=0.2)
    async with (
        open_door(clerk=clerk, bus=lines[0], limits=often) as east,
        open_door(clerk=clerk, bus=lines[1], limits=often) as west,
    ):
        clinic = Clinic(east, west, lines)
        await clinic.until("heard")
        yield clinic


async def test_a_killed_server_is_noticed_by_its_silence(
    open_door: OpenDoor, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signaling.elsewhere.SILENT_SECONDS", 0.5)
    monkeypatch.setattr("signaling.valkey.BEAT_SECONDS", 0.1)
    async with (
        two_servers(open_door, valkey) as clinic,
        clinic.east.joined("Mara") as mara,
        clinic.west.joined("Ben") as ben,
    ):
        await ben.say("knock")
        await mara.hear("knocking")
        await clinic.lines[1].die()
        assert (await mara.hear("gone"))["seat"] == ben.seat


async def test_valkey_is_killed_and_comes_back(open_door: OpenDoor, valkey: Valkey) -> None:
    async with (
        two_servers(open_door, valkey) as clinic,
        clinic.east.joined("Mara") as mara,
        clinic.west.joined("Anna") as anna,
    ):
        await let_in(mara, anna)
        valkey.stop()
        await clinic.until("cut")
        await mara.say("offer", to=anna.seat, body={"sdp": "v=0"})
        assert await mara.hear_error() == "divided"
        async with clinic.east.joined("Cleo") as cleo, clinic.west.joined("Ben") as ben:
            await let_in(mara, cleo)
            await mara.say("offer", to=cleo.seat, body={"sdp": "v=0"})
            assert (await cleo.hear("offer"))["from"] == mara.seat
            assert (await ben.hear("servers"))["united"] is False
            await ben.say("knock")
            await ben.hear("waiting")
            valkey.start()
            assert (await ben.hear("servers"))["united"] is True
            assert (await mara.hear("knocking"))["name"] == "Ben"
            assert (await anna.hear("joined"))["seat"] == cleo.seat
            assert [each[1] for each in clinic.east.signaling.hub.waiting_in([ROOM])[ROOM]] == ["Ben"]
            assert valkey.keys() == []  # messages only
            for line in clinic.lines:
                line.cut.clear()
            valkey.stop()
            await clinic.until("cut")
            await mara.say("end")
            assert await mara.closed() == 4410
            assert await anna.closed() == 4401  # the west has asked the database


async def test_what_passes_through_valkey_names_nobody(open_door: OpenDoor, valkey: Valkey) -> None:
    async with two_servers(open_door, valkey) as clinic, Redis.from_url(valkey.url) as client:
        async with client.pubsub() as ear:
            await ear.psubscribe("*")
            async with clinic.east.joined("Mara") as mara, clinic.west.joined("Anna") as anna:
                await let_in(mara, anna)
            assert (await ear.get_message(timeout=SECONDS))["type"] == "psubscribe"
            heard = [(await ear.get_message(timeout=SECONDS))["data"] for _ in range(5)]
        assert not any(name in data for data in heard for name in (b"Mara", b"Anna", ROOM.encode()))

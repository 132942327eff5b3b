"""Two participants hold a short session through a running deployment, as two browsers would, and say how it went.

A client of the wire, run by whoever watches the deployment; no server loads it.
"""

import asyncio
import json
import time
from collections.abc import Awaitable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any, Literal

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Origin

from signaling.parting import hang_up

Way = Literal["direct", "relayed"]
JOIN_SECONDS = 10.0
CONNECT_SECONDS = 20.0
PING_SECONDS = 0.2
CHANNEL = ("chat", 1)


class ProbeFailed(Exception):
    """The session did not come about; `code` is stable: not_reached, refused, no_relay, not_allowed, no_connection."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Report:
    """One session. Times in milliseconds; `loss` from 0 to 1; `path` names the kinds of the two addresses in use."""

    way: Way
    failure: str = ""
    set_up: float | None = None
    round_trip: float | None = None
    jitter: float | None = None
    loss: float | None = None
    path: str = ""


@dataclass
class Participant:
    """One end: its socket and its connection to the other."""

    socket: ClientConnection
    way: Way
    seat: str = ""
    connection: RTCPeerConnection = field(init=False)
    heard: int = 0
    round_trips: list[float] = field(default_factory=list)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    listening: list[asyncio.Task[None]] = field(default_factory=list)

    async def join(self, ticket: str) -> list[str]:
        """Say the ticket; the seats that are inside already."""
        await self._say("join", ticket=ticket, version=1)
        welcome = json.loads(await self.socket.recv())
        if welcome["type"] != "welcome" or welcome["state"] != "inside":
            raise ProbeFailed("refused")
        self.seat = welcome["seat"]
        self.connection = RTCPeerConnection(_configuration(welcome["ice"], self.way))
        self.connection.on("connectionstatechange", self._changed)
        self.connection.on("track", self._hear)
        return [each["seat"] for each in welcome["participants"]]

    async def negotiate(self) -> None:
        """Answer what the other end says, until cancelled."""
        async for frame in self.socket:
            message = json.loads(frame)
            match message["type"]:
                case "joined":
                    self.connection.addTrack(AudioStreamTrack())
                    self._open_channel()
                    await self.connection.setLocalDescription(await self.connection.createOffer())
                    await self._describe("offer", message["seat"])
                case "offer":
                    description = RTCSessionDescription(message["body"]["sdp"], "offer")
                    await self.connection.setRemoteDescription(description)
                    self.connection.addTrack(AudioStreamTrack())
                    self._open_channel()
                    await self.connection.setLocalDescription(await self.connection.createAnswer())
                    await self._describe("answer", message["from"])
                case "answer":
                    description = RTCSessionDescription(message["body"]["sdp"], "answer")
                    await self.connection.setRemoteDescription(description)
                case "error":
                    raise ProbeFailed("refused")

    async def close(self) -> None:
        """Hang up."""
        for task in self.listening:
            task.cancel()
        await asyncio.gather(*self.listening, return_exceptions=True)
        with suppress(ConnectionClosed):
            await self._say("leave")
        await hang_up(self.connection)

    async def _describe(self, kind: str, seat: str) -> None:
        await self._say(kind, to=seat, body={"sdp": self.connection.localDescription.sdp})

    async def _say(self, kind: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    def _changed(self) -> None:
        if self.connection.connectionState == "connected":
            self.connected.set()

    def _open_channel(self) -> None:
        name, number = CHANNEL
        self.channel = self.connection.createDataChannel(name, negotiated=True, id=number)
        self.channel.on("message", self._answered)

    def _answered(self, frame: str) -> None:
        """A ping is sent back; one's own that came back is a round trip."""
        kind, _, sent_at = frame.partition(" ")
        if kind == "ping":
            self.channel.send(f"pong {sent_at}")
        else:
            self.round_trips.append(time.perf_counter() - float(sent_at))

    def ping(self) -> None:
        """Send one, where the channel is open."""
        channel: RTCDataChannel = self.channel
        if channel.readyState == "open":
            channel.send(f"ping {time.perf_counter()}")

    def _hear(self, track: MediaStreamTrack) -> None:
        self.listening.append(asyncio.create_task(self._listen(track)))

    async def _listen(self, track: MediaStreamTrack) -> None:
        while True:
            await track.recv()
            self.heard += 1


async def probe(
    url: str,
    origin: str,
    tickets: tuple[str, str],
    way: Way,
    *,
    seconds: float,
    tls: SSLContext | None = None,
) -> Report:
    """One session of so many seconds at the signaling address `url`; a Report also when it failed."""
    try:
        async with AsyncExitStack() as stack:
            ends = []
            for _ in range(2):
                options: dict[str, Any] = {"ssl": tls} if url.startswith("wss:") else {}
                opening = connect(
                    url, origin=Origin(origin), compression=None, open_timeout=JOIN_SECONDS, **options
                )
                ends.append(Participant(await stack.enter_async_context(opening), way))
            return await _session(ends, tickets, way, seconds)
    except ProbeFailed as failure:
        return Report(way, failure.code)
    except (OSError, WebSocketException, TimeoutError):
        return Report(way, "not_reached")


async def _session(ends: list[Participant], tickets: tuple[str, str], way: Way, seconds: float) -> Report:
    begun = time.perf_counter()
    talking: list[asyncio.Task[None]] = []
    joined: list[Participant] = []
    try:
        for end, ticket in zip(ends, tickets, strict=True):
            await _within(JOIN_SECONDS, end.join(ticket), "refused")
            joined.append(end)
            talking.append(asyncio.create_task(end.negotiate()))
        both = asyncio.gather(*(end.connected.wait() for end in ends))
        await _within(CONNECT_SECONDS, _unless_over(both, talking), "no_connection")
        set_up = 1000 * (time.perf_counter() - begun)
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            ends[0].ping()
            await asyncio.sleep(PING_SECONDS)
        return await _report(ends[0], way, set_up)
    finally:
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        await asyncio.gather(*(end.close() for end in joined), return_exceptions=True)


async def _unless_over(waited_for: "asyncio.Future[Any]", talking: list[asyncio.Task[None]]) -> None:
    """Until it is there, or one of the two was refused meanwhile."""
    await asyncio.wait([waited_for, *talking], return_when=asyncio.FIRST_COMPLETED)
    for task in talking:
        if task.done():
            waited_for.cancel()
            task.result()
            raise ProbeFailed("refused")


async def _within(seconds: float, waited_for: Awaitable[Any], code: str) -> None:
    try:
        async with asyncio.timeout(seconds):
            await waited_for
    except TimeoutError as error:
        raise ProbeFailed(code) from error


async def _report(end: Participant, way: Way, set_up: float) -> Report:
    if end.heard == 0 or not end.round_trips:
        return Report(way, "no_connection", set_up=set_up)
    stats = (await end.connection.getStats()).values()
    inbound = next(each for each in stats if each.type == "inbound-rtp")
    every = inbound.packetsReceived + max(0, inbound.packetsLost)
    return Report(
        way,
        set_up=set_up,
        round_trip=1000 * sorted(end.round_trips)[len(end.round_trips) // 2],
        jitter=1000 * inbound.jitter / 48_000,  # of Opus' clock (RFC 7587, section 4.1)
        loss=max(0, inbound.packetsLost) / max(1, every),
        path=_path(end.connection),
    )


def _configuration(ice: dict[str, Any], way: Way) -> RTCConfiguration:
    servers = [RTCIceServer(**each) for each in ice["servers"]]
    relays = [each for each in servers if str(each.urls).find("turn") >= 0]
    if way == "relayed" and not relays:
        raise ProbeFailed("no_relay")
    if way == "direct" and ice["policy"] == "relay":
        raise ProbeFailed("not_allowed")
    policy = RTCIceTransportPolicy.RELAY if way == "relayed" else RTCIceTransportPolicy.ALL
    chosen = relays if way == "relayed" else [each for each in servers if each not in relays]
    return RTCConfiguration(chosen, policy, RTCBundlePolicy.MAX_BUNDLE)


def _path(connection: RTCPeerConnection) -> str:
    """The kinds of the two addresses in use, such as "relay - relay". aiortc has no public word for it."""
    ice = connection.getTransceivers()[0].receiver.transport.transport
    pair = next(iter(ice._connection._nominated.values()), None)
    return "" if pair is None else f"{pair.local_candidate.type} - {pair.remote_candidate.type}"

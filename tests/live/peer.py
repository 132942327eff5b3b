"""Somebody in a call: a talker with an aiortc connection to every other seat, real picture and real sound."""

import asyncio
from typing import Any

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceCandidate,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.sdp import candidate_from_sdp

from tests.live.media import Picture, Tone, loudness, luminance
from tests.live.talker import SECONDS, Message, Talker
from tests.patience import within


class Link:
    """The connection to one seat, and what came over it so far."""

    def __init__(self, luma: int) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration([], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.connection.addTrack(Tone())
        self.connection.addTrack(Picture(luma))
        self.connection.on("track", self._receive)
        self.pictures: list[float] = []  # mean luminance of each
        self.sounds: list[float] = []  # loudest sample of each
        self._arrived = asyncio.Condition()
        self._receivers: list[asyncio.Task[None]] = []

    async def frames(self, count: int) -> None:
        """Wait until so many pictures and so many pieces of sound were decoded."""
        async with asyncio.timeout(SECONDS), self._arrived:
            await self._arrived.wait_for(lambda: min(len(self.pictures), len(self.sounds)) >= count)

    async def close(self) -> None:
        """End the connection and its receivers."""
        async with within("a connection to close"):
            await self.connection.close()
        for receiver in self._receivers:
            receiver.cancel()
        await asyncio.gather(*self._receivers, return_exceptions=True)

    def _receive(self, track: MediaStreamTrack) -> None:
        self._receivers.append(asyncio.create_task(self._count(track)))

    async def _count(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame: Any = await track.recv()
            except MediaStreamError:
                return
            async with self._arrived:
                if track.kind == "video":
                    self.pictures.append(luminance(frame))
                else:
                    self.sounds.append(loudness(frame))
                self._arrived.notify_all()


class Peer(Talker):
    """Offers to whoever joins, answers whoever offers. `luma` (0 to 255) is the brightness of its picture."""

    luma = 128

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.links: dict[str, Link] = {}

    async def received(self, message: Message) -> None:
        """Negotiate with the others; what is left is for the test."""
        match message:
            case {"type": "joined", "seat": seat}:
                await self._offer(seat)
            case {"type": "offer", "from": seat, "body": {"sdp": sdp}}:
                await self._answer(seat, sdp)
            case {"type": "answer", "from": seat, "body": {"sdp": sdp}}:
                await self.links[seat].connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
            case {"type": "candidates", "from": seat, "body": candidates}:
                for candidate in candidates:
                    await self.links[seat].connection.addIceCandidate(_candidate(candidate))

    async def finish(self) -> None:
        """Close the connections, then the socket."""
        for link in self.links.values():
            await link.close()
        await super().finish()

    async def _link(self, seat: str) -> Link:
        if seat in self.links:
            await self.links.pop(seat).close()
        self.links[seat] = Link(self.luma)
        return self.links[seat]

    async def _offer(self, seat: str) -> None:
        connection = (await self._link(seat)).connection
        await connection.setLocalDescription(await connection.createOffer())
        await self._describe(seat, connection)

    async def _answer(self, seat: str, sdp: str) -> None:
        connection = (await self._link(seat)).connection
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        await self._describe(seat, connection)

    async def _describe(self, seat: str, connection: RTCPeerConnection) -> None:
        """aiortc gathers first and puts candidates into the description; browsers send them apart, and so do we."""
        description = connection.localDescription
        lines = description.sdp.splitlines(keepends=True)
        apart = [line for line in lines if line.startswith(("a=candidate:", "a=end-of-candidates"))]
        sdp = "".join(line for line in lines if line not in apart)
        await self.say(description.type, to=seat, body={"sdp": sdp})
        candidates = list(
            dict.fromkeys(line.strip()[2:] for line in apart if line.startswith("a=candidate:"))
        )
        body = [{"candidate": line, "sdpMid": "0", "sdpMLineIndex": 0} for line in candidates]
        await self.say("candidates", to=seat, body=[*body, {"candidate": "", "sdpMid": "0"}])


def _candidate(said: dict[str, Any]) -> RTCIceCandidate | None:
    """RTCIceCandidateInit as aiortc wants it; None says that there are no more."""
    if not said["candidate"]:
        return None
    candidate = candidate_from_sdp(said["candidate"].removeprefix("candidate:"))
    candidate.sdpMid, candidate.sdpMLineIndex = said.get("sdpMid"), said.get("sdpMLineIndex")
    return candidate

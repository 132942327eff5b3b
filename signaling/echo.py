"""The other end of a device check: answers a call and gives sound and data back. Nothing is kept, no picture decoded.

The only file of the service that can hear anything. It is loaded with the first check, knows neither rooms nor the hub,
and is called by people who know that they speak with a machine.
"""

import ipaddress
from collections.abc import Callable
from typing import Any

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamTrack
from aiortc.sdp import candidate_from_sdp

from signaling.greeting import Ice
from signaling.parting import hang_up
from signaling.protocol import Candidate

CHANNEL = ("chat", 1)  # the data channel that answers; its number is that of the room's pages
FRAME_CHARACTERS = 1024
FRAMES = 1200  # of one call
CANDIDATES = 60
ADDRESSES = ("a=candidate:", "a=end-of-candidates")  # taken one by one, so that each is looked at


def is_reachable(address: str) -> bool:
    """Whether a check may send anything there: an address of the open internet, by number."""
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:  # a name, such as a browser's own in the local network (mDNS)
        return False


class Echo:
    """One call. `may_reach` says to which addresses packets may go: nobody makes us knock inside the clinic."""

    def __init__(self, ice: Ice, may_reach: Callable[[str], bool] = is_reachable) -> None:
        servers = [RTCIceServer(**each) for each in ice["servers"]]
        self._may_reach = may_reach
        self._frames = self._candidates = 0
        self._connection = RTCPeerConnection(
            RTCConfiguration(servers, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._connection.on("track", self._hear)

    async def answer(self, sdp: str) -> str:
        """Our description for this offer. ValueError when it cannot be read."""
        lines = sdp.splitlines()
        candidates = [line[len("a=candidate:") :] for line in lines if line.startswith("a=candidate:")]
        plain = "".join(f"{line}\r\n" for line in lines if not line.startswith(ADDRESSES))
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(plain, "offer"))
            kinds = {each.kind for each in self._connection.getTransceivers()}
            if kinds != {"audio", "video"} or "\r\nm=application " not in plain:
                raise ValueError("a check has one sound, one picture and data")
            self._open_channel()
            for transceiver in self._connection.getTransceivers():
                if transceiver.kind == "video":
                    transceiver.direction = "inactive"
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except Exception as error:  # the parser meets whatever a page may say
            raise ValueError("not an offer") from error
        mid = next((line[len("a=mid:") :] for line in lines if line.startswith("a=mid:")), "0")
        await self.reach([Candidate(candidate=f"candidate:{each}", sdpMid=mid) for each in candidates])
        return str(self._connection.localDescription.sdp)

    async def reach(self, candidates: list[Candidate]) -> None:
        """Try these addresses of the browser, where they may be tried."""
        for each in candidates:
            self._candidates += 1
            found = _read(each)
            if found is not None and self._candidates <= CANDIDATES and self._may_reach(found.ip):
                await self._connection.addIceCandidate(found)

    async def close(self) -> None:
        """Hang up."""
        await hang_up(self._connection)

    def _open_channel(self) -> None:
        """After the offer was read: before it, aiortc would give the channel a transport of its own."""
        name, number = CHANNEL
        channel = self._connection.createDataChannel(name, negotiated=True, id=number)
        channel.on("message", lambda frame: self._reply(channel, frame))

    def _hear(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio":
            self._connection.addTrack(track)

    def _reply(self, channel: RTCDataChannel, frame: str | bytes) -> None:
        self._frames += 1
        if self._frames <= FRAMES and isinstance(frame, str) and len(frame) <= FRAME_CHARACTERS:
            channel.send(frame)


def _read(candidate: Candidate) -> Any:
    """An RTCIceCandidate, or None for what is none, or says that there are no more."""
    if not candidate.candidate:
        return None
    try:
        found = candidate_from_sdp(candidate.candidate.removeprefix("candidate:"))
    except (ValueError, IndexError, AssertionError):
        return None
    found.sdpMid, found.sdpMLineIndex = candidate.sdpMid, candidate.sdpMLineIndex
    return found

"""What a relay does, tried from here as a browser would: each way to it, a call through it, and whom it must refuse.

A program of its own, run by whoever looks after the deployment; no server loads it.
"""

import asyncio
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aioice import stun
from aioice.turn import TurnClientTcpProtocol, TurnClientUdpProtocol
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
)
from aiortc.rtcicetransport import parse_stun_turn_uri

from signaling.ice import turn_server
from signaling.parting import hang_up

REACH_SECONDS = 5.0
CALL_SECONDS = 15.0
LIFE = timedelta(minutes=5)
LIFETIME_SECONDS, REFRESH_SECONDS = 60, 50
FIRST_CHANNEL = 0x4000  # RFC 8656, section 12
WRONG_CREDENTIALS, QUOTA = (401, 441), 486
PRIVATE = ("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254")


@dataclass(frozen=True)
class Relay:
    """One way to a relay. `failure` is empty or stable: not_reached, certificate, refused, full, no_call.

    `set_up` is how long a call through it took to stand, in milliseconds; `reaches` are addresses that nobody may have
    it send to, and to which it would.
    """

    url: str
    failure: str = ""
    set_up: float | None = None
    reaches: tuple[str, ...] = ()


async def tried(url: str, secret: str, now: datetime, private: Sequence[str] = PRIVATE) -> Relay:
    """Try one of the relay's addresses. Certificates are judged as OpenSSL does here (SSL_CERT_FILE for one's own)."""
    server = turn_server([url], secret, now + LIFE, "doctor")
    try:
        async with asyncio.timeout(REACH_SECONDS):
            reaches = await _reached(server, private)
    except stun.TransactionFailed as error:
        return Relay(url, _failure_of(error))
    except ssl.SSLError:
        return Relay(url, "certificate")
    except (OSError, stun.TransactionError):  # TimeoutError is an OSError
        return Relay(url, "not_reached")
    try:
        async with asyncio.timeout(CALL_SECONDS):
            return Relay(url, set_up=await _call(server), reaches=reaches)
    except (TimeoutError, ConnectionError):
        return Relay(url, "no_call", reaches=reaches)


def _failure_of(error: stun.TransactionFailed) -> str:
    code = error.response.error_code
    return "full" if code == QUOTA else "refused" if code in WRONG_CREDENTIALS else "not_reached"


async def _reached(server: dict[str, Any], private: Sequence[str]) -> tuple[str, ...]:
    """Take a place on the relay, and ask it for a way to each of these addresses; those it would send to."""
    client = await _client(server)
    try:
        await client.connect()
        found = []
        for number, address in enumerate(private):
            try:
                await client.channel_bind(FIRST_CHANNEL + number, (address, 9))
                found.append(address)
            except stun.TransactionFailed:
                continue
        await client.delete()
        return tuple(found)
    finally:
        client.transport.close()


async def _client(server: dict[str, Any]) -> TurnClientTcpProtocol | TurnClientUdpProtocol:
    parts = parse_stun_turn_uri(server["urls"][0])
    address = (parts["host"], parts["port"])
    who = address, server["username"], server["credential"], LIFETIME_SECONDS, REFRESH_SECONDS
    loop = asyncio.get_running_loop()
    if parts["transport"] == "udp":
        return (
            await loop.create_datagram_endpoint(lambda: TurnClientUdpProtocol(*who), remote_addr=address)
        )[1]
    tls = ssl.create_default_context() if parts["scheme"] == "turns" else None
    return (await loop.create_connection(lambda: TurnClientTcpProtocol(*who), *address, ssl=tls))[1]


async def _call(server: dict[str, Any]) -> float:
    """Two ends on this computer that may meet at the relay alone; milliseconds until a word came back."""
    begun = time.perf_counter()
    configuration = RTCConfiguration(
        [RTCIceServer(**server)], RTCIceTransportPolicy.RELAY, RTCBundlePolicy.MAX_BUNDLE
    )
    one, other = RTCPeerConnection(configuration), RTCPeerConnection(configuration)
    answered = asyncio.Event()
    try:
        channel = one.createDataChannel("try")
        channel.on("open", lambda: channel.send("there?"))
        channel.on("message", lambda _: answered.set())
        other.on("datachannel", _give_back)
        await one.setLocalDescription(await one.createOffer())
        await other.setRemoteDescription(one.localDescription)
        await other.setLocalDescription(await other.createAnswer())
        await one.setRemoteDescription(other.localDescription)
        await answered.wait()
        return 1000 * (time.perf_counter() - begun)
    finally:
        await hang_up(one, other)


def _give_back(channel: RTCDataChannel) -> None:
    channel.on("message", channel.send)

"""Somebody who takes nothing off the wire holds up nobody, and keeps neither socket nor seat."""

import asyncio
import socket
from itertools import count
from urllib.parse import urlsplit

from signaling.endpoint import Limits
from tests.live.conftest import ORIGIN, OpenDoor, let_in
from tests.live.talker import Talker


async def narrow_line(url: str) -> socket.socket:
    """A TCP connection that takes little before the server must wait."""
    parts = urlsplit(url)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setblocking(False)
    await asyncio.get_running_loop().sock_connect(line, (parts.hostname, parts.port))
    return line


async def flood(host: Talker, seat: str, enough: asyncio.Event) -> None:
    """Large messages for one seat, as fast as they go."""
    while not enough.is_set():
        await host.say("offer", to=seat, body={"sdp": "x" * 32000})


async def test_who_takes_nothing_loses_socket_and_seat(open_door: OpenDoor) -> None:
    ticks = count(0, 10)  # every message has ten seconds of its own: the rate limit is not what is tested
    limits = Limits(send_seconds=0.1, away_seconds=0.1)
    async with (
        open_door(limits=limits, seconds=lambda: float(next(ticks))) as door,
        door.joined("Mara") as mara,
        Talker.connected(door.url, ORIGIN, sock=await narrow_line(door.url)) as anna,
    ):
        await anna.join(door.clerk.mint("Anna"))
        await let_in(mara, anna)
        anna.socket.transport.pause_reading()
        enough = asyncio.Event()
        flooding = asyncio.create_task(flood(mara, anna.seat, enough))
        assert (await mara.hear("left"))["seat"] == anna.seat
        enough.set()
        await flooding
        assert ("Anna", False) in door.clerk.presence
        await anna.lose()

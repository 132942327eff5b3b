"""Two servers through which browsers find each other, each on the first core: ours, and PeerJS server (npm `peer`)."""

import asyncio
import base64
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from bench.sockets import Got, Socket, frame

PEERJS = Path(__file__).parent.parent / "node_modules" / ".bin" / "peerjs"
ON_THE_FIRST_CORE = ("taskset", "--cpu-list", "0")
SDP = "v=0\r\n" + "a=fingerprint:sha-256 00:11:22:33:44:55:66:77\r\n" * 24  # 1.2 KB
CANDIDATE = (
    "candidate:842163049 1 udp 1677729535 192.0.2.7 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0"
)
ROOMS = "\n".join(
    (
        "from hashlib import sha256",
        "from signaling import connection",
        "from signaling.alone import InMemory, entry",
        "connection.BURST = connection.PER_SECOND = 1e9",  # PeerJS server has no limit of messages
        "door = InMemory()",
        "for number in range({rooms}):",
        "    for name in ('host', 'guest'):",
        "        made = entry(str(number), name, host=True)",
        "        door.tickets[sha256(f'{{number}} {{name}}'.encode()).digest()] = made",
    )
)


@dataclass(frozen=True)
class Someone:
    """One of two in a room, and the frames that reach the other."""

    socket: Socket
    offer: bytes
    answer: bytes
    candidates: Sequence[bytes]


class Rendezvous(Protocol):
    """A running server."""

    pid: int

    async def pair(self, room: int, got: Got) -> tuple[Someone, Someone]:
        """Two who can reach each other. `got` hears what is relayed, and what else the server says."""
        ...

    def is_relayed(self, message: bytes) -> bool:
        """Whether this came from the other."""
        ...


class Ours:
    """Candidates of one moment are one message, as our page sends them (`link.js`): here two moments of five."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid, self.port = pid, port

    async def pair(self, room: int, got: Got) -> tuple[Someone, Someone]:
        """Both are hosts, so that nobody waits for a click."""
        one, other = await asyncio.gather(*(self._join(room, name, got) for name in ("host", "guest")))
        return self._someone(room, one, "guest"), self._someone(room, other, "host")

    async def _join(self, room: int, name: str, got: Got) -> Socket:
        welcomed = asyncio.get_running_loop().create_future()

        def hear(here: Socket, message: bytes) -> None:
            if not welcomed.done():
                assert b'"welcome"' in message, message
                welcomed.set_result(None)
            got(here, message)

        joining = await Socket.connect(self.port, "/signaling", hear)
        ticket = base64.urlsafe_b64encode(sha256(f"{room} {name}".encode()).digest()).decode()
        joining.send(frame(json.dumps({"type": "join", "ticket": ticket.rstrip("="), "version": 1}).encode()))
        await welcomed
        return joining

    def _someone(self, room: int, here: Socket, other: str) -> Someone:
        to = sha256(f"{room}\x00{other}".encode()).hexdigest()[:32]

        def said(type_: str, body: object) -> bytes:
            return frame(json.dumps({"type": type_, "to": to, "body": body}).encode())

        candidate = {"candidate": CANDIDATE, "sdpMid": "0", "sdpMLineIndex": 0}
        offer, answer = (said(type_, {"sdp": SDP}) for type_ in ("offer", "answer"))
        return Someone(here, offer, answer, [said("candidates", [candidate] * 5)] * 2)

    def is_relayed(self, message: bytes) -> bool:
        """Only what is relayed has a body."""
        return b'"body":' in message


class PeerJs:
    """Candidates are sent one by one, as its own client sends them (peerjs 1.5, negotiator.ts, `onicecandidate`)."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid, self.port = pid, port

    async def pair(self, room: int, got: Got) -> tuple[Someone, Someone]:
        """Two ids."""
        names = [f"{room}-{name}" for name in ("host", "guest")]
        one, other = await asyncio.gather(*(self._join(name, got) for name in names))
        return self._someone(one, names[1]), self._someone(other, names[0])

    async def _join(self, name: str, got: Got) -> Socket:
        opened = asyncio.get_running_loop().create_future()

        def hear(here: Socket, message: bytes) -> None:
            if not opened.done():
                assert b'"OPEN"' in message, message
                opened.set_result(None)
            got(here, message)

        joining = await Socket.connect(self.port, f"/peerjs?key=peerjs&id={name}&token=t&version=1.5.5", hear)
        await opened
        return joining

    def _someone(self, here: Socket, to: str) -> Someone:
        connection = {"type": "media", "connectionId": "mc_0123456789"}

        def said(type_: str, payload: dict[str, object]) -> bytes:
            return frame(
                json.dumps({"type": type_, "dst": to, "payload": {**payload, **connection}}).encode()
            )

        offer, answer = (said(type_, {"sdp": {"type": type_, "sdp": SDP}}) for type_ in ("OFFER", "ANSWER"))
        candidate = {"candidate": CANDIDATE, "sdpMid": "0", "sdpMLineIndex": 0}
        return Someone(here, offer, answer, [said("CANDIDATE", {"candidate": candidate})] * 10)

    def is_relayed(self, message: bytes) -> bool:
        """Only what is relayed has a source."""
        return b'"src":' in message


@asynccontextmanager
async def ours(folder: Path, rooms: int) -> AsyncIterator[Ours]:
    """Our server alone, with tickets for so many rooms."""
    (folder / "doorman.py").write_text(ROOMS.format(rooms=rooms))
    words = ("-m", "signaling", "doorman:door", "--port", "0", "--origin", "http://localhost")
    path = os.pathsep.join([str(folder), str(Path(__file__).parent.parent)])
    async with _started((sys.executable, *words), b"running on http://127.0.0.1:", path) as (pid, port):
        yield Ours(pid, port)


@asynccontextmanager
async def peerjs() -> AsyncIterator[PeerJs]:
    """PeerJS server as it is shipped. It takes no port 0, so a free one is looked for."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        words = ("--port", str(free.getsockname()[1]), "--host", "127.0.0.1")
    async with _started((str(PEERJS), *words), b"port: ", "") as (pid, port):
        yield PeerJs(pid, port)


@asynccontextmanager
async def _started(words: Sequence[str], before_port: bytes, path: str) -> AsyncIterator[tuple[int, int]]:
    process = await asyncio.create_subprocess_exec(
        *ON_THE_FIRST_CORE,
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert process.stdout is not None
    said = b""
    try:
        async with asyncio.timeout(60):
            while before_port not in said:
                read = await process.stdout.readline()
                assert read, said
                said += read
        digits = said.split(before_port)[1].split()[0].rstrip(b",")
        drain = asyncio.create_task(_drained(process.stdout))
        yield process.pid, int(digits)
        drain.cancel()
    finally:
        process.kill()  # PeerJS server would wait for its clients
        await process.wait()


async def _drained(stream: asyncio.StreamReader) -> None:
    while await stream.read(65536):
        pass

"""Finding each other, beside PeerJS server: the start of the hour, messages a second, memory of who is idle.

Each server has the first core, the load the second; they take turns, so that a slow moment strikes both.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from bench.rendezvous import Rendezvous, Someone, ours, peerjs
from bench.row import Row
from bench.sockets import Socket

RUNS = 3
ROOMS = 500
PAIRS, BOUNCES = 100, 200
IDLE = 500
BESIDE = "PeerJS server, the same logical messages"


async def measure_burst() -> Row:
    """500 rooms at once: both join, an offer, an answer, and ten candidates each way; 99th of 100 rooms."""
    return await _in_turns(
        what=f"start of the hour: {ROOMS} rooms at once, each two joins, offer, answer and 20 candidates; p99",
        unit="ms",
        measured=_burst,
        rooms=ROOMS,
    )


async def measure_relay() -> Row:
    """100 pairs bounce 1.2 KB; microseconds of the server's core a message."""
    return await _in_turns(
        what=f"time on its core for a relayed message of 1.2 KB, {PAIRS} pairs",
        unit="µs",
        measured=_relay,
        rooms=PAIRS,
    )


async def measure_idle() -> Row:
    """KiB for each of a thousand who have joined and say nothing."""
    return await _in_turns(
        what="memory of one who is idle, of 1,000", unit="KiB", measured=_idle, rooms=IDLE, limit=30.0
    )


Measured = Callable[[Rendezvous, int], Awaitable[float]]


class Room:
    """Two who find each other. `done` when both have the other's candidates; or they bounce descriptions."""

    def __init__(self, server: Rendezvous, bounces: int = 0) -> None:
        self.done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.both: tuple[Someone, Someone] | None = None
        self._is_relayed = server.is_relayed
        self._bounces = bounces
        self._missing = 0

    def begin(self, both: tuple[Someone, Someone]) -> None:
        """The first offers."""
        self.both = both
        self._missing = sum(len(each.candidates) for each in both)
        both[0].socket.send(both[0].offer)

    def got(self, here: Socket, message: bytes) -> None:
        """One message of the server, to either of them."""
        if self.both is None or not self._is_relayed(message):
            return
        own = self.both[0] if self.both[0].socket is here else self.both[1]
        kind = message[:20].lower()
        if b"candidate" in kind:
            self._missing -= 1
            if self._missing == 0:
                self.done.set_result(time.perf_counter())
        elif self._bounces:
            self._bounces -= 1
            if self._bounces == 0:
                self.done.set_result(time.perf_counter())
            else:
                here.send(own.answer if b"offer" in kind else own.offer)
        else:
            if b"offer" in kind:
                here.send(own.answer)
            for candidate in own.candidates:
                here.send(candidate)


async def _in_turns(
    *, what: str, unit: str, measured: Measured, rooms: int, limit: float | None = None
) -> Row:
    found: dict[str, list[float]] = {"ours": [], "theirs": []}
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores - {0} or cores)  # the servers have the first
    try:
        for _ in range(RUNS):
            async with peerjs() as server:
                found["theirs"].append(await measured(server, rooms))
            with TemporaryDirectory() as folder:
                async with ours(Path(folder), rooms) as server:
                    found["ours"].append(await measured(server, rooms))
    finally:
        os.sched_setaffinity(0, cores)
    return Row(what, BESIDE, unit, found["ours"], found["theirs"], goal=1.0, limit=limit)


async def _burst(server: Rendezvous, rooms: int) -> float:
    started = time.perf_counter()

    async def meet(number: int) -> float:
        room = Room(server)
        room.begin(await server.pair(number, room.got))
        return await room.done - started

    seconds = await asyncio.gather(*(meet(number) for number in range(rooms)))
    return quantiles(seconds, n=100)[98] * 1000


async def _relay(server: Rendezvous, pairs: int) -> float:
    rooms = [Room(server, BOUNCES) for _ in range(pairs)]
    both = [await server.pair(number, room.got) for number, room in enumerate(rooms)]
    before = _cpu_seconds(server.pid)
    for room, two in zip(rooms, both, strict=True):
        room.begin(two)
    await asyncio.gather(*(room.done for room in rooms))
    return (_cpu_seconds(server.pid) - before) / (pairs * BOUNCES) * 1e6


async def _idle(server: Rendezvous, rooms: int) -> float:
    before = _kib(server.pid)
    kept = [await server.pair(number, lambda here, message: None) for number in range(rooms)]
    await asyncio.sleep(2)  # what joining took is freed meanwhile
    return (_kib(server.pid) - before) / (2 * len(kept))


def _cpu_seconds(pid: int) -> float:
    """What the process has used of its core: unlike the time on the wall, no other process is in it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _kib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024

"""Device checks: a few at a time call an echo on the server, the others wait their turn. No room, and nobody else."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import msgspec

from signaling import protocol
from signaling.admission import Entry
from signaling.connection import Connection
from signaling.errors import NORMAL, Refused, Violation
from signaling.greeting import Ice, welcome

AT_ONCE = 4  # each takes about 7 % of a core, nearly all of it for giving the sound back
QUEUE = 24
SECONDS = 120.0
ECHO = "0" * 32  # the seat of the echo, in every check
AROUND: dict[str, Any] = {
    "participants": [{"seat": ECHO, "name": "Echo", "role": "host", "microphone": True, "camera": False}],
    "apart": [],
}


class Peer(Protocol):
    """The other end of one check."""

    async def answer(self, sdp: str) -> str:
        """Answer an offer. ValueError for one that cannot be read."""
        ...

    async def reach(self, candidates: list[protocol.Candidate]) -> None:
        """Where the browser may be found."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


NewPeer = Callable[[Ice], Peer]


@dataclass
class Check:
    """One person who tries the line. `peer` is the call under way; a further offer begins another."""

    connection: Connection
    entry: Entry
    state: Literal["outside", "inside"] = "outside"
    peer: Peer | None = None
    timer: asyncio.TimerHandle | None = None


class Checks:
    """The checks of this process. `ice` gives {"servers", "policy"} for an entry; `new_peer` makes an echo."""

    def __init__(
        self,
        new_peer: NewPeer,
        *,
        ice: Callable[[Entry], Ice],
        at_once: int = AT_ONCE,
        queue: int = QUEUE,
        seconds: float = SECONDS,
    ) -> None:
        self._new_peer = new_peer
        self._ice = ice
        self._at_once = at_once
        self._queue = queue
        self._seconds = seconds
        self._checks: dict[str, Check] = {}  # by seat, in the order in which they came
        self._closing: set[asyncio.Task[None]] = set()

    def enter(self, connection: Connection, entry: Entry) -> None:
        """Begin at once, or wait for a turn. Violation room_full when too many wait already."""
        older = self._checks.pop(entry.seat, None)
        if older is not None:
            older.connection.shut("seat_taken_over")
            self._end(older)
        free = self._at_once - sum(each.state == "inside" for each in self._checks.values())
        if free <= 0 and len(self._checks) >= self._at_once + self._queue:
            raise Violation("room_full")
        check = Check(connection, entry)
        connection.entry = entry
        self._checks[entry.seat] = check
        if free > 0:
            self._begin(check)
        connection.send(welcome(entry, self._ice(entry), check.state, around=AROUND))
        if check.state == "outside":
            connection.send(protocol.encode("waiting", host=True))

    async def handle(self, connection: Connection, message: protocol.Incoming) -> None:
        """One message of somebody who checks. Raises Refused or Violation."""
        connection.rate.take(1)
        check = self._of(connection)
        if isinstance(message, protocol.Leave):
            connection.is_polite = True
            connection.close(NORMAL)
        elif isinstance(message, protocol.Offer | protocol.Answer | protocol.Candidates):
            protocol.candidates_in(message)
            if check.state != "inside":
                raise Refused("not_inside")
            await self._negotiate(check, message)
        elif not isinstance(message, protocol.Media):
            raise Refused("not_host")

    async def _negotiate(self, check: Check, message: protocol.Relayed) -> None:
        if message.to != ECHO or isinstance(message, protocol.Answer):
            raise Refused("no_such_seat")
        if isinstance(message, protocol.Offer):
            self._hang_up(check)
            check.peer = self._new_peer(self._ice(check.entry))
            sdp = msgspec.json.decode(message.body, type=protocol.Description).sdp
            try:
                answer = await check.peer.answer(sdp)
            except ValueError as error:
                raise Violation("malformed") from error
            check.connection.send(protocol.encode("answer", **{"from": ECHO}, body={"sdp": answer}))
        elif check.peer is not None:
            await check.peer.reach(msgspec.json.decode(message.body, type=list[protocol.Candidate]))

    def drop(self, connection: Connection) -> None:
        """The socket is gone: the call ends, and whoever has waited longest begins."""
        try:
            check = self._of(connection)
        except Violation:
            return
        del self._checks[check.entry.seat]
        self._end(check)
        self._next()

    async def close(self) -> None:
        """The server goes down."""
        for check in self._checks.values():
            self._end(check)
        self._checks.clear()
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _of(self, connection: Connection) -> Check:
        entry = connection.entry
        check = None if entry is None else self._checks.get(entry.seat)
        if check is None or check.connection is not connection:
            raise Violation("seat_taken_over")  # its own close is on the way already
        return check

    def _begin(self, check: Check) -> None:
        check.state = "inside"
        loop = asyncio.get_running_loop()
        check.timer = loop.call_later(self._seconds, check.connection.shut, "ended")

    def _next(self) -> None:
        """Open the door for those whose turn it is."""
        waiting = [each for each in self._checks.values() if each.state == "outside"]
        free = self._at_once - (len(self._checks) - len(waiting))
        for check in waiting[: max(0, free)]:
            self._begin(check)
            ice = self._ice(check.entry)
            check.connection.send(protocol.encode("admitted", ice=ice, **AROUND))

    def _end(self, check: Check) -> None:
        if check.timer is not None:
            check.timer.cancel()
        self._hang_up(check)

    def _hang_up(self, check: Check) -> None:
        """End the call under way; closing it takes a moment, for which nobody waits."""
        if check.peer is not None:
            task = asyncio.create_task(check.peer.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
            check.peer = None

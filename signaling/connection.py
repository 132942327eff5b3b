"""One socket: frames out through a bounded queue and one writer, frames in at a bounded rate."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from signaling import protocol
from signaling.admission import Entry
from signaling.errors import CLOSE_CODES, RESTARTING, SENTENCES, Violation
from signaling.waiting import Bell, Frames

QUEUE_FRAMES = 256
PER_SECOND = 20.0
BURST = 70.0
T = TypeVar("T")


@dataclass
class Rate:
    """Token bucket: 20 messages/s and a burst of 70 for each peer in the room. `clock` is in seconds."""

    clock: Callable[[], float]
    tokens: float = BURST
    at: float = field(init=False)

    def __post_init__(self) -> None:
        self.at = self.clock()

    def take(self, peers: int) -> None:
        """Count one message; Violation too_fast when there were too many."""
        now = self.clock()
        self.tokens = min(BURST * peers, self.tokens + (now - self.at) * PER_SECOND * peers)
        self.at = now
        if self.tokens < 1:
            raise Violation("too_fast")
        self.tokens -= 1


class Connection:
    """What the hub knows of a socket: it can be sent to and shut, and never waits for its reader."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self.entry: Entry | None = None
        self.rate = Rate(clock)
        self.is_open = True
        self.is_polite = False  # whether the other side has said goodbye
        self.is_over = False  # whether nothing can be written any more
        self.in_question = Bell()  # rung when whether it may stay is to be asked at once
        self.is_listening = False  # whether the reader waits for the next frame at this moment
        self._limit: asyncio.Timeout | None = None
        self.queue = Frames()

    @asynccontextmanager
    async def limit(self, seconds: float | None) -> AsyncIterator[None]:
        """Read in here: TimeoutError after `seconds`. One limit serves for all frames, since making one for each costs
        a tenth of what a relayed message does."""
        async with asyncio.timeout(seconds) as limit:
            self._limit = limit
            try:
                yield
            finally:
                self._limit = None

    async def listen(self, receive: Callable[[], Awaitable[T]]) -> T | None:
        """What comes next; None once the writer is over. Only this wait is cut short, never the work on a frame."""
        if self.is_over:
            return None
        self.is_listening = True
        try:
            event = await receive()
        finally:
            self.is_listening = False
        return None if self.is_over else event

    def over(self) -> None:
        """The writer has ended: a close frame is out, or the other side takes nothing. No reader waits on."""
        self.is_open, self.is_over = False, True
        if self._limit is not None and self.is_listening:
            self._limit.reschedule(asyncio.get_running_loop().time())

    def send(self, frame: bytes) -> None:
        """Queue a frame; a reader that is 256 frames behind is closed."""
        if not self.is_open:
            return
        if self.queue.qsize() >= QUEUE_FRAMES:
            self._drop_queue()
            self.shut("slow_reader")
            return
        self.queue.put_nowait(frame)

    def say(self, kind: str, **fields: Any) -> None:
        """One message of the server."""
        self.send(protocol.encode(kind, **fields))

    def refuse(self, code: str) -> None:
        """The one error shape."""
        self.say("error", code=code, text=SENTENCES[code])

    def shut(self, code: str) -> None:
        """Say why, then close with the code's own close code. What is queued goes out first."""
        if not self.is_open:
            return
        self.queue.put_nowait(protocol.encode("error", code=code, text=SENTENCES[code]))
        self.close(CLOSE_CODES[code])

    def restart(self) -> None:
        """The server goes down for a moment: come back."""
        self.close(RESTARTING)

    def close(self, close_code: int) -> None:
        """Close after what is queued."""
        if self.is_open:
            self.is_open = False
            self.queue.put_nowait(close_code)

    def _drop_queue(self) -> None:
        while not self.queue.empty():
            self.queue.get_nowait()

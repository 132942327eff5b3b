"""Two things that one task waits for. What asyncio has for many waiters takes three KiB a socket more, as long as
nothing happens."""

import asyncio


class Frames:
    """What goes out, in order, to one writer; a number is a close code."""

    __slots__ = ("_frames", "_waiter")

    def __init__(self) -> None:
        self._frames: list[bytes | int] = []
        self._waiter: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        """Whether nothing is left."""
        return not self._frames

    def qsize(self) -> int:
        """How many."""
        return len(self._frames)

    def put_nowait(self, frame: bytes | int) -> None:
        """After all others."""
        self._frames.append(frame)
        _wake(self._waiter)

    def get_nowait(self) -> bytes | int:
        """The first; IndexError when there is none."""
        return self._frames.pop(0)

    async def get(self) -> bytes | int:
        """The first, as soon as there is one."""
        while not self._frames:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self.get_nowait()


class Bell:
    """Rung once or often, it is heard once."""

    __slots__ = ("_is_rung", "_waiter")

    def __init__(self) -> None:
        self._is_rung = False
        self._waiter: asyncio.Future[None] | None = None

    def is_rung(self) -> bool:
        """Whether nobody has heard it yet."""
        return self._is_rung

    def ring(self) -> None:
        """For the one who waits, or comes to wait."""
        self._is_rung = True
        _wake(self._waiter)

    async def heard(self, seconds: float) -> None:
        """Until it rings, or for so many seconds."""
        if not self._is_rung:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            late = loop.call_later(seconds, _wake, self._waiter)
            try:
                await self._waiter
            finally:
                late.cancel()
                self._waiter = None
        self._is_rung = False


def _wake(waiter: "asyncio.Future[None] | None") -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)

"""Hanging up a call of aiortc: its `close` waits for threads, tasks and a relay, which may never answer."""

import asyncio
from typing import Protocol

PART_SECONDS = 5.0


class Call(Protocol):
    """A connection of aiortc."""

    async def close(self) -> None:
        """End it; it may take any time."""
        ...


async def hang_up(*connections: Call, seconds: float = PART_SECONDS) -> None:
    """Close these connections. One that does not close in time is left to itself: nobody waits for it any longer."""
    closing = [asyncio.create_task(connection.close()) for connection in connections]
    if not closing:
        return
    done, late = await asyncio.wait(closing, timeout=seconds)
    for task in late:
        task.cancel()
    for task in done:
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, ConnectionError):
            raise error

"""Server-sent events (HTML, section 9.2): a long answer that tells a page what changes, until somebody ends it."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress

from starlette.responses import StreamingResponse

from telehealth.errors import TooMany

MEDIA_TYPE = "text/event-stream"
MOST = 8  # pages of one person that listen at once
BEAT = b": still here\n\n"  # a comment: it keeps what stands between from closing a silent connection
AGAIN_MS = 5_000  # when a browser comes back after a loss
ENOUGH = "This page is open too often. Close some of its windows, or look again by the link on the page."


class Streams:
    """Every long answer of this process: how many each person has, and whether the service is going down."""

    def __init__(self) -> None:
        self._open: Counter[bytes] = Counter()
        self._goodbye = asyncio.Event()

    @contextmanager
    def opened(self, person_id: bytes) -> Iterator[None]:
        """While somebody listens."""
        self._open[person_id] += 1
        try:
            yield
        finally:
            self._open[person_id] -= 1
            if not self._open[person_id]:
                del self._open[person_id]

    def check(self, person_id: bytes) -> None:
        """TooMany when this person listens on MOST pages already."""
        if self._open[person_id] >= MOST:
            raise TooMany("too_many_streams", ENOUGH)

    def end(self) -> None:
        """The service goes down: every stream ends, and the browsers come back to the next one."""
        self._goodbye.set()

    async def is_over(self, seconds: float) -> bool:
        """Wait so long, or until the service goes down; says whether it does."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._goodbye.wait(), seconds)
        return self._goodbye.is_set()


def event(name: str, data: object) -> bytes:
    """One event; JSON has no line breaks of its own, so it is one line."""
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def stream(events: AsyncIterator[bytes]) -> StreamingResponse:
    """The answer; whatever stands between is asked not to gather it up."""

    async def whole() -> AsyncIterator[bytes]:
        yield f"retry: {AGAIN_MS}\n\n".encode()
        async for each in events:
            yield each

    return StreamingResponse(whole(), media_type=MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})

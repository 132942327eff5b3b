"""How long a test waits for what has no limit of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SECONDS = 30.0


@asynccontextmanager
async def within(what: str, seconds: float = SECONDS) -> AsyncIterator[None]:
    """The block has so long; AssertionError says what was waited for."""
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise  # somebody else's
        raise AssertionError(f"after {seconds:g} s still waiting for {what}") from None

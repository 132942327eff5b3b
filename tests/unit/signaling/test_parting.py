"""Hanging up takes no longer than it may."""

import asyncio

import pytest

from signaling.parting import hang_up


class Call:
    """A connection that closes in its own way."""

    def __init__(self, error: Exception | None = None, *, ends: bool = True) -> None:
        self.error = error
        self.may_end = asyncio.Event()
        if ends:
            self.may_end.set()

    async def close(self) -> None:
        await self.may_end.wait()
        if self.error is not None:
            raise self.error


async def test_a_call_that_does_not_close_holds_up_nobody() -> None:
    async with asyncio.timeout(5):
        await hang_up(Call(), Call(ends=False), seconds=0.01)
        await hang_up()


async def test_a_line_that_is_gone_is_no_trouble_and_all_else_is_told() -> None:
    await hang_up(Call(ConnectionResetError()))
    with pytest.raises(ValueError, match="broken"):
        await hang_up(Call(ValueError("broken")))

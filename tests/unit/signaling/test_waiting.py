"""What one task waits for: frames in their order, and a bell that is heard once."""

import asyncio

import pytest

from signaling.waiting import Bell, Frames


async def test_frames_come_out_in_their_order() -> None:
    frames = Frames()
    assert frames.empty()
    for frame in (b"one", b"two", 1000):
        frames.put_nowait(frame)
    assert frames.qsize() == 3
    assert [await frames.get() for _ in range(3)] == [b"one", b"two", 1000]
    assert frames.empty()
    with pytest.raises(IndexError):
        frames.get_nowait()


async def test_whoever_waits_for_a_frame_gets_it() -> None:
    frames = Frames()
    waiting = asyncio.create_task(frames.get())
    await asyncio.sleep(0)
    for frame in (b"one", b"two"):  # the second finds the waiter woken already
        frames.put_nowait(frame)
    assert await waiting == b"one"
    assert frames.get_nowait() == b"two"


async def test_a_frame_is_not_lost_with_a_task_that_waited_for_it() -> None:
    frames = Frames()
    waiting = asyncio.create_task(frames.get())
    await asyncio.sleep(0)
    frames.put_nowait(b"one")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await frames.get() == b"one"


async def test_a_bell_that_rang_before_is_heard_once() -> None:
    bell = Bell()
    bell.ring()
    bell.ring()
    assert bell.is_rung()
    await bell.heard(600)
    assert not bell.is_rung()
    await bell.heard(0)  # over by time


async def test_a_bell_wakes_whoever_waits() -> None:
    bell = Bell()
    waiting = asyncio.create_task(bell.heard(600))
    await asyncio.sleep(0)
    bell.ring()
    async with asyncio.timeout(10):
        await waiting
    assert not bell.is_rung()

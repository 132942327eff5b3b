"""One socket's limits: how fast it may speak, and how far it may fall behind."""

import asyncio
import json

import pytest

from signaling.connection import BURST, PER_SECOND, QUEUE_FRAMES, Connection, Rate
from signaling.errors import Violation


class Seconds:
    """A clock that stands until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def taken(rate: Rate, peers: int) -> int:
    """How many messages pass before one is too many."""
    for count in range(10_000):
        try:
            rate.take(peers)
        except Violation:
            return count
    raise AssertionError("there is no limit")


def said(connection: Connection) -> list[str | int]:
    """What is queued: codes of errors, types of messages, and the close code."""
    queued: list[str | int] = []
    while not connection.queue.empty():
        item = connection.queue.get_nowait()
        if isinstance(item, int):
            queued.append(item)
        else:
            message = json.loads(item)
            queued.append(message.get("code", message["type"]))
    return queued


def test_seventy_at_once_and_twenty_a_second() -> None:
    clock = Seconds()
    rate = Rate(clock)
    assert taken(rate, 1) == BURST == 70
    clock.now += 1
    assert taken(rate, 1) == PER_SECOND == 20
    clock.now += 3600
    assert taken(rate, 1) == 70


def test_more_peers_mean_more_messages() -> None:
    clock = Seconds()
    rate = Rate(clock)
    assert taken(rate, 3) == 70
    clock.now += 1
    assert taken(rate, 3) == 60
    clock.now += 3600
    assert taken(rate, 3) == 210


def test_too_fast_is_said_with_its_code() -> None:
    rate = Rate(Seconds(), tokens=0.5)
    with pytest.raises(Violation, match="too_fast"):
        rate.take(1)


def test_a_slow_reader_is_told_so_and_nothing_else() -> None:
    connection = Connection(clock=Seconds())
    for _ in range(QUEUE_FRAMES):
        connection.send(b'{"type":"left"}')
    assert connection.is_open
    connection.send(b'{"type":"left"}')
    assert said(connection) == ["slow_reader", 4430]


def test_what_is_queued_goes_out_before_the_close_and_nothing_after_it() -> None:
    connection = Connection(clock=Seconds())
    connection.send(b'{"type":"ended"}')
    connection.shut("ended")
    connection.send(b'{"type":"left"}')
    connection.shut("removed")
    connection.restart()
    assert said(connection) == ["ended", "ended", 4410]


async def test_nobody_listens_to_a_socket_that_is_over() -> None:
    connection = Connection(clock=Seconds())
    connection.over()
    assert await connection.listen(connection.queue.get) is None


async def test_a_wait_for_a_frame_ends_with_the_writer() -> None:
    connection = Connection(clock=Seconds())

    async def read() -> None:
        async with connection.limit(None):
            await connection.listen(connection.queue.get)

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)
    connection.over()
    with pytest.raises(TimeoutError):
        await reading


async def test_what_is_done_with_a_frame_is_not_cut_short() -> None:
    connection = Connection(clock=Seconds())
    connection.send(b"a frame")
    async with connection.limit(None):
        assert await connection.listen(connection.queue.get) == b"a frame"
        connection.over()
        await asyncio.sleep(0.01)
        assert await connection.listen(connection.queue.get) is None


async def test_a_frame_that_comes_as_the_writer_ends_is_the_last_thing_that_happens() -> None:
    connection = Connection(clock=Seconds())

    async def receive() -> bytes:
        connection.over()
        return b"too late"

    async with connection.limit(None):
        assert await connection.listen(receive) is None


async def test_a_refusal_leaves_the_socket_open() -> None:
    connection = Connection(clock=Seconds())
    connection.refuse("not_host")
    assert connection.is_open
    assert said(connection) == ["not_host"]

"""Token buckets: the same rules in this process and in a real Valkey, and nobody waits when that one is away."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from structlog.testing import capture_logs

from telehealth.web.buckets import AWAY_SECONDS, MAX_BUCKETS, OwnBuckets, SharedBuckets
from tests.valkey import Valkey, running_valkey

ROSA, MIKA = b"rosa", b"mika"
PATIENCE = (
    20.0  # seconds for an answer, where a test is about counting and the machine has other things to do
)


class Seconds:
    """A clock in seconds that stands still."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    with running_valkey() as running:
        yield running


@pytest.fixture
async def shared(server: Valkey) -> AsyncIterator[SharedBuckets]:
    """One replica, before anything was counted."""
    buckets = SharedBuckets(server.url, clock=Seconds(), answer_seconds=PATIENCE)
    await buckets._redis.flushall()
    yield buckets
    await buckets.close()


async def taken(buckets: OwnBuckets | SharedBuckets, key: bytes, times: int, burst: int = 3) -> list[bool]:
    """Whether each of so many requests had a token; the bucket refills so slowly that a test sees none of it."""
    return [await buckets.take(key, burst, 0.01) for _ in range(times)]


async def test_a_burst_is_let_through_and_no_more() -> None:
    assert await taken(OwnBuckets(Seconds()), ROSA, 5) == [True, True, True, False, False]


async def test_everybody_has_a_bucket_of_their_own() -> None:
    buckets = OwnBuckets(Seconds())
    await taken(buckets, ROSA, 3)
    assert await taken(buckets, MIKA, 1) == [True]


async def test_a_bucket_fills_again_but_never_over_its_burst() -> None:
    seconds = Seconds()
    buckets = OwnBuckets(seconds)
    for _ in range(2):
        assert await buckets.take(ROSA, 2, 60)
    assert not await buckets.take(ROSA, 2, 60)
    seconds.now += 1
    assert await buckets.take(ROSA, 2, 60)
    assert not await buckets.take(ROSA, 2, 60)
    seconds.now += 3600
    assert [await buckets.take(ROSA, 2, 60) for _ in range(3)] == [True, True, False]


async def test_a_refused_request_costs_nothing() -> None:
    seconds = Seconds()
    buckets = OwnBuckets(seconds)
    assert await buckets.take(ROSA, 1, 60)
    for _ in range(9):
        seconds.now += 0.1
        assert not await buckets.take(ROSA, 1, 60)
    seconds.now += 0.11
    assert await buckets.take(ROSA, 1, 60)


async def test_the_least_recently_seen_are_forgotten_first() -> None:
    buckets = OwnBuckets(Seconds())
    for number in range(MAX_BUCKETS):
        await buckets.take(number.to_bytes(4, "big"), 1, 0.01)
    assert not await buckets.take(bytes(4), 1, 0.01)  # seen again, so it stays
    await buckets.take(b"one more", 1, 0.01)
    assert not await buckets.take(bytes(4), 1, 0.01)
    assert await buckets.take((1).to_bytes(4, "big"), 1, 0.01)


async def test_two_replicas_count_into_the_same_buckets(server: Valkey, shared: SharedBuckets) -> None:
    other = SharedBuckets(server.url, answer_seconds=PATIENCE)
    try:
        assert await taken(shared, ROSA, 2) == [True, True]
        assert await taken(other, ROSA, 2) == [True, False]
        assert await taken(shared, ROSA, 1) == [False]
        assert await taken(other, MIKA, 1) == [True]
    finally:
        await other.close()


async def test_many_at_once_get_no_more_than_the_burst(shared: SharedBuckets) -> None:
    answers = await asyncio.gather(*(shared.take(ROSA, 10, 0.01) for _ in range(40)))
    assert sum(answers) == 10


async def test_a_shared_bucket_fills_again_by_the_servers_clock(shared: SharedBuckets) -> None:
    assert await shared.take(ROSA, 1, 0.01)
    assert not await shared.take(ROSA, 1, 0.01)
    earlier = float((await shared._redis.hget("limit:" + ROSA.hex(), "at")) or 0) - 60
    await shared._redis.hset("limit:" + ROSA.hex(), "at", str(earlier))
    assert not await shared.take(ROSA, 1, 0.5)  # half a token a minute, and about one minute
    earlier -= 61
    await shared._redis.hset("limit:" + ROSA.hex(), "at", str(earlier))
    assert await shared.take(ROSA, 1, 0.5)


async def test_a_shared_bucket_is_forgotten_once_it_is_full_again(
    server: Valkey, shared: SharedBuckets
) -> None:
    await shared.take(ROSA, 20, 20)
    (key,) = server.keys()
    assert 0 < await shared._redis.ttl(key) <= 5


async def test_while_it_is_away_this_process_counts_and_says_so_once() -> None:
    with running_valkey() as server:
        seconds = Seconds()
        buckets = SharedBuckets(server.url, clock=seconds)
        try:
            assert await taken(buckets, ROSA, 1) == [True]
            server.stop()
            with capture_logs() as logs:
                assert await taken(buckets, ROSA, 5) == [True, True, True, False, False]
                seconds.now += AWAY_SECONDS
                assert await taken(buckets, ROSA, 1) == [False]
            assert [(each["log_level"], each["event"]) for each in logs] == [
                ("warning", "rate limits are counted in this process alone")
            ]
            server.start()
            assert await taken(buckets, ROSA, 1) == [False]  # it is left alone for a while
            seconds.now += AWAY_SECONDS
            with capture_logs() as logs:
                assert await taken(buckets, ROSA, 1) == [True]
            assert [each["event"] for each in logs] == ["rate limits are shared again"]
        finally:
            await buckets.close()


async def test_nobody_waits_for_a_server_that_takes_connections_and_says_nothing() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    buckets = SharedBuckets(f"redis://127.0.0.1:{port}")
    try:
        async with asyncio.timeout(3):
            with capture_logs() as logs:
                assert await taken(buckets, ROSA, 4) == [True, True, True, False]
        assert len(logs) == 1
    finally:
        await buckets.close()
        listening.close()
        await listening.wait_closed()

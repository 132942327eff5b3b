"""Each job has its turns by itself, a failure is tried again later, and stopping waits for the turn under way."""

import asyncio
import logging
from datetime import timedelta

import pytest

from telehealth.jobs import Job, ended, pause, run

AT_ONCE = timedelta(0)
SECOND = timedelta(seconds=1)


async def finished(jobs: list[Job], stop: asyncio.Event) -> None:
    await asyncio.wait_for(run(jobs, stop), 10)


async def test_a_job_that_fails_keeps_no_other_from_its_turns(caplog: pytest.LogCaptureFixture) -> None:
    stop, turns = asyncio.Event(), 0

    async def fails() -> int:
        raise RuntimeError("Rosa's words")

    async def works() -> int:
        nonlocal turns
        turns += 1
        if turns == 3:
            stop.set()
        return 1

    with caplog.at_level(logging.INFO, logger="telehealth.jobs"):
        await finished([Job("first", SECOND, fails), Job("second", AT_ONCE, works)], stop)
    assert turns == 3
    assert "first failed 1 times in a row and will be tried again: RuntimeError" in caplog.text
    assert "Rosa" not in caplog.text


async def test_stopping_waits_for_the_turn_under_way_and_begins_no_other() -> None:
    stop, begun, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event(), 0

    async def slow() -> int:
        nonlocal ended
        begun.set()
        await may_end.wait()
        ended += 1
        return 0

    running = asyncio.create_task(finished([Job("slow", AT_ONCE, slow)], stop))
    async with asyncio.timeout(10):
        await begun.wait()
    stop.set()
    await asyncio.sleep(0)
    assert not running.done()
    may_end.set()
    await running
    assert ended == 1


async def test_without_a_job_it_waits_to_be_stopped() -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(finished([], stop))
    await asyncio.sleep(0)
    assert not running.done()
    stop.set()
    await running


def test_the_pause_doubles_with_each_failure_up_to_ten_minutes() -> None:
    assert [pause(SECOND, failures) for failures in (0, 1, 2, 5)] == [
        SECOND,
        2 * SECOND,
        4 * SECOND,
        32 * SECOND,
    ]
    assert pause(SECOND, 1000) == timedelta(minutes=10)
    assert pause(timedelta(hours=1), 3) == timedelta(hours=1)


async def test_what_never_ends_is_cut_off_and_what_fails_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async def hangs() -> None:
        await asyncio.Event().wait()

    async def fails() -> None:
        raise RuntimeError

    async with asyncio.timeout(10):
        await ended(hangs(), 0.01)
    assert "did not end within 0.01 seconds and was cut off" in caplog.text
    with pytest.raises(RuntimeError):
        await ended(fails(), 10)

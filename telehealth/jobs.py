"""Work that nobody asks for: each job has its turn again and again, by itself, until all are to stop."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

LONGEST_WAIT = timedelta(minutes=10)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """`turn` does what is due now and says how much that was; `every` is the time from its end to the next one.

    A turn must be safe beside the same turn of another process, and after one that was killed half-way.
    """

    name: str
    every: timedelta
    turn: Callable[[], Awaitable[int]]


class Told(Protocol):
    """Hears of every turn: whose it was, when it ended in seconds of the day's clock, and whether it failed."""

    def __call__(self, job: str, at: float, *, failed: bool) -> None: ...


def _nobody(job: str, at: float, *, failed: bool) -> None:
    """Nobody wants to know."""


async def run(jobs: Sequence[Job], stop: asyncio.Event, told: Told = _nobody) -> None:
    """Run them until `stop` is set and the turns under way have ended. What fails ends no other job."""
    await asyncio.gather(*(_repeat(job, stop, told) for job in jobs), stop.wait())


async def _repeat(job: Job, stop: asyncio.Event, told: Told) -> None:
    failures = 0
    while not stop.is_set():
        try:
            done = await job.turn()
        except Exception as error:
            failures += 1  # drivers raise their own while a part is away; its words may name somebody
            _log.error(
                "%s failed %d times in a row and will be tried again: %s",
                job.name,
                failures,
                type(error).__name__,
            )
        else:
            failures = 0
            if done:
                _log.info("%s: %d", job.name, done)
        told(job.name, time.time(), failed=failures > 0)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause(job.every, failures).total_seconds())


async def ended(ending: Coroutine[Any, Any, None], seconds: float) -> None:
    """Wait so long for an end. What still waits then, for a database that does not answer or a relay, is cut off, and
    is done when the service is there again."""
    task = asyncio.create_task(ending)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.cancel()
        _log.error("What was under way did not end within %g seconds and was cut off", seconds)
        return
    task.result()


def pause(every: timedelta, failures: int) -> timedelta:
    """How long until the next turn: twice as long after each failure, ten minutes at most or `every` if longer."""
    return max(every, min(every * (1 << min(failures, 20)), LONGEST_WAIT))

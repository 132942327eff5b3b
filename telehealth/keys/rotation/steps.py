"""What all rotations have in common: short transactions that give way to people, and a count that proves the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from telehealth.db.alone import alone
from telehealth.db.engine import give_way, is_busy
from telehealth.errors import Conflict, Unavailable
from telehealth.keys.keyring import Keyring

T = TypeVar("T")
Progress = Callable[[int, int], None]  # how many are done, of how many
KEYS = "keys"
TRIES = 60
LONGEST_WAIT = 0.5  # seconds between two tries


class KeyWork(Protocol):
    """One transaction of the key command; `telehealth.audit.office.Work` is one."""

    connection: AsyncConnection
    ring: Keyring
    now: datetime

    async def audit(
        self,
        type: str,  # noqa: A002 - the word of FHIR AuditEvent
        action: Literal["C", "R", "U", "D", "E"],
        *,
        entity: str,
        entity_id: bytes,
        subjects: Sequence[bytes],
    ) -> None:
        """Put this act on record, in this transaction."""


Begin = Callable[[], AbstractAsyncContextManager[KeyWork]]


@dataclass(frozen=True)
class Rotated:
    """What a rotation did in this run, and how many are still due: 0 proves that it is complete."""

    what: str
    done: int
    remaining: int
    note: str = ""


def entity_of(number: int) -> bytes:
    """The 16 bytes by which the record names an epoch or a rotation."""
    return number.to_bytes(16, "big")


@asynccontextmanager
async def alone_with(begin: Begin, what: str) -> AsyncIterator[None]:
    """Nobody else rotates the same until the block ends; Conflict "rotation_under_way" while somebody does."""
    engine = await in_one_transaction(begin, _engine)
    async with alone(engine, f"rotate-{what}") as mine:
        if not mine:
            raise Conflict(
                "rotation_under_way",
                f"A rotation of this kind ({what}) is under way already, so nothing was done. Wait until it has ended.",
            )
        yield


async def _engine(work: KeyWork) -> AsyncEngine:
    return work.connection.engine


async def in_one_transaction(begin: Begin, act: Callable[[KeyWork], Awaitable[T]]) -> T:
    """Do `act` in a transaction that waits for nobody; where somebody holds what it needs, again a moment later."""
    wait = 0.01
    for _ in range(TRIES):
        try:
            async with begin() as work:
                await give_way(work.connection)
                return await act(work)
        except DBAPIError as error:
            if not is_busy(error):
                raise
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)
    raise Unavailable(
        "rotation_busy",
        "The database was too busy to go on. What was done stands; run the same command again.",
    )


async def until_none_is_left(
    begin: Begin,
    batch: Callable[[KeyWork], Awaitable[int]],
    left: Callable[[KeyWork], Awaitable[int]],
    progress: Progress,
) -> tuple[int, int]:
    """Repeat `batch`, which says how many it did, until `left` counts none; returns (done, still left).

    What others hold at the moment is come back to. On SQLite, where a writer keeps all others out, the pause after
    each batch is as long as the batch.
    """
    total = await in_one_transaction(begin, left)
    done = in_vain = 0
    progress(done, total)
    while in_vain < TRIES:
        timed = _Timed(batch)
        count = await in_one_transaction(begin, timed)
        done += count
        progress(done, max(done, total))
        if count == 0:
            in_vain += 1
            if await in_one_transaction(begin, left) == 0:
                break
        await asyncio.sleep(timed.seconds if count else LONGEST_WAIT)
    return done, await in_one_transaction(begin, left)


class _Timed:
    """A batch that knows how long it kept others waiting; the wait for its own turn does not count."""

    def __init__(self, batch: Callable[[KeyWork], Awaitable[int]]) -> None:
        self._batch = batch
        self.seconds = 0.0

    async def __call__(self, work: KeyWork) -> int:
        began = time.monotonic()
        count = await self._batch(work)
        self.seconds = time.monotonic() - began
        return count

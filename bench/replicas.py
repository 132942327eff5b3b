"""The attempts of a rush shared out among processes: the service runs as several replicas, one for each core."""

import asyncio
import gc
import multiprocessing
import os
import time
from contextlib import AsyncExitStack
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import uvloop

from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.db.engine import Database
from telehealth.keys.keyring import Keyring
from telehealth.office import SUBJECT_FINDERS
from tests.clock import FakeClock
from tests.unit.appointments import rush

REPLICAS = 2  # as many as pgbench has threads


async def run(url: str, folder: Path, wanted: rush.Rush) -> rush.Outcome:
    """All attempts, by replicas that begin together. Who wants the same time is served by different ones."""
    return await asyncio.to_thread(_run, url, folder, wanted)


def _run(url: str, folder: Path, wanted: rush.Rush) -> rush.Outcome:
    context = multiprocessing.get_context("spawn")
    ready, answers = context.Barrier(REPLICAS + 1), context.SimpleQueue()
    of_all = (url, folder, wanted, ready, answers)
    replicas = [context.Process(target=_replica, args=(*of_all, share)) for share in range(REPLICAS)]
    for replica in replicas:
        replica.start()
    ready.wait()
    started = time.perf_counter()
    outcomes = [answers.get() for _ in replicas]
    seconds = time.perf_counter() - started
    for replica in replicas:
        replica.join()
    booked = {id_: client for each in outcomes for id_, client in each.booked.items()}
    return rush.Outcome(booked, sum(each.refused for each in outcomes), seconds)


def _replica(
    url: str, folder: Path, wanted: rush.Rush, ready: Barrier, answers: SimpleQueue[rush.Outcome], share: int
) -> None:
    gc.collect()
    gc.freeze()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        answers.put(runner.run(_share(url, folder, wanted, ready, share)))


async def _connect(database: Database, count: int) -> None:
    """Open so many connections: pgbench does not count that either."""
    async with AsyncExitStack() as opened:
        for _ in range(count):
            await opened.enter_async_context(database.engine.connect())


async def _share(url: str, folder: Path, wanted: rush.Rush, ready: Barrier, share: int) -> rush.Outcome:
    database = Database(url, pool_size=rush.TASKS // REPLICAS)
    ring = Keyring(FileKeks(folder / "keks"), clinic="test-clinic", index_root=bytes(range(32)))
    pseudonym_key = bytes(range(32, 64))
    office = Office(
        database,
        ring,
        clock=FakeClock(),
        chance=os.urandom,
        pseudonym_key=pseudonym_key,
        subject_finders=SUBJECT_FINDERS,
    )
    await _connect(database, rush.TASKS // REPLICAS)
    await asyncio.to_thread(ready.wait)
    try:
        return await rush.run(
            office,
            wanted,
            rush.by_acts(office, wanted),
            share=share,
            of=REPLICAS,
            tasks=rush.TASKS // REPLICAS,
        )
    finally:
        await database.close()

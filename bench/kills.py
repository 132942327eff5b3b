"""The service killed with -9 at random moments while clients book; how long until somebody can book again."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from bench.bookings import DATABASE, DURABLE
from bench.row import Row
from telehealth.cli.progress import Steps
from telehealth.db.engine import Database
from telehealth.db.schema import upgrade
from tests.deploy import kills
from tests.postgres import running_server
from tests.schema import fresh_postgres, postgres_template

KILLS, KILLS_LARGE = 15, 100  # on each of the two databases
ATTEMPTS = 5_000


async def measure_postgresql(number: int = KILLS) -> Row:
    """Seconds from a kill to the next booking, on PostgreSQL, beside a start after nothing happened."""
    with running_server(*DURABLE, in_memory=False) as server:
        await asyncio.to_thread(postgres_template, server)
        async with fresh_postgres(server, DATABASE) as database:
            return await _measured(database, "PostgreSQL", number)


async def measure_sqlite(number: int = KILLS) -> Row:
    """The same on SQLite."""
    async with _sqlite() as database:
        return await _measured(database, "SQLite", number)


measure_postgresql_large = partial(measure_postgresql, KILLS_LARGE)
measure_sqlite_large = partial(measure_sqlite, KILLS_LARGE)


@asynccontextmanager
async def _sqlite() -> AsyncIterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/clinic.db"
        await upgrade(url)
        database = Database(url)
        try:
            yield database
        finally:
            await database.close()


async def _measured(database: Database, name: str, number: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        async with kills.clinic(database, Path(folder), ATTEMPTS) as (service, office, wanted):
            with Steps().count("Kills") as tell:
                outcome = await kills.kill_again_and_again(service, office, wanted, number, tell)
            seen = await kills.check(service, office, outcome)
    what = (
        f"from kill -9 to the next booking on {name}: {number} kills at random moments while {kills.BOOKERS} book; "
        f"{seen['bookings']:,} bookings acknowledged, each there once, {outcome.repeated:,} asked again by their key; "
        f"{seen['entries']:,} entries of the record whole, {seen['values']:,} sealed values open"
    )
    beside = "the first start, without a kill before"
    return Row(what=what, beside=beside, unit="s", ours=outcome.back_after, theirs=[outcome.first_start])

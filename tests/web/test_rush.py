"""Hundreds who want the same times at once, through HTTP: nobody is booked twice, and no booking is lost."""

import asyncio
from functools import partial
from pathlib import Path

from telehealth.db.engine import Database
from tests.clock import FakeClock
from tests.furnished import new_office
from tests.postgres import Server
from tests.schema import fresh_postgres
from tests.unit.appointments import rush
from tests.web.rush import by_http

ATTEMPTS = 240
SECONDS = 240


async def test_a_rush_from_32_connections_books_each_time_once(
    postgres: Server, tmp_path: Path, clock: FakeClock
) -> None:
    opened = partial(Database, pool_size=rush.TASKS)
    async with asyncio.timeout(SECONDS), fresh_postgres(postgres, "rush", opened=opened) as database:
        office = new_office(database, tmp_path, clock)
        wanted = await rush.open_doors(office, ATTEMPTS)
        async with by_http(office, wanted, tmp_path) as attempt:
            outcome = await rush.run(office, wanted, attempt)
        await rush.check(office, wanted, outcome)

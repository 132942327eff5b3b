"""Thousands who want the same times from 32 connections: nobody is booked twice, and no booking is lost."""

import asyncio
from pathlib import Path

from tests.clock import FakeClock
from tests.conftest import new_office
from tests.postgres import Server
from tests.schema import fresh_postgres
from tests.unit.appointments import rush

ATTEMPTS = 400
SECONDS = 240


async def test_a_rush_from_32_connections_books_each_time_once(
    postgres: Server, tmp_path: Path, clock: FakeClock
) -> None:
    async with asyncio.timeout(SECONDS), fresh_postgres(postgres, "rush", pool_size=rush.TASKS) as database:
        office = new_office(database, tmp_path, clock)
        wanted = await rush.open_doors(office, ATTEMPTS)
        outcome = await rush.run(office, wanted)
        await rush.check(office, wanted, outcome)

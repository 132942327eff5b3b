"""A few kills in the middle of bookings; a hundred of each database are `make bench ROW=kills-postgresql-100` and
`ROW=kills-sqlite-100`."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from telehealth.db.engine import Database
from tests.deploy.kills import check, clinic, kill_again_and_again

KILLS, ATTEMPTS = 2, 400


@pytest.mark.parametrize("fresh_database", ["postgresql"], indirect=True)
async def test_what_was_acknowledged_before_a_kill_is_there_once(
    fresh_database: Callable[[], AbstractAsyncContextManager[Database]], tmp_path: Path
) -> None:
    async with (
        fresh_database() as database,
        clinic(database, tmp_path, ATTEMPTS) as (service, office, wanted),
    ):
        outcome = await kill_again_and_again(service, office, wanted, KILLS)
        assert outcome.repeated > 0
        assert (await check(service, office, outcome))["bookings"] >= KILLS

"""PostgreSQL is restarted under the service: 503 with Retry-After meanwhile, and back without a restart of ours.

Pages are asked for all the while, by people who are signed in, so that connections of every age are met.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from telehealth.db.engine import Database
from telehealth.db.schema import upgrade
from tests.clock import FakeClock
from tests.furnished import new_office
from tests.people import MIKA, NADIA, ROSA, make_clinic
from tests.postgres import OwnServer
from tests.web.browser import Browser
from tests.web.conftest import Site, settings_for

BACK_WITHIN_SECONDS = 5
PAUSE_SECONDS = 0.02  # an answer that is kept takes no time, and nobody else would have a turn
PAGES = ((ROSA, "/appointments"), (MIKA, "/times"), (NADIA, "/today"), (None, "/readyz"))


@pytest.fixture
def server() -> Iterator[OwnServer]:
    made = OwnServer()
    yield made
    made.remove()


@pytest.fixture
async def own_site(server: OwnServer, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Site]:
    """The clinic in a database of that server."""
    url = (await asyncio.to_thread(server.start)).url("postgres")
    await upgrade(url)
    database = Database(url)
    office = new_office(database, tmp_path, clock)
    await make_clinic(office)
    site = Site(office, clock, settings_for(tmp_path))
    yield site
    for browser in site.browsers:
        await browser.close()
    await database.close()


class Asking:
    """Every page again and again, by its own browser; `answers` since they were last taken."""

    def __init__(self, browsers: list[tuple[Browser, str]]) -> None:
        self._tasks = [asyncio.create_task(self._ask(browser, path)) for browser, path in browsers]
        self._answers: asyncio.Queue[tuple[str, httpx2.Response]] = asyncio.Queue()

    async def _ask(self, browser: Browser, path: str) -> None:
        while True:
            self._answers.put_nowait((path, await browser.get(path)))
            await asyncio.sleep(PAUSE_SECONDS)

    async def until_all(self, status: int) -> list[httpx2.Response]:
        """Wait until the newest answer of every page has this status; all answers on the way."""
        newest: dict[str, int] = {}
        found = []
        while len(newest) < len(PAGES) or set(newest.values()) != {status}:
            path, answer = await self._answers.get()
            newest[path] = answer.status_code
            found.append(answer)
        return found

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def test_while_the_database_is_away_pages_say_so_and_are_back_within_five_seconds(
    own_site: Site, server: OwnServer
) -> None:
    asking = Asking([(await own_site.browser(person), path) for person, path in PAGES])
    try:
        async with asyncio.timeout(60):
            await asking.until_all(200)
            stopping = asyncio.create_task(asyncio.to_thread(server.stop))
            answers = await asking.until_all(503)
            await stopping
            assert {each.status_code for each in answers} <= {200, 503}
            assert {each.headers["Retry-After"] for each in answers if each.status_code == 503} == {"5"}
            reasons = [each.json()["reasons"] for each in answers if b'"reasons"' in each.content][-1]
            assert reasons == ["database_unavailable"]
            await asyncio.to_thread(server.start)
        async with asyncio.timeout(BACK_WITHIN_SECONDS):
            answers = await asking.until_all(200)
        assert {each.status_code for each in answers} <= {200, 503}
    finally:
        await asking.stop()

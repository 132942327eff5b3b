"""A therapist's page in a real browser: who knocks appears by itself, and a link is there whenever it may be old."""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from telehealth.audit.office import Office
from telehealth.rooms import door_pages
from tests.browser.own_time import standing
from tests.browser.visitor import running_chromium
from tests.clock import FakeClock
from tests.people import NADIA, ROSA
from tests.schema import fresh_sqlite
from tests.unit.appointments.scene import TEN, book


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Any:
    """What differs between databases is not looked at here."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


async def test_who_knocks_appears_by_itself_until_the_session_ends(
    office: Office, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOOK_SECONDS", "ASK_SECONDS"):
        monkeypatch.setattr(door_pages, name, 0.05)
    async with running_chromium() as browser, standing(office, clock, tmp_path) as service:
        made = await book(office, ROSA, TEN)
        clock.advance(TEN - clock() - timedelta(minutes=2))
        door: dict[str, list[tuple[str, str, datetime]]] = {}
        service.site.app.state.waiting_in = lambda rooms: dict(door)
        async with service.window(browser, NADIA) as window:
            page = window.page
            await page.goto("/today")
            await page.get_by_text("Nobody waits at your door just now.").wait_for()
            await page.get_by_role("link", name="Look again").wait_for(state="hidden")
            door[made.id.hex()] = [("ab" * 16, "Rosa", clock())]
            await page.get_by_text("Rosa waits since 09:58", exact=True).wait_for()
            way = page.locator("who-waits").get_by_role("link", name="Open the room")
            assert await way.get_attribute("href") == f"/appointments/{made.id.hex()}/room"
            door.clear()
            await way.wait_for(state="hidden")
            clock.advance(timedelta(hours=13))
            await page.get_by_role("link", name="Look again").wait_for()
        service.site.app.state.streams.end()

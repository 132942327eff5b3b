"""A client in Firefox and a therapist in Chromium meet: each sees and hears the other."""

import asyncio
import json
import os
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from telehealth.audit.office import Office
from tests.browser.media import go_in, wait_for_media
from tests.browser.own_time import standing
from tests.browser.visitor import running_chromium
from tests.clock import FakeClock
from tests.people import NADIA, ROSA
from tests.rules.tree import ROOT
from tests.schema import fresh_sqlite
from tests.unit.appointments.scene import TEN, book

FIREFOX = os.environ.get("FIREFOX", "/usr/bin/firefox-esr")
SCRIPT = Path(__file__).with_suffix("").parent / "firefox.mjs"
SECONDS = 90


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Any:
    """What differs between databases is not looked at here."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


async def test_chromium_and_firefox_see_and_hear_each_other(
    office: Office, clock: FakeClock, tmp_path: Path
) -> None:
    async with running_chromium() as browser, standing(office, clock, tmp_path) as service:
        path = f"/appointments/{(await book(office)).id.hex()}/room"
        clock.advance(TEN - clock() - timedelta(minutes=2))
        sid = str((await service.site.browser(ROSA)).client.cookies["sid"])
        async with service.window(browser, NADIA) as therapist, asyncio.timeout(SECONDS):
            await go_in(therapist.page, path, "Open the room")
            client = await _firefox(service.url, path, sid)
            await expect(therapist.page.locator("#knocks")).to_contain_text("Rosa", timeout=1000 * SECONDS)
            await therapist.page.get_by_role("button", name="Let in").click()
            await wait_for_media(therapist.page)
            try:
                said, troubles = await client.communicate()
            finally:
                if client.returncode is None:
                    client.kill()
    assert client.returncode == 0, troubles.decode()
    found = json.loads(said)
    assert found["agent"].startswith("firefox/")
    assert found["frames"] > 5
    assert found["sound"] > 0
    assert found["fingerprints"] > 0
    assert found["troubles"] == []


async def _firefox(url: str, path: str, sid: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *("node", str(SCRIPT), url, path, sid, FIREFOX),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )

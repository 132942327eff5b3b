"""By a practice's policy two people meet through the relay alone: neither learns where the other is."""

import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from telehealth.audit.office import Office
from tests.browser.media import go_in, wait_for_media
from tests.browser.middle import Message, Wire
from tests.browser.own_time import standing
from tests.browser.visitor import PHONE, running_chromium
from tests.clock import FakeClock
from tests.coturn import SECRET, Coturn
from tests.people import NADIA, ROSA
from tests.schema import fresh_sqlite
from tests.unit.appointments.scene import TEN, book

LATER = timedelta(weeks=520)  # the relay looks at its own clock: what we give it must not be over by that
KIND = re.compile(r"candidate:\S+ .*? typ (\w+)")
PAIRS = """async () => {
  const found = [];
  for (const connection of window.__connections) {
    const report = await connection.getStats();
    for (const pair of report.values()) {
      if (pair.type !== 'candidate-pair' || pair.state !== 'succeeded') continue;
      found.push(report.get(pair.localCandidateId).candidateType, report.get(pair.remoteCandidateId).candidateType);
    }
  }
  return found;
}"""


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Any:
    """What differs between databases is not looked at here."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


async def test_no_address_of_theirs_reaches_the_other(
    office: Office, clock: FakeClock, tmp_path: Path, relay: Coturn
) -> None:
    said: list[str] = []

    def note(message: Message) -> bool:
        said.extend(KIND.findall(str(message)))
        return False

    ways: dict[str, Any] = {"turn_urls": relay.urls, "turn_secret": SECRET, "ice_policy": "relay"}
    async with running_chromium() as browser, standing(office, clock, tmp_path, **ways) as service:
        clock.advance(LATER)
        path = f"/appointments/{(await book(office, start=TEN + LATER)).id.hex()}/room"
        clock.advance(TEN + LATER - clock() - timedelta(minutes=2))
        async with (
            service.window(browser, NADIA) as therapist,
            service.window(browser, ROSA, viewport=PHONE) as client,
        ):
            for window in (therapist, client):
                await Wire(taken=note).lay(window.page)
            await _meet(therapist.page, client.page, path)
            for window in (therapist, client):
                assert set(await window.page.evaluate(PAIRS)) == {"relay"}
    assert set(said) == {"relay"}


async def _meet(therapist: Page, client: Page, path: str) -> None:
    await go_in(therapist, path, "Open the room")
    await go_in(client, path, "Knock")
    await expect(therapist.locator("#knocks")).to_contain_text("Rosa")
    await therapist.get_by_role("button", name="Let in").click()
    for page in (therapist, client):
        await wait_for_media(page)

"""A couple in a real room: both are waited for, split, brought together, and sent back to the door."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from telehealth.audit.office import Office
from tests.browser.media import go_in, wait_for_links, wait_for_media, watch
from tests.browser.own_time import standing
from tests.browser.visitor import PHONE, running_chromium
from tests.clock import FakeClock
from tests.people import MIKA, NADIA, ROSA
from tests.schema import fresh_sqlite
from tests.unit.appointments.scene import TEN
from tests.unit.couples.scene import a_couple


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Any:
    """What differs between databases is not looked at here."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


async def knock_from(page: Page, path: str, place: str) -> None:
    """Say at the door where one is, and knock."""
    await watch(page)
    await page.goto(path)
    await page.locator("#open-both").click()
    await page.get_by_text("Where are you right now?").click()
    await page.get_by_label("Where you are").fill(place)
    await page.get_by_role("button", name="Knock", exact=True).click()


async def test_a_couple_is_waited_for_split_and_brought_together(
    office: Office, clock: FakeClock, tmp_path: Path
) -> None:
    async with running_chromium() as browser, standing(office, clock, tmp_path) as service:
        path = f"/appointments/{(await a_couple(office)).id.hex()}/room"
        clock.advance(TEN - clock() - timedelta(minutes=2))
        async with (
            service.window(browser, NADIA) as therapist,
            service.window(browser, ROSA, viewport=PHONE) as one,
            service.window(browser, MIKA) as other,
        ):
            nadia, rosa, mika = (each.page for each in (therapist, one, other))
            await go_in(nadia, path, "Open the room")
            await expect(nadia.locator("#not-here-yet")).to_contain_text("Mika Example")
            await knock_from(rosa, path, "Birch Lane 4")
            await nadia.get_by_role("button", name="Let in").click()
            dialog = nadia.locator("#reason-dialog")
            await expect(dialog).to_contain_text("Begin without Mika Example?")
            await dialog.get_by_role("button", name="Wait").click()

            await mika.route("**/whereabouts", lambda route: route.fulfill(status=503))
            await knock_from(mika, path, "The cabin")
            await expect(mika.locator("#where-missed")).to_be_visible()
            await expect(mika.locator("#waiting")).to_contain_text("You are waiting")
            await expect(nadia.locator("#not-here-yet")).to_be_hidden()
            await nadia.get_by_role("button", name="Let all in").click()
            for page in (nadia, rosa, mika):
                await wait_for_links(page, 2)

            await nadia.locator("#people-button").click()
            where = nadia.locator("#located li")
            await where.filter(has_text="Rosa").get_by_role("button", name="Show").click()
            await expect(where.filter(has_text="Rosa").locator("dl")).to_contain_text("Birch Lane 4")
            await where.filter(has_text="Mika").get_by_role("button", name="Show").click()
            await expect(where.filter(has_text="Mika")).to_contain_text("has not said where they are")
            row = nadia.locator("#present li")
            await row.filter(has_text="Mika").get_by_role("button", name="Apart").click()
            await expect(mika.locator("#hearing")).to_contain_text("Nobody can hear you now.")
            await expect(rosa.locator("#hearing")).to_have_text(
                "Nadia Behrens can hear you now. Mika Example cannot."
            )
            for page, links in ((nadia, 1), (rosa, 1), (mika, 0)):
                await wait_for_links(page, links)

            await row.filter(has_text="Mika").get_by_role("button", name="Go to them").click()
            await expect(rosa.locator("#hearing")).to_contain_text("Nobody can hear you now.")
            await expect(mika.locator("#hearing")).to_contain_text("Nadia Behrens can hear you now.")
            for page, links in ((nadia, 1), (rosa, 0), (mika, 1)):
                await wait_for_links(page, links)

            await nadia.get_by_role("button", name="Bring everybody together").click()
            for page in (nadia, rosa, mika):
                await expect(page.locator("#hearing")).to_be_hidden()
                await wait_for_links(page, 2)
            await wait_for_media(rosa)

            await row.filter(has_text="Rosa").get_by_role("button", name="Back to the door").click()
            await expect(rosa.locator("#waiting")).to_contain_text("You are waiting again")
            for page, links in ((nadia, 1), (rosa, 0), (mika, 1)):
                await wait_for_links(page, links)
            await nadia.locator("#knocks").get_by_role("button", name="Let in").click()
            await wait_for_links(rosa, 2)

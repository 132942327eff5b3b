"""Somebody tries camera, sound and line alone: a real call to the echo of the server, and words for how it will go."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.clinic import Clinic
from tests.browser.media import received, watch
from tests.browser.visitor import PHONE, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")
MEASURED = 30_000  # milliseconds


async def test_the_line_is_measured_and_one_hears_oneself(chromium: Browser, clinic: Clinic) -> None:
    async with visiting(chromium, clinic, viewport=PHONE) as visitor:
        page = visitor.page
        await visitor.sign_in("partner_one")
        await watch(page)
        assert await visitor.go("/check") == 200
        await expect(page.locator("[data-unloaded]")).to_have_count(0)
        await page.locator("#open-both").click()
        await page.locator("#measure").click()
        await expect(page.locator("#line-words")).to_have_text(
            "Your session will go well from here.", timeout=MEASURED
        )
        await expect(page.locator("#results li")).to_contain_text(["ms there and back, nothing lost."])
        await page.locator("#listen").click()
        await expect(page.locator("#hearing-words")).to_be_visible(timeout=MEASURED)
        await page.wait_for_function(HEARD)
        assert (await received(page))["frames"] == 0  # no picture of mine went anywhere
        await page.locator("#listen").click()
        await expect(page.locator("#hearing-words")).to_be_hidden()
        await page.wait_for_function(
            "window.__connections.every((each) => each.connectionState === 'closed')"
        )


async def test_a_page_that_lost_a_part_on_the_way_says_so_and_is_loaded_again(
    chromium: Browser, clinic: Clinic
) -> None:
    async with visiting(chromium, clinic, viewport=PHONE) as visitor:
        page = visitor.page
        await visitor.sign_in("partner_one")
        await page.route("**/js/room/media.js", lambda route: route.abort())
        await visitor.go("/check")
        said = page.locator("[data-unloaded]")
        await expect(said).to_be_hidden()  # at first it may still be on its way
        await page.evaluate("document.getAnimations().forEach((each) => each.finish())")
        await expect(said).to_be_visible()
        visitor.troubles.clear()  # the browser's own word for the part that is missing
        await page.unroute_all()
        await said.get_by_role("link").click()
        await expect(said).to_have_count(0)


async def test_an_administrator_tries_the_line_of_sessions(chromium: Browser, clinic: Clinic) -> None:
    async with visiting(chromium, clinic) as visitor:
        await visitor.sign_in("administrator")
        await visitor.go("/clinic/relay")
        await visitor.page.get_by_role("button", name="Try it now").click(timeout=2 * MEASURED)
        facts = visitor.page.locator("dl.facts dd")
        await expect(facts).to_contain_text(
            ["It works. Ready after", "There is no relay."], timeout=2 * MEASURED
        )


# The stream of an audio track that came back has energy: read by polling a value, for a promise is true at once.
HEARD = """() => {
  for (const connection of window.__connections) {
    if (connection.connectionState !== 'connected') continue;
    const receiver = connection.getReceivers().find(({ track }) => track.kind === 'audio');
    if (receiver?.getSynchronizationSources().some(({ audioLevel }) => audioLevel > 0.01)) return true;
  }
  return false;
}"""

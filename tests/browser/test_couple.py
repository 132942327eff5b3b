"""A couple in a real room, who meet through the relay alone: both are waited for, split, brought together, sent back
to the door; then the way by datagrams is lost."""

import re
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from telehealth.audit.office import Office
from telehealth.watching.meters import PATHS
from tests.browser.asking import answer
from tests.browser.axe import nothing_to_say
from tests.browser.media import go_in, wait_for_frames, wait_for_links, wait_for_media, watch
from tests.browser.middle import Message, Wire
from tests.browser.own_time import standing
from tests.browser.visitor import FAKE_DEVICES, PHONE, running_chromium
from tests.browser.window import fits
from tests.browser.wires import Datagrams, datagrams_to
from tests.clock import FakeClock
from tests.coturn import SECRET, Coturn
from tests.people import MIKA, NADIA, ROSA
from tests.schema import fresh_sqlite
from tests.unit.appointments.scene import TEN, place_both

LATER = timedelta(weeks=520)  # the relay looks at its own clock: what we give it must not be over by that
KIND = re.compile(r"candidate:\S+ .*? typ (\w+)")
BACK_SECONDS = 10
ANY_CERTIFICATE = "--ignore-certificate-errors"  # nobody knows the authority of the relay's

# How each living connection goes: kinds of both ends, and by what this one reaches the relay; the name of its way.
WAYS = """async () => {
  const found = [];
  for (const connection of window.__connections.filter((each) => each.connectionState === 'connected')) {
    const report = await connection.getStats();
    const chosen = [...report.values()].find(({ type }) => type === 'transport').selectedCandidatePairId;
    const { localCandidateId, remoteCandidateId } = report.get(chosen);
    const [own, other] = [report.get(localCandidateId), report.get(remoteCandidateId)];
    found.push(`${own.candidateType} by ${own.relayProtocol} to ${other.candidateType}`);
  }
  return [...new Set(found)].sort();
}"""
NAMES = """window.__connections.filter((each) => each.connectionState !== 'closed')
  .map((each) => /a=ice-ufrag:(.*)/.exec(each.currentLocalDescription.sdp)[1])"""


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


async def takes(page: Page, ways: list[str]) -> None:
    """Until the page's connections go just so."""
    for _ in range(100):
        if (found := await answer(page, WAYS)) == ways:
            return
        await page.wait_for_timeout(100)
    raise AssertionError(found)


async def test_a_couple_is_waited_for_split_and_brought_together(
    office: Office, clock: FakeClock, tmp_path: Path, relay: Coturn
) -> None:
    said: list[str] = []

    def note(message: Message) -> bool:
        said.extend(KIND.findall(str(message)))
        return False

    async with (
        datagrams_to(relay.port) as datagrams,
        running_chromium(*FAKE_DEVICES, ANY_CERTIFICATE) as browser,
        standing(office, clock, tmp_path, turn_secret=SECRET, turn_urls=_urls(relay, datagrams)) as service,
    ):
        clock.advance(LATER)
        path = f"/appointments/{(await place_both(office, TEN + LATER)).hex()}/room"
        clock.advance(TEN + LATER - clock() - timedelta(minutes=2))
        async with (
            service.window(browser, NADIA, color_scheme="dark") as therapist,
            service.window(browser, ROSA, viewport=PHONE) as one,
            service.window(browser, MIKA, color_scheme="dark") as other,
        ):
            nadia, rosa, mika = (each.page for each in (therapist, one, other))
            for page, relays in ((nadia, "^turns:"), (rosa, "^turn:.*=tcp$"), (mika, "=udp$")):
                await Wire(taken=note, relays=relays).lay(page)
            await go_in(nadia, path, "Open the room")
            await expect(nadia.locator("#not-here-yet")).to_contain_text("Mika Example")
            await knock_from(rosa, path, "Birch Lane 4")
            await nadia.get_by_role("button", name="Let in").click()
            dialog = nadia.locator("#reason-dialog")
            await expect(dialog).to_contain_text("Begin without Mika Example?")
            await nothing_to_say(nadia)
            await dialog.get_by_role("button", name="Wait").click()

            await mika.route("**/whereabouts", lambda route: route.fulfill(status=503))
            await knock_from(mika, path, "The cabin")
            await expect(mika.locator("#where-missed")).to_be_visible()
            await expect(mika.locator("#waiting")).to_contain_text("You are waiting")
            await expect(nadia.locator("#not-here-yet")).to_be_hidden()
            await expect(nadia.locator("#status")).to_have_text("Mika Example knocks.")
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

            await fits(nadia, 390, 844)
            await row.filter(has_text="Rosa").get_by_role("button", name="Back to the door").click()
            await expect(rosa.locator("#waiting")).to_contain_text("You are waiting again")
            for page, links in ((nadia, 1), (rosa, 0), (mika, 1)):
                await wait_for_links(page, links)
            await expect(nadia.locator("#people")).to_be_visible()
            await nadia.locator("#knocks").get_by_role("button", name="Let in").click()  # it lies above
            await wait_for_links(rosa, 2)

            # Nobody has chosen how partners are connected: by the relay alone, so that no address of theirs gets out.
            await takes(nadia, ["relay by tls to relay"])
            await takes(rosa, ["relay by tcp to relay"])
            await takes(mika, ["relay by udp to relay"])
            assert set(said) == {"relay"}
            assert {way: service.counted(way) for way in PATHS} == dict.fromkeys(PATHS, 0) | {"relay": 3}
            await _lose_datagrams(datagrams, mika)


def _urls(relay: Coturn, datagrams: Datagrams) -> tuple[str, ...]:
    return f"turn:127.0.0.1:{datagrams.port}?transport=udp", relay.urls[1], relay.tls_url


async def _lose_datagrams(datagrams: Datagrams, mika: Page) -> None:
    """Whoever has no other way is told so, and comes back when the line does."""
    names = await mika.evaluate(NAMES)
    datagrams.cut = True
    await expect(mika.locator(".room-unsteady").first).to_be_visible()
    await expect(mika.locator("#banner")).to_be_hidden()  # the practice is still there
    # The way is looked for anew, by itself, and again until there is one.
    await mika.wait_for_function(f"(names) => {NAMES}.every((name) => !names.includes(name))", arg=names)
    datagrams.cut, mended_at = False, time.monotonic()
    await wait_for_links(mika, 2)
    await wait_for_frames(mika)
    back = time.monotonic() - mended_at
    print(f"the line is back: pictures after {back:.1f} s")
    assert back < BACK_SECONDS

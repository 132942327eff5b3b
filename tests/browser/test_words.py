"""Two people compare words in a real room; somebody between them makes the words differ; another end gets nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from telehealth.audit.office import Office
from tests.browser.media import go_in, wait_for_media
from tests.browser.middle import Wire, nothing, sit_between
from tests.browser.own_time import Standing, standing
from tests.browser.visitor import PHONE, running_chromium
from tests.browser.words import compare, step, tile, words_of
from tests.clock import FakeClock
from tests.people import NADIA, ROSA
from tests.schema import fresh_sqlite
from tests.unit.appointments.scene import TEN, book, entries

SENT = """() => window.__connections.filter((each) => each.connectionState !== 'closed')
  .flatMap((each) => each.getSenders()).map((sender) => sender.track?.kind).filter(Boolean).sort().join(' ')"""

WAY = "() => /a=ice-ufrag:(.*)/.exec(window.__connections.at(-1).currentRemoteDescription.sdp)[1]"


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Any:
    """What differs between databases is not looked at here."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


@dataclass
class Pair:
    """A therapist and a client before their meeting, each with a socket that the test can reach into."""

    service: Standing
    browser: Browser
    appointment: str
    nadia: Page
    rosa: Page
    wires: tuple[Wire, Wire]

    @property
    def path(self) -> str:
        return f"/appointments/{self.appointment}/room"

    async def to_the_door(self) -> None:
        await go_in(self.nadia, self.path, "Open the room")
        await go_in(self.rosa, self.path, "Knock")
        await expect(self.nadia.locator("#knocks")).to_contain_text("Rosa")

    async def come_back(self) -> None:
        """Who was let in before comes straight in."""
        for page in (self.nadia, self.rosa):
            await page.goto(self.path)
            await page.locator("#open-both").click()
            await page.locator("#enter").click()
        for page in (self.nadia, self.rosa):
            await wait_for_media(page)

    async def meet(self) -> None:
        await self.nadia.get_by_role("button", name="Let in").click()
        for page in (self.nadia, self.rosa):
            await wait_for_media(page)


@asynccontextmanager
async def two_people(office: Office, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Pair]:
    async with running_chromium() as browser, standing(office, clock, tmp_path) as service:
        appointment = (await book(office)).id.hex()
        clock.advance(TEN - clock() - timedelta(minutes=2))
        async with (
            service.window(browser, NADIA) as therapist,
            service.window(browser, ROSA, viewport=PHONE) as client,
        ):
            wires = (Wire(), Wire())
            for wire, window in zip(wires, (therapist, client), strict=True):
                await wire.lay(window.page)
            yield Pair(service, browser, appointment, therapist.page, client.page, wires)


async def test_somebody_in_between_is_found_out_and_two_people_know_each_other(
    office: Office, clock: FakeClock, tmp_path: Path
) -> None:
    async with two_people(office, clock, tmp_path) as pair:
        await somebody_bridges_two_calls(pair, office)
        await two_people_compare(pair)
        assert await entries(office, ["room.differ"]) == {"room.differ": 1}


async def somebody_bridges_two_calls(pair: Pair, office: Office) -> None:
    """The words are other ones on each side, and both are told, though the one in between keeps that back."""
    await pair.to_the_door()
    async with pair.service.window(pair.browser, None) as between:
        await between.page.goto("/what-to-expect")
        await sit_between(between.page, pair.wires, pair.appointment)
        await pair.meet()
        await pair.nadia.get_by_role("button", name="Compare words").click()
        await step(pair.nadia, "intro").get_by_role("button", name="Begin").click()
        read = await words_of(pair.nadia)
        await expect(step(pair.rosa, "listening")).to_be_visible()
        choices = await step(pair.rosa, "listening").locator("[data-choice]").all_inner_texts()
        assert " · ".join(read) not in choices
        heard = await between.page.evaluate("(seat) => window.shown[seat].words", pair.wires[1].seat)
        assert " · ".join(heard) in choices, "the words of the other connection"
        async with pair.rosa.expect_response("**/difference") as answer:
            await step(pair.rosa, "listening").get_by_role("button", name="None of these").click()
        assert (await answer.value).status == 204
        for page in (pair.nadia, pair.rosa):
            await expect(page.locator('[data-after="differ"]')).to_be_visible()
        assert await entries(office, ["room.differ"]) == {"room.differ": 1}
        await asyncio.gather(*(passing for wire in pair.wires for passing in wire.passing))
    for wire in pair.wires:
        wire.taken = nothing


async def two_people_compare(pair: Pair) -> None:
    """They are known to each other; another end is neither heard nor seen."""
    nadia, rosa = pair.nadia, pair.rosa
    await pair.come_back()
    await rosa.get_by_role("button", name="Compare words").click()
    await expect(step(rosa, "intro")).to_contain_text("do not protect you from hostile scripts")
    await compare(rosa, nadia)

    # The same ends after an ICE restart: still known.
    way = await rosa.evaluate(WAY)
    await nadia.evaluate("() => window.__connections.at(-1).restartIce()")
    await rosa.wait_for_function(f"(way) => ({WAY})() !== way", arg=way)
    await expect(tile(rosa)).to_have_attribute("data-safety", "verified")
    await sending(rosa, "audio video")

    # She comes back with another certificate: nothing goes to her until Rosa says so, but the words that are read.
    await go_in(nadia, pair.path, "Open the room")
    await expect(tile(rosa)).to_have_attribute("data-safety", "held")
    await wait_for_link(rosa)
    await sending(rosa, "")
    await expect(tile(nadia).locator(".room-holds")).to_contain_text(
        "Rosa Example-Lindqvist has to choose first"
    )
    await rosa.get_by_role("button", name="Compare again").click()
    await step(rosa, "intro").get_by_role("button", name="Begin").click()
    await words_of(rosa)
    await sending(rosa, "audio")
    await step(rosa, "reading").get_by_role("button", name="Stop").click()
    await sending(rosa, "")
    await expect(step(nadia, "idle")).to_contain_text("Rosa")
    await nadia.locator("#words").get_by_role("button", name="Close").click()
    await rosa.get_by_role("button", name="Compare again").click()
    await compare(rosa, nadia)
    await sending(rosa, "audio video")
    await expect(tile(nadia).locator(".room-holds")).to_be_hidden()

    # Under the living connection the server puts another end into a description.
    pair.wires[1].fingerprint = ":".join(["AB"] * 32)
    await nadia.evaluate("() => window.__connections.at(-1).restartIce()")
    await expect(tile(rosa)).to_have_attribute("data-safety", "held")
    await sending(rosa, "")
    await expect(tile(nadia).locator(".room-holds")).to_be_visible()
    await rosa.get_by_role("button", name="Go on without").click()
    await sending(rosa, "audio video")
    await expect(tile(rosa)).to_have_attribute("data-safety", "open")


async def wait_for_link(page: Page) -> None:
    await page.wait_for_function(
        "() => window.__connections.some((each) => each.connectionState === 'connected')"
    )


async def sending(page: Page, kinds: str) -> None:
    """Until the page sends exactly these kinds of tracks."""
    await page.wait_for_function(f"(kinds) => ({SENT})() === kinds", arg=kinds)

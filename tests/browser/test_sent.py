"""What two people send each other in the room: a veiled picture first, words, a file, a screen; and what one of them
notes beside it."""

import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from telehealth.audit.office import Office
from tests.browser.media import lose, may_lose, measured
from tests.browser.noting import keep_the_last_word, note_beside_the_faces, show_no_notes_with_a_screen
from tests.browser.own_time import standing
from tests.browser.veil import (
    camera_of,
    frames,
    given_plain,
    microphones_opened,
    sharp_frame,
    soft_frame,
    take_camera,
    watch_frames,
    watch_sent,
)
from tests.browser.visitor import PHONE, running_chromium
from tests.browser.window import back_in_sight, fits, line_says, lit, out_of_sight, stands_still, watch_locks
from tests.clock import FakeClock
from tests.people import NADIA, ROSA
from tests.schema import fresh_sqlite
from tests.unit.appointments.scene import TEN, book

# Steps between neighbours (veil.py): 25.5 is what 32 samples can give, the rest is the codec's; 64 would give 51.
VEILED, PLAIN = 40, 90

TWO_CAMERAS = ("--use-fake-device-for-media-stream=device-count=2,fps=10", "--use-fake-ui-for-media-stream")
FILE = bytes(range(256)) * 12_000  # 3 MB, more than is buffered at once


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Any:
    """What differs between databases is not looked at here."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


async def test_a_veil_that_is_lifted_the_line_words_a_file_and_a_screen(
    office: Office, clock: FakeClock, tmp_path: Path
) -> None:
    async with running_chromium(*TWO_CAMERAS) as browser, standing(office, clock, tmp_path) as service:
        appointment_id = (await book(office, ROSA)).id
        path = f"/appointments/{appointment_id.hex()}/room"
        clock.advance(TEN - clock() - timedelta(minutes=2))
        async with (
            service.window(browser, NADIA) as therapist,
            service.window(browser, ROSA, viewport=PHONE, reduced_motion="reduce") as client,
        ):
            nadia, rosa = therapist.page, client.page
            await watch_frames(nadia)
            await may_lose(nadia)
            await watch_sent(rosa)
            await watch_locks(rosa)
            await rosa.goto(path)
            await rosa.locator("#open-both").click()
            await expect(rosa.locator("#preview")).to_contain_text("This is what Nadia Behrens sees")
            await rosa.get_by_label("Veiled picture").check()
            await expect(rosa.locator("#preview")).to_have_attribute("data-veil", "on")
            await rosa.get_by_role("button", name="Knock", exact=True).click()
            await nadia.goto(path)
            await nadia.locator("#open-both").click()
            await nadia.get_by_role("button", name="Open the room", exact=True).click()
            await nadia.get_by_role("button", name="Let in").click()
            await expect(nadia.locator("#flip")).not_to_have_attribute(
                "hidden", ""
            )  # nothing was changed first
            veiled = await frames(nadia, 12)
            assert max(frame["step"] for frame in veiled) < VEILED, veiled
            assert max(frame["rest"] - frame["contrast"] / 5 for frame in veiled) < 1, veiled
            assert max(frame["contrast"] for frame in veiled) > 2, "a picture, not darkness"
            assert not await given_plain(rosa)

            tile = nadia.locator(".room-tile")
            await expect(tile).to_have_attribute("data-level", re.compile("good|fair|poor"))
            await expect(tile.locator("[data-level-words]")).to_have_text(re.compile("line$"))
            await expect(nadia.locator("#line-words")).to_contain_text("ms there and back")

            await rosa.locator("#lift").click()
            await sharp_frame(nadia, PLAIN)
            assert await given_plain(rosa), "the wrapped senders are really seen"

            await rosa.evaluate("delete window.MediaStreamTrackProcessor")  # as in a browser that has none
            await rosa.locator("#more-button").click()
            await rosa.locator("#veil").click()
            await soft_frame(nadia, VEILED)
            await expect(rosa.locator("#lift")).to_be_visible()
            await _out_of_sight(rosa, nadia)
            await _on_a_phone(rosa)
            await _windows(nadia)

            await nadia.locator("#chat-button").click()
            await expect(nadia.locator("#chat-to")).to_have_text("To Rosa Example-Lindqvist")
            await nadia.locator("#chat-text").fill("See <b>https://clinic.example/a</b>")
            await nadia.locator("#chat-text").press("Enter")
            await expect(rosa.locator("#unread")).to_have_text("1 unread")
            await rosa.locator("#chat-button").click()
            line = rosa.locator("#chat-lines li").last
            await expect(line.locator("[data-text]")).to_have_text("See <b>https://clinic.example/a</b>")
            assert await rosa.locator("#chat-lines a, #chat-lines b").count() == 0

            await nadia.locator("#file-choice").set_input_files(
                {"name": "../page.pdf", "mimeType": "application/pdf", "buffer": FILE}
            )
            offered = rosa.locator("#chat-lines li").last
            await expect(offered).to_contain_text("_page.pdf")
            await offered.get_by_role("button", name="Accept").click()
            await expect(nadia.locator("#chat-lines li").last).to_contain_text("has it, whole")
            async with rosa.expect_download() as saving:
                await offered.get_by_role("link", name="Save on this device").click()
            saved = await saving.value
            assert saved.suggested_filename == "_page.pdf"
            assert (await saved.path()).read_bytes() == FILE

            await nadia.locator("#close-chat").click()
            await nadia.keyboard.press("?")
            await expect(nadia.get_by_role("heading", name="Keys")).to_be_visible()
            await nadia.keyboard.press("Escape")
            await nadia.keyboard.press("s")
            await expect(nadia.locator("#self")).to_be_hidden()
            await note_beside_the_faces(nadia)
            await nadia.locator("#more-button").click()
            await nadia.locator("#screen").click()
            await expect(nadia.locator("#screen-banner")).to_contain_text("You are showing your screen.")
            await expect(rosa.locator(".room-tile")).to_have_attribute("data-screen", "on")
            await show_no_notes_with_a_screen(nadia)
            await nadia.locator("#stop-screen").click()
            await expect(rosa.locator(".room-tile")).to_have_attribute("data-screen", "off")

            await rosa.locator("#close-chat").click()
            await lose(nadia, 0.3)
            await measured(nadia, "#voice-only", shown=True)
            await measured(rosa, ".room-still", shown=True)
            await lose(nadia, 0)
            await measured(nadia, "#voice-only", shown=False)
            await measured(rosa, ".room-still", shown=False)

            await line_says(nadia, "disconnected")
            await expect(nadia.locator(".room-unsteady")).to_be_visible()
            await expect(nadia.locator("#status")).to_have_text(
                "The line to Rosa Example-Lindqvist is interrupted. It comes back by itself."
            )
            await line_says(nadia, None)
            await expect(nadia.locator(".room-unsteady")).to_be_hidden()
            await expect(nadia.locator("#status")).to_have_text("The line to Rosa Example-Lindqvist is back.")

            await rosa.locator("#leave").click()
            await expect(nadia.locator("#status")).to_have_text("Rosa Example-Lindqvist has left.")
            await lit(rosa, 0)
            assert await rosa.locator("#chat-lines li").count() == 0
            kept = "() => [localStorage.length, sessionStorage.length, history.state]"
            assert await rosa.evaluate(kept) == [0, 0, None]
            await keep_the_last_word(office, nadia, appointment_id)


async def _out_of_sight(rosa: Page, nadia: Page) -> None:
    """A phone call takes the camera while nobody looks at the page; what comes back of it is veiled as before."""
    await lit(rosa, 1)
    was_plain = await rosa.evaluate("window.__given.length")
    await out_of_sight(rosa)
    await take_camera(rosa)
    await expect(nadia.locator(".room-tile")).to_have_attribute("data-camera", "off")
    await rosa.evaluate("() => window.__locks.at(-1).release()")  # as a browser does with a page out of sight
    await back_in_sight(rosa)
    await expect(nadia.locator(".room-tile")).to_have_attribute("data-camera", "on")
    await lit(rosa, 1)
    given = await rosa.evaluate("(from) => window.__given.slice(from)", was_plain)
    assert set(given).isdisjoint(await rosa.evaluate("window.__cameras"))
    await soft_frame(nadia, VEILED)


async def _on_a_phone(rosa: Page) -> None:
    """The phone is turned, the other camera taken, a device chosen; the microphone goes on."""
    for width, height in ((844, 390), (320, 568), (390, 844)):
        await fits(rosa, width, height)
    await stands_still(rosa)
    first, microphones = await camera_of(rosa), await microphones_opened(rosa)
    await rosa.locator("#more-button").click()
    await rosa.get_by_role("button", name="The other camera").click()
    await rosa.wait_for_function("(id) => window.__camera.getSettings().deviceId !== id", arg=first)
    assert await microphones_opened(rosa) == microphones
    await rosa.locator("#more-button").click()
    await rosa.locator("#more").get_by_label("Camera").select_option(first)
    await rosa.wait_for_function("(id) => window.__camera.getSettings().deviceId === id", arg=first)
    for device, at in (("Microphone", 1), ("Speaker", 1)):
        await rosa.locator("#more").get_by_label(device).select_option(index=at)
    await rosa.wait_for_function("(count) => window.__microphones === count + 1", arg=microphones)
    await rosa.wait_for_function("() => document.querySelector('.room-tile video').sinkId !== ''")
    await rosa.keyboard.press("Escape")
    await rosa.keyboard.press("m")
    await expect(rosa.locator("#status")).to_have_text("You are muted.")
    await rosa.keyboard.press("m")
    await expect(rosa.locator("#status")).to_have_text("Your microphone is on.")


async def _windows(nadia: Page) -> None:
    """The other's picture in a window of its own, and the whole screen for the page; both come back."""
    for inside in (True, False):
        await nadia.locator("#more-button").click()
        await nadia.get_by_role("button", name="Picture in a small window").click()
        await nadia.wait_for_function(
            "(inside) => (document.pictureInPictureElement !== null) === inside", arg=inside
        )
    await nadia.keyboard.press("f")
    await nadia.wait_for_function("() => document.fullscreenElement === document.documentElement")
    await expect(nadia.get_by_role("button", name="Leave quickly")).to_be_visible()
    await nadia.locator("#more-button").click()
    await nadia.get_by_role("button", name="Leave full screen").click()
    await nadia.wait_for_function("() => document.fullscreenElement === null")

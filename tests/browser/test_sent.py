"""What two people send each other in the room: a veiled picture first, words, a file, a screen; and what one of them
notes beside it."""

import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from telehealth.audit.office import Office
from tests.browser.media import lose, may_lose, measured
from tests.browser.noting import keep_the_last_word, note_beside_the_faces, show_no_notes_with_a_screen
from tests.browser.own_time import standing
from tests.browser.veil import frames, given_plain, sharp_frame, soft_frame, watch_frames, watch_sent
from tests.browser.visitor import PHONE, running_chromium
from tests.clock import FakeClock
from tests.people import NADIA, ROSA
from tests.schema import fresh_sqlite
from tests.unit.appointments.scene import TEN, book

VEILED, PLAIN = (
    30,
    90,
)  # steps between neighbours (veil.py): 25.5 is what 32 samples can give, the rest is the codec's

FILE = bytes(range(256)) * 12_000  # 3 MB, more than is buffered at once


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Any:
    """What differs between databases is not looked at here."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


async def test_a_veil_that_is_lifted_the_line_words_a_file_and_a_screen(
    office: Office, clock: FakeClock, tmp_path: Path
) -> None:
    async with running_chromium() as browser, standing(office, clock, tmp_path) as service:
        appointment_id = (await book(office, ROSA)).id
        path = f"/appointments/{appointment_id.hex()}/room"
        clock.advance(TEN - clock() - timedelta(minutes=2))
        async with (
            service.window(browser, NADIA) as therapist,
            service.window(browser, ROSA, viewport=PHONE) as client,
        ):
            nadia, rosa = therapist.page, client.page
            await watch_frames(nadia)
            await may_lose(nadia)
            await watch_sent(rosa)
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

            await rosa.locator("#leave").click()
            assert await rosa.locator("#chat-lines li").count() == 0
            kept = "() => [localStorage.length, sessionStorage.length, history.state]"
            assert await rosa.evaluate(kept) == [0, 0, None]
            await keep_the_last_word(office, nadia, appointment_id)

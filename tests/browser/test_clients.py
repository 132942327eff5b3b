"""What clients do with times, on a phone and on a wide screen."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from telehealth.appointments import acts as appointments
from telehealth.waiting import acts as waiting
from tests.browser.practice import Practice, pick, practice, press, says
from tests.browser.visitor import DESKTOP, PHONE
from tests.furnished import Furnished
from tests.people import MIKA, NADIA, ROSA, STRANGER
from tests.unit.appointments.scene import TEN, book
from tests.unit.couples.scene import book_for_two
from tests.web.test_changing import confirms_first

pytestmark = pytest.mark.asyncio(loop_scope="session")
THURSDAY = TEN + timedelta(days=2)
APPOINTMENT = re.compile(r"/appointments/[0-9a-f]{32}")


@pytest_asyncio.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"], loop_scope="session")
async def here(
    request: Any, chromium: Browser, furnished_sqlite: Furnished, tmp_path: Path
) -> AsyncIterator[Practice]:
    async with practice(chromium, furnished_sqlite, tmp_path, request.param) as opened:
        yield opened


async def choose(page: Page, *wishes: str) -> None:
    """Say what one looks for; on a phone the choice is folded away after each."""
    for wish in wishes:
        if not await page.get_by_role("link", name=wish, exact=True).is_visible():
            await page.locator(".filters > summary").click()
        await press(page, wish)


async def test_a_client_finds_holds_books_moves_and_cancels_and_knows_what_holds_before(
    here: Practice,
) -> None:
    async with here.window(ROSA) as window:
        page = window.page
        await page.goto("/times")
        await choose(page, "Nadia Behrens", "Mornings", "Thursday", "Friday")
        await expect(page.locator(".filters > summary")).to_contain_text(
            "Nadia Behrens, mornings, Thu and Fri"
        )
        await page.locator("button[name=choice]").first.click()
        await says(page, "Thursday 26 November,", "We keep it for you for 5 minutes.", "Berlin time")
        await says(page, "You can move or cancel this until Wednesday 25 November, 09:00.")
        await here.service.pass_by(window, timedelta(minutes=3))
        await says(page, "We keep it for you for 2 minutes.")
        await page.get_by_label("Why are you coming?").fill("We lost the words.")
        await press(page, "Book this time")
        await says(page, "It is booked.", "Thursday 26 November")

        await press(page, "Choose another time")
        await says(page, "You can move or cancel this until Wednesday 25 November, 09:00.")
        moved_to = await pick(page, "start", -1)
        await press(page, "Move it to this time")
        await says(page, "It has another time.")
        await press(page, "Cancel it")
        await says(page, "This is in time, so it does not count as late.")
        await press(page, "Keep it")
        path = APPOINTMENT.search(page.url)
        assert path is not None
        made = await appointments.appointment(here.office, ROSA, bytes.fromhex(path[0][-32:]))
        assert made.starts_at.isoformat() == moved_to
    here.until(made.starts_at, before=timedelta(hours=3))
    async with here.window(ROSA) as window:
        await window.page.goto(f"{path[0]}/cancellation")
        await says(window.page, "This is a late cancellation.", "It begins in less than 24 hours.")
        await press(window.page, "Yes, cancel it late")
        await window.page.goto(path[0])
        await says(window.page, "Cancelled, late")


async def test_who_waits_is_offered_a_time_and_has_it_with_one_click(here: Practice) -> None:
    async with here.window(STRANGER) as window:
        page = window.page
        await page.goto("/times?service=individual&therapist=nadia-behrens")
        await page.get_by_role("link", name="Wait for a time that becomes free").click()
        await expect(page.get_by_label("With whom")).to_have_value(NADIA.id.hex())
        await page.get_by_label("When it suits").select_option("morning")
        await page.get_by_label("Until which day").fill("2026-11-30")
        await page.get_by_label("What may we call you?").fill("Sam")
        await press(page, "Put me on the list")
        await says(page, "With Nadia Behrens, in the morning, until Monday 30 November.")
        await waiting.turn(here.office)
        await page.reload()
        await says(page, "Free, and kept for you until")
        await press(page, "Yes, book it for me")
        await says(page, "It is booked.", "Nadia Behrens")


async def test_a_partner_comes_along_by_a_link_and_leaves_for_their_own_part(here: Practice) -> None:
    made = await book_for_two(here.office, start=THURSDAY)
    path = f"/appointments/{made.id.hex()}"
    async with here.window(ROSA) as rosa, here.window(MIKA) as mika:
        await rosa.page.goto(path)
        await says(rosa.page, "Waiting for your partner")
        await press(rosa.page, "Invite your partner")
        await press(rosa.page, "Make a link")
        await says(rosa.page, "We cannot show it a second time.")
        await mika.page.goto(await rosa.page.get_by_label("The link").input_value())
        await says(mika.page, "Rosa Example-Lindqvist asks you to come along")
        await mika.page.get_by_label("I have read how you treat").check()
        await press(mika.page, "Yes, I come along")
        await says(mika.page, "You and Rosa Example-Lindqvist")
        await rosa.page.goto(path)
        await says(rosa.page, "You and Mika Example")

        await press(rosa.page, "Choose another time")
        await pick(rosa.page, "start", 0)
        await press(rosa.page, "Move it to this time")
        await says(rosa.page, "Waiting for your partner")
        await mika.page.goto(path)
        await says(mika.page, "Can you come then?", "Nothing of your time is taken until you say yes.")
        await press(mika.page, "I can come")
        await expect(mika.page.get_by_role("button", name="I can come")).to_be_hidden()
        await rosa.page.goto(path)
        await says(rosa.page, "You and Mika Example")

        await press(mika.page, "Leave for your own part")
        await mika.page.get_by_text("Leave for your own part").click()
        await says(mika.page, "Nobody is told why.")
        await press(mika.page, "Yes, I leave it")
        await rosa.page.reload()
        await says(rosa.page, "You come alone")


async def test_what_was_asked_is_declined_with_another_time_which_is_taken(here: Practice) -> None:
    await confirms_first(here.service.site)
    async with here.window(ROSA) as rosa, here.window(NADIA) as nadia:
        await rosa.page.goto("/times?service=individual&therapist=nadia-behrens&from=2026-11-26")
        await rosa.page.locator("button[name=choice]").first.click()
        await says(rosa.page, "Nadia Behrens confirms this first.")
        await press(rosa.page, "Ask for this time")
        await says(rosa.page, "You have asked for it.", "Asked, not booked yet")
        path = APPOINTMENT.search(rosa.page.url)
        assert path is not None

        await nadia.page.goto(path[0])
        await press(nadia.page, "Answer it")
        await nadia.page.locator("input[name^=proposal]").first.check()
        await nadia.page.get_by_label("A few words to the client").fill("I am away then.")
        await press(nadia.page, "No, not then")
        await rosa.page.goto(path[0])
        await says(rosa.page, "Not booked", "Proposed instead")
        await rosa.page.locator("button[name=start]").first.click()
        await says(rosa.page, "It is booked.")


@pytest.mark.parametrize("size", [PHONE], ids=["phone"])
async def test_without_scripts_a_time_is_found_held_booked_moved_and_cancelled(
    chromium: Browser, furnished_sqlite: Furnished, tmp_path: Path, size: dict[str, int]
) -> None:
    async with (
        practice(chromium, furnished_sqlite, tmp_path, size) as here,
        here.window(STRANGER, java_script_enabled=False) as window,
    ):
        page = window.page
        await page.goto("/times")
        await choose(page, "Nadia Behrens", "Mornings")
        await page.locator("button[name=choice]").last.click()
        await says(page, "We keep it for you until 09:05.")
        await page.get_by_label("What may we call you?").fill("Sam")
        await press(page, "Book this time")
        await says(page, "It is booked.")
        await press(page, "Choose another time")
        await pick(page, "start", 0)
        await press(page, "Move it to this time")
        await says(page, "It has another time.")
        await press(page, "Cancel it")
        await press(page, "Yes, cancel it")
        await page.goto("/appointments")
        await says(page, "Cancelled")


async def test_elsewhere_times_are_in_ones_own_zone_which_is_named_and_can_be_changed(here: Practice) -> None:
    made = await book(here.office, ROSA, THURSDAY)  # 10:00 in Berlin
    async with here.window(ROSA, timezone_id="America/New_York") as window:
        page = window.page
        await page.goto("/times?service=individual&therapist=nadia-behrens&from=2026-11-26")
        await says(page, "Times are in New York time.", "Nadia Behrens is elsewhere: Berlin time.")
        await page.get_by_text("Times are in New York time.").click()
        await page.get_by_label("Show times as in").select_option("Europe/Berlin")
        await press(page, "Show")
        await says(page, "Times are in Berlin time.", "Your device is in New York time.")
        await press(page, "Show times like that")
        await says(page, "Times are in New York time.")
        await page.locator("button[name=choice]").first.click()  # 09:00 in Berlin
        await says(page, "03:00 to 03:50", "New York time. For Nadia Behrens it is 09:00 in Berlin")
        await page.goto(f"/appointments/{made.id.hex()}")
        await says(page, "04:00 to 04:50", "New York time. For Nadia Behrens it is 10:00 in Berlin")

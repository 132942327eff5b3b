"""Nobody is signed out without a word: a minute before it the page says so, and in a real browser one stays or goes."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import update

from telehealth.audit.office import Office
from telehealth.db.engine import Database
from telehealth.notes import acts as notes
from telehealth.people.models import sessions
from tests.browser.axe import nothing_to_say
from tests.browser.own_time import Standing, standing
from tests.browser.visitor import PHONE, running_chromium
from tests.clock import FakeClock
from tests.people import NADIA, ROSA
from tests.schema import fresh_sqlite
from tests.unit.appointments.scene import book

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
WORDS = "Both looked tired."
WARNING = "You will be signed out in 1 minute"


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Database]]:
    """One kind is enough here: what is seen is the page."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with running_chromium() as running:
        yield running


@pytest.fixture
async def service(office: Office, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Standing]:
    async with standing(office, clock, tmp_path) as running:
        yield running


async def test_a_minute_before_the_end_one_can_stay(service: Standing, browser: Browser) -> None:
    async with service.window(browser, ROSA) as window:
        await window.page.goto("/profile")
        warning = window.page.locator("[data-idle]")
        await service.pass_by(window, 13 * MINUTE)
        await expect(warning).to_be_hidden()
        await service.pass_by(window, MINUTE)
        await expect(warning).to_contain_text(WARNING)
        await expect(window.page.get_by_role("status").filter(has_text=WARNING)).to_be_attached()
        await window.page.get_by_role("button", name="Stay").click()
        await expect(warning).to_be_hidden()
        await service.pass_by(window, 13 * MINUTE)
        await window.page.reload()
        await expect(window.page.locator("h1")).to_have_text("Profile")


async def test_who_does_nothing_is_signed_out_and_the_page_is_gone(
    service: Standing, browser: Browser
) -> None:
    async with service.window(browser, NADIA, viewport=PHONE) as window:
        await window.page.goto("/profile")
        await service.pass_by(window, 9 * MINUTE)
        await expect(window.page.locator("[data-idle]")).to_contain_text(WARNING)
        await service.pass_by(window, MINUTE + timedelta(seconds=2))
        await window.page.wait_for_url(re.compile(r"/session/ended\?next=%2Fprofile$"))
        await expect(window.page.locator("main")).to_contain_text("Nothing happened here for a while")
        await window.page.get_by_role("link", name="Sign in again").click()
        await expect(window.page.locator("main")).to_contain_text("You come straight back to where you were.")


async def test_another_window_keeps_this_one(service: Standing, browser: Browser) -> None:
    async with service.window(browser, ROSA) as window:
        await window.page.goto("/profile")
        other = await window.context.new_page()
        await service.pass_by(window, 10 * MINUTE)
        await other.goto("/appointments")
        async with window.page.expect_response(lambda answer: answer.url.endswith("/session")):
            await service.pass_by(window, 4 * MINUTE)
        await expect(window.page.locator("[data-stay]")).to_be_hidden()
        await service.pass_by(window, 10 * MINUTE)
        await expect(window.page.locator("[data-idle]")).to_contain_text(WARNING)


async def test_after_twelve_hours_one_is_told_and_cannot_stay(
    service: Standing, browser: Browser, office: Office, clock: FakeClock
) -> None:
    async with service.window(browser, ROSA) as window:
        since = clock() + 10 * MINUTE - timedelta(hours=12)
        async with office.database.transaction() as connection:
            await connection.execute(update(sessions).values(created_at=since))
        await window.page.goto("/profile")
        await service.pass_by(window, 9 * MINUTE)
        await expect(window.page.locator("[data-long]")).to_contain_text("you signed in twelve hours ago")
        await expect(window.page.get_by_role("button", name="Stay")).to_be_hidden()
        await service.pass_by(window, MINUTE + timedelta(seconds=2))
        await window.page.wait_for_url(re.compile(r"after=long"))
        await expect(window.page.locator("main")).to_contain_text("Twelve hours have passed")


async def test_while_the_service_cannot_be_reached_the_page_still_goes(
    service: Standing, browser: Browser
) -> None:
    async with service.window(browser, ROSA) as window:
        await window.page.goto("/profile")
        await window.context.set_offline(True)
        await service.pass_by(window, 14 * MINUTE)
        await expect(window.page.locator("[data-idle]")).to_contain_text(WARNING)
        await window.page.get_by_role("button", name="Stay").click()
        await expect(window.page.locator("[data-unreached]")).to_be_visible()
        await service.pass_by(window, 2 * MINUTE)
        await expect(window.page.locator("form[action='/profile']")).to_be_hidden()


async def test_words_that_are_not_saved_yet_wait_out_of_sight_for_the_same_person(
    service: Standing, browser: Browser, office: Office
) -> None:
    appointment_id = (await book(office)).id
    at_home = {"viewport": PHONE, "timezone_id": "Europe/Berlin"}
    async with service.window(browser, NADIA, **at_home) as window:
        page = window.page
        await page.goto(f"/appointments/{appointment_id.hex()}/notes")
        await window.context.set_offline(True)
        words = page.get_by_role("textbox", name="Your private notes")
        await words.fill(WORDS)
        await service.pass_by(window, 3 * SECOND)
        await expect(page.locator("[data-is=lost]")).to_be_visible()
        await service.pass_by(window, 9 * MINUTE)
        await service.pass_by(window, 2 * MINUTE)
        await expect(page.locator("h1:visible")).to_have_text("You are signed out")
        await nothing_to_say(page)
        await expect(words).to_be_hidden()
        assert WORDS not in await page.locator("body").inner_text()
        await expect(page.locator("textarea")).to_have_value("")
        await window.context.set_offline(False)
        await service.sign_in(window.context, ROSA)
        await service.pass_by(window, 6 * SECOND)
        await expect(page.get_by_text("Somebody else is signed in now.")).to_be_visible()
        await service.sign_in(window.context, NADIA)
        await service.pass_by(window, 6 * SECOND)
        await expect(words).to_have_value(WORDS)
        await expect(page.locator("[data-is=kept]")).to_be_visible()
        assert (await notes.note(office, NADIA, appointment_id)).words == WORDS


async def test_without_scripts_a_sentence_says_until_when(service: Standing, browser: Browser) -> None:
    async with service.window(browser, ROSA, java_script_enabled=False) as window:
        await window.page.goto("/profile")
        sentence = window.page.get_by_text("If you do nothing here until 09:15, you are signed out.")
        await expect(sentence).to_be_visible()
        await expect(window.page.locator("[data-stay]")).to_be_hidden()
    async with service.window(browser, ROSA) as window:
        await window.page.goto("/profile")
        await expect(window.page.get_by_text("If you do nothing here")).to_be_hidden()

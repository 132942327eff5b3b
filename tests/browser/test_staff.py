"""What those who work here do with times, on a phone and on a wide screen."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from telehealth.notices import acts as notices
from telehealth.people import finding
from telehealth.person import Person
from tests.browser.practice import Practice, pick, practice, press, says
from tests.browser.visitor import DESKTOP, PHONE
from tests.furnished import Furnished
from tests.people import ADMIN, DESK, NADIA, ROSA
from tests.unit.appointments.scene import TEN, book

pytestmark = pytest.mark.asyncio(loop_scope="session")
SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
WORDS = "I am away that morning."


@pytest_asyncio.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"], loop_scope="session")
async def here(
    request: Any, chromium: Browser, furnished_sqlite: Furnished, tmp_path: Path
) -> AsyncIterator[Practice]:
    async with practice(chromium, furnished_sqlite, tmp_path, request.param) as opened:
        yield opened


async def told(here: Practice, person: Person) -> list[str]:
    """What somebody reads of others, word for word."""
    found = await notices.mine(here.office, person)
    return [each.body["message"] for each in found if each.body.get("message")]


async def test_hours_change_by_plain_forms_and_a_clash_is_shown_before_it_is_saved(here: Practice) -> None:
    await book(here.office, ROSA, TEN)
    async with here.window(NADIA) as window:
        page = window.page
        await page.goto("/hours")
        tuesday = page.locator("details", has_text="Change Tuesday").first
        await tuesday.locator("summary").click()
        await tuesday.get_by_label("From", exact=True).fill("11:00")
        async with page.expect_navigation():
            await tuesday.get_by_role("button", name="Save").click()
        await says(page, "One appointment would lie outside your hours", "Nothing is saved yet.")
        await says(page, "Rosa Example-Lindqvist", "Tuesday 24 November")
        await press(page, "Offer the clients new times")
        await expect(page.locator(".hours-list").first).to_contain_text("11:00 to 13:00")
        await says(page, "Booked outside your hours", "Asked for another time")
    async with here.window(ROSA) as window:
        await window.page.goto("/notices")
        await says(window.page, "Choose another time")


async def test_a_therapist_moves_and_cancels_with_a_message_and_says_who_missed(here: Practice) -> None:
    moved, missed = [
        await book(here.office, ROSA, TEN + after) for after in (timedelta(hours=1), timedelta())
    ]
    async with here.window(NADIA) as window:
        page = window.page
        await page.goto("/today?day=2026-11-24")
        await page.get_by_role("link", name="Move Rosa Example-Lindqvist, 11:00").click()
        await pick(page, "start", -1)
        await page.get_by_label("A few words to the client").fill(WORDS)
        await press(page, "Move it to this time")
        await says(page, "It has another time.", "Everybody concerned is told.")
        assert await told(here, ROSA) == [WORDS]
        await page.goto(f"/appointments/{moved.id.hex()}")
        await press(page, "Cancel it")
        await page.get_by_label("A few words to the client").fill("Sorry.")
        await press(page, "Yes, cancel it")
        assert await told(here, ROSA) == ["Sorry.", WORDS]
    here.until(missed.ends_at)
    async with here.window(NADIA) as window:
        page = window.page
        await page.goto("/today")
        await page.get_by_role("link", name="Say how it went").click()
        if not await page.get_by_role("button", name="Note it").is_visible():
            await page.get_by_text("How it went: not known yet").click()
        await page.get_by_label("Nobody came").check()
        await press(page, "Note it")
        await page.goto(f"/appointments/{missed.id.hex()}")
        await says(page, "Missed")


async def test_a_therapist_books_a_series_on_behalf_and_sees_each_date_first(here: Practice) -> None:
    await book(here.office, ROSA, TEN)
    await book(here.office, ROSA, TEN + timedelta(weeks=2))
    async with here.window(NADIA) as window:
        page = window.page
        await _find(page, "lindq")
        await press(page, "Book a time")
        await pick(page, "choice", 0)
        await page.get_by_label("Every week").check()
        await page.get_by_label("How many, in a series").fill("3")
        await press(page, "Book")
        await says(page, "Nothing is booked yet.", "Free")
        await press(page, "Book all 3")
        await says(page, "All 3 are booked.")
        await expect(page.locator(".clients-ahead")).to_have_count(5)


async def test_the_front_desk_finds_books_moves_and_cancels(here: Practice) -> None:
    await book(here.office, ROSA, TEN, reason="Words of Rosa's own")
    async with here.window(DESK) as window:
        page = window.page
        await page.goto("/desk?day=2026-11-24")
        await says(page, "Rosa Example-Lindqvist")
        await _find(page, "ROSA")
        await press(page, "Book a time")
        await pick(page, "choice", -1)
        await press(page, "Book")
        await says(page, "It is booked.", "The client is told.")
        await page.locator(".clients-ahead").last.get_by_role("link", name="Open").click()
        path = page.url
        await expect(page.get_by_role("main")).not_to_contain_text("Words of Rosa's own")
        await press(page, "Choose another time")
        await pick(page, "start", 0)
        await press(page, "Move it to this time")
        await says(page, "It has another time.")
        await press(page, "Cancel it")
        await press(page, "Yes, cancel it")
        await page.goto(path)
        await says(page, "Cancelled")
        async with here.window(ADMIN) as office:
            await office.page.goto(f"/clinic/people/{DESK.id.hex()}")
            await office.page.get_by_text("Give them another role").click()
            await office.page.get_by_label("Administrator").check()
            await press(office.page, "Change the role")
            await expect(office.page.locator("dl.facts")).to_contain_text("Administrator")
        await page.reload()
        await says(page, "Sign in")


async def _find(page: Page, name: str) -> None:
    await page.goto("/clients")
    await page.get_by_label("Name, or a part of it").fill(name)
    await press(page, "Find")
    await page.get_by_role("link", name="Rosa Example-Lindqvist").click()


@SIZES
async def test_an_administrator_opens_an_empty_clinic(
    chromium: Browser, sqlite_file: Path, tmp_path: Path, size: dict[str, int]
) -> None:
    async with practice(chromium, sqlite_file, tmp_path, size) as here:
        async with here.window(ADMIN) as window:
            await _set_up(window.page)
            lena = bytes.fromhex(window.page.url.split("/")[-1].split("?")[0])
        async with here.office.database.transaction() as connection:
            account = ("https://login.example", "lena", lena, here.clock())
            await finding.add_account(connection, here.office.ring, *account)
        async with here.window(Person(lena, "therapist", session=lena)) as window:
            page = window.page
            await page.goto("/hours")
            await page.get_by_text("Add hours of a weekday").click()
            await page.get_by_role("button", name="Add", exact=True).first.click()
            await expect(page.locator(".hours-list").first).to_contain_text("09:00 to 13:00")
        async with here.window(None) as window:
            await window.page.goto("/times")
            await says(window.page, "The next open time is Monday 30 November at 09:00.")
            await press(window.page, "Go to Mon 30 Nov")
            await window.page.locator("button[name=choice]").first.click()
            await says(window.page, "First conversation with Lena New", "Your time is kept")


async def _set_up(page: Page) -> None:
    """A service, a therapist who offers it, a policy, an emergency number and an invitation."""
    await page.goto("/clinic")
    await says(page, "On the way to the first appointment")
    await page.goto("/clinic/services")
    await press(page, "Set up the first one")
    await page.locator("[name=name]").fill("First conversation")
    await page.locator("[name=minutes]").fill("30")
    await page.locator("form.form button.button-primary").click()
    await says(page, "Nobody offers it yet")
    await page.goto("/clinic/policies")
    await page.locator("[name=cancellation]").fill("Up to a day before, nobody pays anything.")
    await press(page, "Save")
    await page.goto("/clinic/emergency-numbers")
    await page.locator("[name=label]").fill("Emergency services")
    await page.locator("[name=number]").fill("112")
    await press(page, "Add the number")
    await says(page, "Emergency services", "112")
    await page.goto("/clinic/people/new")
    await page.locator("[name=name]").fill("Lena New")
    await press(page, "Add them")
    await says(page, "None tied yet")
    member = page.url
    await page.goto("/clinic/services")
    await page.get_by_role("link", name="First conversation").click()
    await page.get_by_label("Lena New").check()
    await page.locator("form.form button.button-primary").first.click()
    await page.goto(member)
    await press(page, "Make an invitation")
    await says(page, "The code for Lena New", "It works once")
    await page.goto(member)

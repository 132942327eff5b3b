"""The steps of a booking, as forms."""

import re

import httpx2

from telehealth.person import Person
from tests.people import SINGLE
from tests.web.browser import Browser, hidden_fields
from tests.web.conftest import Site

CHOICE = re.compile(r'name="choice" value="([^"]+)"')
TUESDAY = "from=2026-11-24"


async def choices(browser: Browser, service: str = SINGLE.slug) -> list[str]:
    """The values of the time buttons of Tuesday's week."""
    page = await browser.get(f"/times?service={service}&{TUESDAY}")
    assert page.status_code == 200
    return [found.replace("&#43;", "+") for found in CHOICE.findall(page.text)]


async def held(browser: Browser, choice: str | None = None) -> str:
    """Hold a time; returns the path of its page."""
    answer = await browser.post("/holds", {"choice": choice or (await choices(browser))[0]})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def booking_form(browser: Browser, path: str) -> dict[str, str]:
    """What the form of a held time's page would send, but for what is typed."""
    form = hidden_fields((await browser.get(path)).text)
    return {name: form[name] for name in ("hold", "choice", "key")}


async def book(browser: Browser, path: str, **fields: str) -> httpx2.Response:
    """Send the form of a held time's page."""
    return await browser.post("/appointments", {**await booking_form(browser, path), **fields})


async def booked(site: Site, person: Person, **fields: str) -> tuple[Browser, str]:
    """Somebody books a time; returns their browser and the appointment's path."""
    browser = await site.browser(person)
    answer = await book(browser, await held(browser), **fields)
    assert answer.status_code == 303, answer.text
    return browser, answer.headers["location"].split("?")[0]

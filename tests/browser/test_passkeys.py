"""Passkeys in real Chromium with a virtual authenticator: made, used to come in, as second step and as step-up."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, CDPSession, expect

from telehealth.audit.office import Office
from telehealth.db.engine import Database
from telehealth.passkeys import vouching
from telehealth.people import store as people
from telehealth.person import Person
from telehealth.web import cookies
from tests.browser.own_time import Standing, Window, standing
from tests.browser.visitor import PHONE, running_chromium
from tests.clock import FakeClock
from tests.people import ADMIN, NADIA, ROSA
from tests.schema import fresh_sqlite

LONG_AGO = timedelta(minutes=6)  # too long for a step-up, and no idle session yet


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
    async with standing(office, clock, tmp_path, demo=False) as running:
        yield running


class Device:
    """Chromium's virtual authenticator on one page."""

    def __init__(self, session: CDPSession, authenticator: str) -> None:
        self._session = session
        self._id = authenticator

    async def credentials(self) -> list[dict[str, Any]]:
        answer = await self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        return list(answer["credentials"])

    async def recognises(self, verified: bool) -> None:
        """Whether the device knows its owner from now on."""
        command = {"authenticatorId": self._id, "isUserVerified": verified}
        await self._session.send("WebAuthn.setUserVerified", command)

    async def remember(self, credential: dict[str, Any]) -> None:
        """Put a passkey of another page's device onto this one: the same phone in another window."""
        command = {"authenticatorId": self._id, "credential": credential}
        await self._session.send("WebAuthn.addCredential", command)


async def device_of(window: Window) -> Device:
    session = await window.context.new_cdp_session(window.page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Device(session, str(made["authenticatorId"]))


async def make_passkey(window: Window, name: str = "My phone") -> None:
    await window.page.goto("/passkeys")
    await window.page.get_by_label("What do you call this device?").fill(name)
    await window.page.get_by_role("button", name="Make a passkey").click()
    await expect(window.page.get_by_role("status").filter(has_text="Your passkey is kept")).to_be_visible()


@asynccontextmanager
async def half_way(service: Standing, browser: Browser, person: Person) -> AsyncIterator[Window]:
    """A browser in which the provider has let somebody in with one factor."""
    secret, now = cookies.new_secret(), service.clock()
    hashed = cookies.hash_of(secret, "session")
    row: dict[str, object] = {"hash": hashed, "id": hashed[:16], "person_id": person.id, "role": person.role}
    times = {"created_at": now, "seen_at": now, "signed_in_at": now}
    state = {"provider": "practice", "strong": False, "pending": True}
    async with service.site.office.database.transaction() as connection:
        await people.open_session(connection, {**row, **times, **state})
    async with service.window(browser, None) as window:
        await window.context.add_cookies(
            [{"name": "sid", "value": cookies.text_of(secret), "url": service.url}]
        )
        yield window


async def test_a_client_makes_a_passkey_and_comes_in_with_it_alone(
    service: Standing, browser: Browser
) -> None:
    async with service.window(browser, ROSA, viewport=PHONE) as window:
        device = await device_of(window)
        await make_passkey(window)
        await expect(window.page.get_by_role("heading", name="My phone")).to_be_visible()
        (credential,) = await device.credentials()
        assert credential["isResidentCredential"]
        assert credential["rpId"] == "localhost"
        await window.context.clear_cookies()
        await window.page.goto("/auth/sign-in?next=/profile")
        await window.page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(window.page.locator("h1")).to_have_text("Profile")
        await expect(window.page.get_by_label("What may we call you?")).to_have_value(
            "Rosa Example-Lindqvist"
        )


async def test_a_device_that_does_not_know_its_owner_lets_nobody_in(
    service: Standing, browser: Browser
) -> None:
    async with service.window(browser, ROSA) as window:
        device = await device_of(window)
        await make_passkey(window)
        await window.context.clear_cookies()
        await device.recognises(False)
        await window.page.goto("/auth/sign-in")
        await window.page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(window.page.get_by_role("alert")).to_contain_text("Nothing was done")
        await device.recognises(True)
        await window.page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(window.page).to_have_url(re.compile(r"/appointments$"))


async def test_a_removed_passkey_says_so_and_the_other_way_stays(service: Standing, browser: Browser) -> None:
    async with service.window(browser, ROSA) as window:
        await device_of(window)
        await make_passkey(window)
        await window.page.get_by_text("Change", exact=False).first.click()
        await window.page.get_by_role("button", name="Remove it").click()
        await expect(window.page.get_by_role("status").filter(has_text="removed")).to_be_visible()
        await window.context.clear_cookies()
        await window.page.goto("/auth/sign-in")
        await window.page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(window.page.get_by_role("alert")).to_contain_text("We do not know this passkey")
        reference = window.page.locator("[data-reference]")
        await expect(reference).to_have_text(re.compile(r"^passkey_unknown · [0-9a-f]{12}$"))
        await expect(window.page.get_by_role("button", name="Sign in", exact=True)).to_be_enabled()


async def test_staff_make_their_first_passkey_with_a_code_and_use_it_as_the_second_step(
    service: Standing, browser: Browser, office: Office
) -> None:
    code, _ = await vouching.make_code(office, ADMIN, NADIA.id)
    async with half_way(service, browser, NADIA) as window:
        device = await device_of(window)
        await window.page.goto("/today")
        await expect(window.page).to_have_url(re.compile(r"/auth/(second-step|sign-in)"))
        await window.page.goto("/auth/second-step?next=/today")
        await window.page.get_by_label("Your code").fill("AAAA-BBBB-CCCC-DDDD")
        await window.page.get_by_role("button", name="Make a passkey").click()
        await expect(window.page.get_by_role("alert")).to_contain_text("This code is not right")
        await expect(window.page.get_by_label("Your code")).to_have_value("AAAA-BBBB-CCCC-DDDD")
        await window.page.get_by_label("Your code").fill(code.lower())
        await window.page.get_by_role("button", name="Make a passkey").click()
        await window.page.wait_for_url(re.compile(r"localhost:\d+/today"))
        (credential,) = await device.credentials()
    async with half_way(service, browser, NADIA) as window:
        await (await device_of(window)).remember(credential)
        await window.page.goto("/auth/second-step?next=/today")
        await window.page.get_by_role("button", name="Use my passkey").click()
        await window.page.wait_for_url(re.compile(r"localhost:\d+/today"))


async def test_a_passkey_confirms_what_gives_much_away(service: Standing, browser: Browser) -> None:
    async with service.window(browser, ROSA) as window:
        await device_of(window)
        await make_passkey(window)
        before = {cookie["name"]: cookie["value"] for cookie in await window.context.cookies()}["sid"]
        service.clock.advance(LONG_AGO)
        await window.page.goto("/passkeys")
        await expect(window.page.locator("h1")).to_have_text("Is it you?")
        await window.page.get_by_role("button", name="Use my passkey").click()
        await expect(window.page.locator("h1")).to_have_text("Passkeys")
        after = {cookie["name"]: cookie["value"] for cookie in await window.context.cookies()}["sid"]
        assert before != after


async def test_without_scripts_the_page_says_what_is_needed(service: Standing, browser: Browser) -> None:
    async with service.window(browser, ROSA, java_script_enabled=False) as window:
        await window.page.goto("/passkeys")
        await expect(window.page.get_by_text("This browser cannot make a passkey")).to_be_visible()
        await expect(window.page.get_by_role("button", name="Make a passkey")).to_be_hidden()

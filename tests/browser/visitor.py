"""Somebody in front of a real Chromium: signs in, clicks, and fails the test on any error the page reports."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from tests.browser.clinic import Clinic
from tests.patience import within

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-gpu",  # there is none: a picture of the page is drawn at once, and not by a model of one
)
FAKE_DEVICES = ("--use-fake-device-for-media-stream=fps=10", "--use-fake-ui-for-media-stream")
PHONE: dict[str, int] = {"width": 390, "height": 844}
DESKTOP: dict[str, int] = {"width": 1280, "height": 800}


@asynccontextmanager
async def running_chromium(*flags: str) -> AsyncIterator[Browser]:
    """Headless, with fake camera and microphone unless other flags are given."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*QUIET, *(flags or FAKE_DEVICES)]
        )
        try:
            yield browser
        finally:
            async with within("Chromium to end"):
                await browser.close()


@dataclass
class Visitor:
    """One browser profile with one page."""

    clinic: Clinic
    context: BrowserContext
    page: Page
    troubles: list[str] = field(default_factory=list)

    async def go(self, path: str) -> int:
        """Open a path of the service; returns the status."""
        response = await self.page.goto(self.clinic.url + path)
        assert response is not None
        return response.status

    async def type_credentials(self, key: str) -> None:
        """On the provider's pages: user name, then password."""
        account = self.clinic.account(key)
        await self.page.locator("input[name=login]").fill(account["user_name"])
        await self.page.locator("button[name=answer]").click()
        await self.page.locator("input[name=password]").fill(account["password"])
        await self.page.locator("input[name=password]").press("Enter")
        await self.page.wait_for_url(f"{self.clinic.url}/**")

    async def sign_in(self, key: str) -> None:
        """From our sign-in page, through the provider, and back."""
        await self.go("/auth/sign-in")
        await self.page.locator("main form button").first.click()
        await self.type_credentials(key)

    async def picture(self, path: Any, **options: Any) -> None:
        """A screenshot, made when fonts and transitions have come to rest."""
        await self.page.screenshot(path=path, animations="disabled", **options)


@asynccontextmanager
async def visiting(browser: Browser, clinic: Clinic, **options: Any) -> AsyncIterator[Visitor]:
    """A visitor with a profile of their own; errors on the page fail the test at its end."""
    settings = {"viewport": DESKTOP, "timezone_id": "Europe/Berlin", **options}
    context = await browser.new_context(**settings)
    context.set_default_timeout(15_000)
    page = await context.new_page()
    visitor = Visitor(clinic, context, page)

    def on_console(message: ConsoleMessage) -> None:
        ours = message.location["url"].startswith(clinic.url)
        # Chromium notes every 4xx page as an error of its own; the tests look at statuses themselves.
        if message.type == "error" and ours and "Failed to load resource" not in message.text:
            visitor.troubles.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: visitor.troubles.append(str(error)))
    try:
        yield visitor
    finally:
        async with within("a browser profile to close"):
            await context.close()
    assert visitor.troubles == []

"""A service whose clock the test moves, together with the clock of the browser that looks at it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page
from starlette.types import ASGIApp

from telehealth.audit.office import Office
from telehealth.people import store as people
from telehealth.person import Person
from tests.browser.visitor import DESKTOP
from tests.clock import FakeClock
from tests.furnished import FurnishedDatabase
from tests.live.conftest import Server
from tests.patience import within
from tests.people import ADMIN, make_clinic
from tests.web.conftest import Site, settings_for


@dataclass
class Window:
    """One page of somebody's browser, and what went wrong on it."""

    context: BrowserContext
    page: Page
    troubles: list[str] = field(default_factory=list)


@dataclass
class Standing:
    """The service on a port of its own."""

    site: Site
    clock: FakeClock
    url: str

    def counted(self, way: str) -> float:
        """How many pages said that they reached one another by this way."""
        labels = {"path": way}
        found = self.site.app.state.meters.registry.get_sample_value("telehealth_ice_results_total", labels)
        return float(found or 0)

    @asynccontextmanager
    async def window(self, browser: Browser, person: Person | None, **options: Any) -> AsyncIterator[Window]:
        """A browser profile in which this person has signed in just now; errors on its page fail the test."""
        at_home = {"viewport": DESKTOP, "timezone_id": "Europe/Berlin", "base_url": self.url}
        context = await browser.new_context(**{**at_home, **options})
        context.set_default_timeout(15_000)
        if person is not None:
            await self.sign_in(context, person)
        window = Window(context, await context.new_page())
        await window.page.clock.install(time=self.clock())
        window.page.on("pageerror", lambda error: window.troubles.append(str(error)))
        window.page.on("console", lambda message: _note(window, message))
        try:
            yield window
        finally:
            async with within("a browser profile to close"):
                await context.close()
        assert window.troubles == [], window.troubles

    async def sign_in(self, context: BrowserContext, person: Person) -> None:
        """From now on this profile is that person's."""
        sid = str((await self.site.browser(person)).client.cookies["sid"])
        await context.add_cookies([{"name": "sid", "value": sid, "url": self.url}])

    async def pass_by(self, window: Window, by: timedelta) -> None:
        """So much time passes, here and there."""
        self.clock.advance(by)
        await window.page.clock.fast_forward(int(by.total_seconds() * 1000))


@asynccontextmanager
async def standing(
    office: Office,
    clock: FakeClock,
    folder: Path,
    *,
    demo: bool = True,
    furnished: bool = True,
    **settings: Any,
) -> AsyncIterator[Standing]:
    """The whole service with the named people, on a real server without a life of its own.

    Outside the demo, staff need a second factor. Not furnished, it has nobody and nothing but its administrator.
    Further `settings` take the place of the tests' own.
    """
    if furnished and not isinstance(office.database, FurnishedDatabase):
        await make_clinic(office)
    elif not furnished:
        async with office.database.transaction() as connection:
            await people.add_person(connection, office.ring, ADMIN.id, ADMIN.role, clock())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://localhost:{listener.getsockname()[1]}"
        site = Site(office, clock, replace(settings_for(folder), public_url=url, demo=demo, **settings))
        async with serving(site.app, listener):
            yield Standing(site, clock, url)
        for browser in site.browsers:
            await browser.close()


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """A real server of this application until the end."""
    config = uvicorn.Config(app, ws="websockets-sansio", lifespan="off", log_config=None)
    server = Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    async with asyncio.timeout(10):
        await server.listening.wait()
    try:
        yield
    finally:
        server.should_exit = True
        async with within("the server to end: somebody keeps a connection open"):
            await running


def _note(window: Window, message: ConsoleMessage) -> None:
    # Chromium notes every 4xx answer as an error of its own; the tests look at what is shown.
    if message.type == "error" and "Failed to load resource" not in message.text:
        window.troubles.append(message.text)

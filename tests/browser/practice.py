"""A practice of one test, whose people sit at phones or at wide screens, and short ways to say what they do."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, expect

from telehealth.audit.office import Office
from telehealth.person import Person
from tests.browser.own_time import Standing, Window, standing
from tests.clock import FakeClock
from tests.furnished import Furnished, new_office
from tests.schema import fresh_sqlite


@dataclass
class Practice:
    """`size` is that of every window."""

    service: Standing
    chromium: Browser
    size: dict[str, int]

    @property
    def office(self) -> Office:
        return self.service.site.office

    @property
    def clock(self) -> FakeClock:
        return self.service.clock

    def window(self, person: Person | None, **options: Any) -> AbstractAsyncContextManager[Window]:
        """Somebody of Berlin who has signed in just now."""
        return self.service.window(
            self.chromium, person, **{"viewport": self.size, "timezone_id": "Europe/Berlin", **options}
        )

    def until(self, moment: Any, *, before: timedelta = timedelta()) -> None:
        """It is that moment, or so much before; whoever has a window open is signed out when that is long."""
        self.clock.advance(moment - before - self.clock())


@asynccontextmanager
async def practice(
    chromium: Browser, made: Furnished | Path, folder: Path, size: dict[str, int]
) -> AsyncIterator[Practice]:
    """The service on SQLite, since what differs between databases is not looked at in a browser.

    `made`: a furnished database, or the file of one with the schema alone, in which one administrator is all there is.
    """
    clock, is_empty = FakeClock(), isinstance(made, Path)
    copied = (
        fresh_sqlite(made, folder)
        if isinstance(made, Path)
        else fresh_sqlite(Path(made.template), folder, made.opened)
    )
    async with (
        copied as database,
        standing(new_office(database, folder, clock), clock, folder, furnished=not is_empty) as service,
    ):
        yield Practice(service, chromium, size)


async def press(page: Page, words: str) -> None:
    """Press a button or follow a link, and wait for the page it leads to."""
    found = page.get_by_role("main").get_by_role("button", name=words, exact=True)
    found = found.or_(page.get_by_role("main").get_by_role("link", name=words, exact=True))
    async with page.expect_navigation():
        await found.click()


async def pick(page: Page, name: str, at: int) -> str:
    """Choose one of several times by the words on it; returns its value."""
    choice = page.locator(f"input[name={name}]").nth(at)
    await choice.check()
    return str(await choice.get_attribute("value"))


async def says(page: Page, *sentences: str) -> None:
    """The page says all of this, where one can see it."""
    for sentence in sentences:
        await expect(page.get_by_role("main").get_by_text(sentence).first).to_be_visible()

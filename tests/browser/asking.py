"""Questions to a page whose answer takes a while: a promise may stay open for ever, and Playwright waits with it."""

from typing import Any

from playwright.async_api import Page

from tests.patience import within


async def answer(page: Page, script: str, given: Any = None) -> Any:
    """What the promise of this script comes to; AssertionError when it does not."""
    async with within(f"the page to answer {' '.join(script.split())[:80]}"):
        return await page.evaluate(script, given)

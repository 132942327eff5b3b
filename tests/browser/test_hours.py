"""A therapist draws hours in the week: with the mouse, by touch, and with the keyboard alone."""

from collections.abc import Sequence

import pytest
from playwright.async_api import Browser, Page

from tests.browser.clinic import Clinic
from tests.browser.visitor import DESKTOP, PHONE, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

SUNDAY = '.grid-lane[data-weekday="6"]'
SHOWN = "() => !document.activeViewTransition"  # asked in a frame: before the first one, nothing is there to be touched
BLOCK = f"{SUNDAY} .grid-weekly"


async def point(page: Page, hour: float) -> tuple[float, float]:
    """Where that hour of Sunday is on the screen."""
    lane, week = page.locator(SUNDAY), page.locator("week-grid")
    await page.wait_for_function(SHOWN)
    await lane.evaluate("each => scrollTo(0, each.getBoundingClientRect().top + scrollY - 90)")
    box = await lane.bounding_box()
    assert box is not None
    first = float(await week.get_attribute("data-first") or 0)
    last = float(await week.get_attribute("data-last") or 24)
    return box["x"] + box["width"] / 2, box["y"] + (hour - first) / (last - first) * box["height"]


async def drag(page: Page, hours: Sequence[float]) -> None:
    """Press at the first of these hours and let go at the last, with the mouse; the page is sent and comes back."""
    async with page.expect_navigation():
        await page.mouse.move(*await point(page, hours[0]))
        await page.mouse.down()
        for hour in hours[1:]:
            await page.mouse.move(*await point(page, hour), steps=4)
        await page.mouse.up()


async def pull(page: Page, hours: Sequence[float]) -> None:
    """The same with a finger."""
    touch = await page.context.new_cdp_session(page)
    points = [dict(zip("xy", await point(page, hour), strict=True)) for hour in hours]
    async with page.expect_navigation():
        await touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
        for each in points[1:]:
            await touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [each]})
        await touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


async def spans(page: Page) -> list[str]:
    return [text.strip() for text in await page.locator(f"{BLOCK} .grid-words").all_inner_texts()]


async def test_hours_are_drawn_pulled_and_removed_by_mouse_keyboard_and_touch(
    clinic: Clinic, chromium: Browser
) -> None:
    async with visiting(chromium, clinic, viewport=DESKTOP) as visitor:
        await visitor.sign_in("jonas")
        await visitor.go("/hours")
        await _with_the_mouse(visitor.page)
        await _with_the_keyboard(visitor.page)
    async with visiting(chromium, clinic, viewport=PHONE, has_touch=True) as visitor:
        await visitor.sign_in("jonas")
        await visitor.go("/hours")
        await _by_touch(visitor.page)


async def _with_the_mouse(page: Page) -> None:
    await drag(page, (10.05, 11, 11.9))
    assert await spans(page) == ["10:00 to 12:00"]
    await drag(page, (11.95, 12.5, 13))  # its lower edge
    assert await spans(page) == ["10:00 to 13:00"]
    await drag(page, (10.05, 9.5, 9))  # its upper edge
    assert await spans(page) == ["09:00 to 13:00"]
    await page.mouse.click(*await point(page, 11))
    async with page.expect_navigation():
        await page.get_by_role("button", name="Remove hours 09:00 to 13:00", exact=True).click()
    assert await spans(page) == []


async def _with_the_keyboard(page: Page) -> None:
    """Draw two hours, save; lengthen them, leave; shorten them, save; remove them. The place is kept in between."""
    cursor = page.locator(f"{SUNDAY} .grid-cursor")
    await page.locator(".grid-cursor:visible").focus()
    for _ in range(6):
        await page.keyboard.press("ArrowRight")
    for _ in range(96):
        await page.keyboard.press("ArrowUp")
    for _ in range(4):
        await page.keyboard.press("ArrowDown")
    said = page.locator("[data-said]", has_text="Sunday")
    assert "no hours" in await said.inner_text()
    begin = (await cursor.get_attribute("aria-label") or "").split(", ")[1]
    hour = int(begin[:2])
    await page.keyboard.press("Enter")
    for _ in range(4):
        await page.keyboard.press("Shift+ArrowDown")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert await spans(page) == [f"{hour:02}:00 to {hour + 2:02}:00"]
    assert await cursor.evaluate("each => each === document.activeElement")
    await page.keyboard.press("Shift+ArrowDown")
    await page.keyboard.press("Escape")
    assert await page.locator(".grid-ghost").count() == 0
    await page.keyboard.press("Shift+ArrowUp")
    await page.keyboard.press("Shift+ArrowRight")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert await spans(page) == [f"{hour:02}:15 to {hour + 1:02}:45"]
    await page.keyboard.press("ArrowDown")
    async with page.expect_navigation():
        await page.keyboard.press("Delete")
    assert await spans(page) == []


async def _by_touch(page: Page) -> None:
    fading = "getComputedStyle(document.documentElement).viewTransitionName"
    assert await page.evaluate(fading) == "none", "what fades in takes no touch"
    await pull(page, (10.05, 10.5, 11, 11.9))
    assert await spans(page) == ["10:00 to 12:00"]
    await pull(page, (11.9, 12.3, 13))
    assert await spans(page) == ["10:00 to 13:00"]
    await page.touchscreen.tap(*await point(page, 11))
    async with page.expect_navigation():
        await page.get_by_role("button", name="Remove hours 10:00 to 13:00", exact=True).tap()
    assert await spans(page) == []

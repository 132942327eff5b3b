"""What two people do at their screens to compare safety words."""

from playwright.async_api import Locator, Page, expect


def tile(page: Page) -> Locator:
    return page.locator(".room-tile").first


def step(page: Page, at: str) -> Locator:
    return page.locator(f'#words [data-at="{at}"]')


async def words_of(page: Page) -> list[str]:
    await expect(step(page, "reading")).to_be_visible()
    return await step(page, "reading").locator("[data-four] li").all_inner_texts()


async def hear(page: Page, words: list[str]) -> None:
    """Choose these words among the four."""
    await expect(step(page, "listening")).to_be_visible()
    await step(page, "listening").get_by_role("button", name=" · ".join(words), exact=True).click()


async def compare(first: Page, other: Page) -> None:
    """One begins and reads, the other hears; then they change places."""
    await step(first, "intro").get_by_role("button", name="Begin").click()
    words = await words_of(first)
    await hear(other, words)
    assert await words_of(other) == words
    await hear(first, words)
    for page in (first, other):
        await expect(step(page, "done")).to_be_visible()
        await page.get_by_role("button", name="Back to the session").click()
        await expect(tile(page)).to_have_attribute("data-safety", "verified")

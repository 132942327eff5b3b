"""What axe-core has to say of a page as it stands."""

from pathlib import Path

from playwright.async_api import Page

from tests.browser.asking import answer

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
# Without preloading style sheets, for which it would write styles into the page against the policy.
RUN = """async () => (await axe.run(document, { preload: false, resultTypes: ['violations'] })).violations.flatMap(
  ({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`))"""


async def nothing_to_say(page: Page) -> None:
    """AssertionError with every complaint."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    found = await answer(page, RUN)
    assert not found, "\n".join(found)

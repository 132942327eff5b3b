"""What a page really receives, read from its own statistics and video elements."""

from playwright.async_api import Page, expect

from tests.browser.asking import answer

# RTCPeerConnection is wrapped before any script of ours runs, so that the test can ask each connection.
WATCH_CONNECTIONS = """
  window.__connections = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) { super(...args); window.__connections.push(this); }
  };
"""

RECEIVED = """async () => {
  const sum = { frames: 0, sound: 0, bytes: 0 };
  for (const connection of window.__connections) {
    if (connection.connectionState === 'closed') continue;
    for (const report of (await connection.getStats()).values()) {
      if (report.type !== 'inbound-rtp') continue;
      sum.bytes += report.bytesReceived ?? 0;
      if (report.kind === 'video') sum.frames += report.framesDecoded ?? 0;
      if (report.kind === 'audio') sum.sound += report.totalAudioEnergy ?? 0;
    }
  }
  return sum;
}"""

ENOUGH_FRAMES = 5
WAIT_FOR_MEDIA = f"""async () => {{
  const received = {RECEIVED};
  const ends = performance.now() + 20000;
  for (;;) {{
    const sum = await received();
    if ((sum.frames > {ENOUGH_FRAMES} && sum.sound > 0) || performance.now() > ends) return sum;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }}
}}"""


async def watch(page: Page) -> None:
    """To be called before the room is opened."""
    await page.add_init_script(WATCH_CONNECTIONS)


async def go_in(page: Page, path: str, button: str) -> None:
    """Open the room's page, turn on the fake devices and go to the door."""
    await watch(page)
    await page.goto(path)
    await page.locator("#open-both").click()
    await expect(page.locator("[data-unloaded]")).to_have_count(0)
    await page.get_by_role("button", name=button, exact=True).click()


async def received(page: Page) -> dict[str, float]:
    """Decoded frames, sound energy and bytes received by the open connections of a page."""
    return dict(await answer(page, RECEIVED))


async def wait_for_media(page: Page) -> None:
    """Until pictures are decoded and sound with energy has come; AssertionError after 20 s.

    The page itself waits: a predicate that returns a promise would be true at once.
    """
    found = await answer(page, WAIT_FOR_MEDIA)
    assert found["frames"] > ENOUGH_FRAMES, found
    assert found["sound"] > 0, found


MORE_FRAMES = """async (enough) => {
  const before = new Map();
  const ends = performance.now() + 20000;
  for (let more = 0; ; more = 0) {
    for (const connection of window.__connections) {
      if (connection.connectionState === 'closed') continue;
      let frames = 0;
      for (const report of (await connection.getStats()).values()) {
        if (report.type === 'inbound-rtp') frames += report.framesDecoded ?? 0;
      }
      if (!before.has(connection)) before.set(connection, frames);
      more += frames - before.get(connection);
    }
    if (more > enough || performance.now() > ends) return more;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}"""


async def wait_for_frames(page: Page) -> None:
    """Until more pictures are decoded than now; AssertionError after 20 s."""
    assert await answer(page, MORE_FRAMES, ENOUGH_FRAMES) > ENOUGH_FRAMES


LINKS = """async (count) => {
  const ends = performance.now() + 20000;
  for (;;) {
    const links = window.__connections.filter((each) => each.connectionState === 'connected').length;
    if (links === count || performance.now() > ends) return links;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""


async def wait_for_links(page: Page, count: int) -> None:
    """Until so many connections of a page stand; AssertionError after 20 s."""
    assert await answer(page, LINKS, count) == count


# What the other end says is lost, as the test wishes; null is what it really says.
LOSING = """
  const counted = RTCPeerConnection.prototype.getStats;
  window.__lost = null;
  RTCPeerConnection.prototype.getStats = async function () {
    const reports = await counted.call(this);
    if (window.__lost === null) return reports;
    const isTold = ({ type }) => type === 'remote-inbound-rtp';
    const said = (report) => (isTold(report) ? { ...report, fractionLost: window.__lost } : report);
    return new Map(Array.from(reports, ([id, report]) => [id, said(report)]));
  };
"""


async def may_lose(page: Page) -> None:
    """To be called before the room is opened, on a page that `lose` is said to."""
    await page.add_init_script("{" + LOSING + "}")


async def lose(page: Page, share: float | None) -> None:
    """What this page sends is lost from now on, as far as it knows: 0 to 1."""
    await page.evaluate("(share) => { window.__lost = share; }", share)


async def measured(page: Page, selector: str, *, shown: bool) -> None:
    """Let the page measure its lines until something stands on it, or does no longer; it has installed a clock."""
    for _ in range(200):
        if await page.locator(selector).is_visible() is shown:
            return
        await page.clock.fast_forward(2000)
    raise AssertionError(f"{selector} never came to be {shown}")

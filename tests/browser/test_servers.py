"""Two servers serve one call: Valkey, either of them, and a browser's own line may go; the call goes on."""

import asyncio
import signal
import time
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.asking import answer
from tests.browser.media import go_in, wait_for_frames, wait_for_links, wait_for_media, watch
from tests.browser.servers import EAST, WEST, Practice, session_of, two_servers
from tests.browser.visitor import running_chromium
from tests.browser.words import compare, step, tile
from tests.people import MIKA, NADIA, ROSA

# `make test-deploy` holds the gap of a whole deployment to one second; here other tests run on the same processors.
BACK_SECONDS, GAP_SECONDS = 10.0, 3.0

# How often a socket was welcomed, all that the banner ever said, and how long at most no packet of sound came over any
# connection.
WATCH = """
  window.__welcomes = 0;
  window.__said = '';
  document.addEventListener('DOMContentLoaded', () => {
    const banner = document.getElementById('banner');
    const hear = () => { window.__said += banner.textContent; };
    if (banner) new MutationObserver(hear).observe(banner, { childList: true, characterData: true, subtree: true });
  });
  window.WebSocket = class extends WebSocket {
    constructor(...parts) {
      super(...parts);
      this.addEventListener('message', ({ data }) => {
        if (data.startsWith('{"type":"welcome"')) window.__welcomes += 1;
      });
    }
  };
  window.__listen = async () => {
    const counts = new WeakMap();
    let [last, quiet, longest] = [performance.now(), 0, 0];
    while (window.__listening) {
      let hasCome = false;
      for (const connection of window.__connections.filter((each) => each.connectionState !== 'closed')) {
        for (const { type, kind, packetsReceived } of (await connection.getStats()).values()) {
          if (type !== 'inbound-rtp' || kind !== 'audio' || packetsReceived <= (counts.get(connection) ?? 0)) continue;
          counts.set(connection, packetsReceived);
          hasCome = true;
        }
      }
      const now = performance.now();
      quiet = hasCome ? 0 : quiet + Math.min(now - last, 200); // a page that was not let run has not looked
      [last, longest] = [now, Math.max(longest, quiet)];
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return longest / 1000;
  };
"""


async def gap_of(page: Page) -> float:
    """Seconds without a packet at most, since `listen` was said to the page."""
    return float(await answer(page, "() => { window.__listening = false; return window.__heard; }"))


async def listen(*pages: Page) -> None:
    for page in pages:
        await page.evaluate("() => { window.__listening = true; window.__heard = window.__listen(); }")


async def welcomes(page: Page) -> int:
    return int(await page.evaluate("() => window.__welcomes"))


async def welcomed_again(page: Page, before: int) -> None:
    await page.wait_for_function("(before) => window.__welcomes > before", arg=before)


async def test_servers_valkey_and_lines_go_and_the_call_goes_on(sqlite_file: Path, tmp_path: Path) -> None:
    async with (
        two_servers(sqlite_file, tmp_path) as practice,
        running_chromium() as browser,
        practice.window(browser, NADIA, EAST) as therapist,
        practice.window(browser, ROSA, WEST) as client,
        practice.window(browser, MIKA, WEST) as partner,
    ):
        nadia, rosa, mika = (each.page for each in (therapist, client, partner))
        for page in (nadia, rosa):
            await page.add_init_script(WATCH)
        await meet(nadia, rosa, practice.path)
        calm = await valkey_goes(practice, nadia, rosa, mika, await session_of(partner))
        await a_server_is_killed(practice, nadia, rosa, calm)
        await a_server_restarts(practice, nadia, rosa, calm)
        await a_line_is_dead(practice, rosa, await session_of(client))


async def meet(nadia: Page, rosa: Page, path: str) -> None:
    await go_in(nadia, path, "Open the room")
    await go_in(rosa, path, "Knock")
    await nadia.get_by_role("button", name="Let in").click()
    await nadia.locator("#reason-text").fill("Their train is late.")
    await nadia.locator("#reason-dialog").get_by_role("button", name="Let in").click()
    for page in (nadia, rosa):
        await wait_for_media(page)
    await rosa.get_by_role("button", name="Compare words").click()
    await step(rosa, "intro").wait_for()
    await compare(rosa, nadia)


async def valkey_goes(practice: Practice, nadia: Page, rosa: Page, mika: Page, session: str) -> float:
    """The call goes on; whoever joins on the server of the therapist comes in, and others read what is so.

    Returns the longest time without a packet, since none of it touches this call: so much is the machine's own.
    """
    await listen(nadia, rosa)
    practice.valkey.stop()
    await wait_for_frames(nadia)
    await listening_only(mika, practice.path)
    await expect(mika.locator("#waiting-trouble")).to_contain_text("cannot reach each other")
    await expect(mika.locator("#host-here")).to_be_hidden()  # she does not see who waits there
    practice.move(session, EAST)
    await listening_only(mika, practice.path)
    await nadia.locator("#knocks").get_by_role("button", name="Let in").click()
    await wait_for_media(mika)
    practice.valkey.start()
    await wait_for_links(mika, 2)
    await mika.locator("#leave").click()
    await wait_for_links(nadia, 1)
    calm = max([await gap_of(page) for page in (nadia, rosa)])
    print(f"Valkey killed: no packet for {calm:.2f} s at most")
    return calm


async def listening_only(page: Page, path: str) -> None:
    """To the door without camera and microphone, which costs the machine less."""
    await watch(page)
    await page.goto(path)
    await page.locator("#open-none").click()
    await page.get_by_role("button", name="Knock", exact=True).click()


async def a_server_is_killed(practice: Practice, nadia: Page, rosa: Page, calm: float) -> None:
    before = await welcomes(rosa)
    await listen(nadia, rosa)
    killed_at = time.monotonic()
    await practice.servers[WEST].stop(signal.SIGKILL)
    await welcomed_again(rosa, before)
    back = time.monotonic() - killed_at
    assert back < BACK_SECONDS
    gap = await carries_on(nadia, rosa)
    print(f"a server killed: socket back after {back:.1f} s, no packet for {gap:.2f} s at most")
    assert gap < GAP_SECONDS + calm


async def a_server_restarts(practice: Practice, nadia: Page, rosa: Page, calm: float) -> None:
    """One after the other, as when a new version comes: both sockets are lost, and come to the other server."""
    await practice.servers[WEST].start()
    before = await asyncio.gather(welcomes(nadia), welcomes(rosa))
    await listen(nadia, rosa)
    stopped_at = time.monotonic()
    stopping = asyncio.create_task(practice.servers[EAST].stop(signal.SIGTERM))
    await asyncio.gather(welcomed_again(nadia, before[0]), welcomed_again(rosa, before[1]))
    back = time.monotonic() - stopped_at
    await stopping
    assert back < BACK_SECONDS
    gap = await carries_on(nadia, rosa)
    print(f"servers restarted: both sockets back after {back:.1f} s, no packet for {gap:.2f} s at most")
    assert gap < GAP_SECONDS + calm


async def carries_on(nadia: Page, rosa: Page) -> float:
    """On new connections between the same two ends: the words are still compared. Returns the gap."""
    for page in (nadia, rosa):
        await expect(page.locator("#banner")).to_be_hidden()
        await wait_for_links(page, 1)
        await wait_for_frames(page)
        await expect(tile(page)).to_have_attribute("data-safety", "verified")
    return max([await gap_of(page) for page in (nadia, rosa)])


async def a_line_is_dead(practice: Practice, rosa: Page, session: str) -> None:
    """The machine sleeps, and nothing tells it that its socket has died meanwhile: it asks, and opens another."""
    before = await welcomes(rosa)
    practice.door.let_stick(session)
    woken_at = time.monotonic()
    await rosa.clock.fast_forward(60_000)
    await rosa.wait_for_function(
        "() => window.__said.includes('come back by ourselves')"
    )  # it may be gone by now
    await welcomed_again(rosa, before)
    print(f"woken with a dead socket: another one after {time.monotonic() - woken_at:.1f} s")
    await expect(rosa.locator("#banner")).to_be_hidden()
    await wait_for_links(rosa, 1)
    await wait_for_frames(rosa)

"""Two people in real Chromium, which trusts the deployment's own authority and finds its names here."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.media import WATCH_CONNECTIONS
from tests.browser.visitor import CHROMIUM, DESKTOP, FAKE_DEVICES, QUIET
from tests.deploy.whole.stack import CLINIC, LOGIN, RELAY

URL = f"https://{CLINIC}"
# The longest time in which no packet of sound arrived, and what became of each socket. A packet holds 20 ms; where the
# page itself came late to look, those that arrived meanwhile are not counted as silence.
WATCH_LINE = """
  window.__gap = { longest: 0, last: 0, packets: -1 };
  window.__relayed = [];
  setInterval(async () => {
    let packets = 0;
    for (const connection of window.__connections) {
      if (connection.connectionState === 'closed') continue;
      const reports = await connection.getStats();
      for (const report of reports.values()) {
        if (report.type === 'inbound-rtp' && report.kind === 'audio') packets += report.packetsReceived ?? 0;
        if (report.type === 'transport' && report.selectedCandidatePairId) {
          const pair = reports.get(report.selectedCandidatePairId);
          if (pair) window.__relayed = [reports.get(pair.localCandidateId)?.candidateType,
                                        reports.get(pair.remoteCandidateId)?.candidateType];
        }
      }
    }
    const now = performance.now(), gap = window.__gap;
    if (packets === gap.packets || gap.packets < 0 || packets < gap.packets) {
      if (packets !== gap.packets) { gap.packets = packets; gap.last = now; }
      return;
    }
    gap.longest = Math.max(gap.longest, now - gap.last - 20 * (packets - gap.packets - 1));
    gap.packets = packets;
    gap.last = now;
  }, 25);
  window.__sockets = [];
  window.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => {
        if (JSON.parse(data).type === 'welcome') window.__sockets.push({ what: 'joined', at: Date.now() });
      });
      this.addEventListener('close', ({ code }) => window.__sockets.push({ what: 'closed', code, at: Date.now() }));
    }
  };
"""


@asynccontextmanager
async def chromium(home: Path, authorities: Sequence[Path], address: str) -> AsyncIterator[Browser]:
    """With a home of its own, in whose store of certificates the authorities are."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    known = [["-A", "-n", each.name, "-t", "C,,", "-i", str(each)] for each in authorities]
    for more in (["-N", "--empty-password"], *known):
        await asyncio.to_thread(subprocess.run, ["certutil", "-d", f"sql:{store}", *more], check=True)
    rules = f"MAP {CLINIC} 127.0.0.1, MAP {LOGIN} 127.0.0.1, MAP {RELAY} {address}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*QUIET, *FAKE_DEVICES, f"--host-resolver-rules={rules}"],
            env={"HOME": str(home)},
        )
        yield browser
        await browser.close()


@dataclass
class Somebody:
    """One browser profile with one page."""

    page: Page

    async def sign_in(self, account: dict[str, str]) -> None:
        """From our sign-in page, through Canaille, and back, or to the second step."""
        await self.page.goto(f"{URL}/auth/sign-in")
        await self.page.locator("main form button").first.click()
        await self.page.wait_for_url(f"https://{LOGIN}/**")
        login, password = (self.page.locator(f"input[name={name}]") for name in ("login", "password"))
        await login.or_(password).wait_for()
        if await login.is_visible():  # Canaille remembers on this device who signed in last
            await login.fill(account["user_name"])
            await self.page.locator("button[name=answer]").click()
        await password.fill(account["password"])
        await self.page.locator("input[name=password]").press("Enter")
        await self.page.wait_for_url(f"{URL}/**")

    async def make_passkey(self, code: str) -> None:
        """The first one of a member of staff, on a device without a device."""
        session = await self.page.context.new_cdp_session(self.page)
        await session.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
        options |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
        await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        await self.page.get_by_label("Your code").fill(code)
        await self.page.get_by_role("button", name="Make a passkey").click()
        await self.page.wait_for_url(f"{URL}/today")

    async def book(self, *, later: bool = False) -> str:
        """The first open time, or the last one that is shown; the address of the appointment."""
        await self.page.goto(f"{URL}/times")
        choices = self.page.locator("button[name=choice]:visible")
        await (choices.last if later else choices.first).click()
        await self.page.get_by_role("button", name="Book this time").click()
        await self.page.wait_for_url(lambda url: "/appointments/" in url)
        return self.page.url.partition("?")[0].partition("#")[0]

    async def enter(self, appointment: str, button: str) -> None:
        """Open the room's page, turn on the fake devices and go to the door."""
        await self.page.goto(f"{appointment}/room")
        await self.page.locator("#open-both").click()
        await self.page.get_by_role("button", name=button, exact=True).click()

    async def begin_gap(self) -> None:
        """Measure from now on."""
        await self.page.evaluate("() => { window.__gap.longest = 0; window.__sockets.length = 0; }")

    async def gap_seconds(self) -> float:
        """The longest time without a packet since then, the one that is under way included."""
        found = "() => Math.max(window.__gap.longest, performance.now() - window.__gap.last)"
        return float(await self.page.evaluate(found)) / 1000

    async def ways(self) -> list[str]:
        """The kinds of both candidates that carry the call."""
        return list(await self.page.evaluate("() => window.__relayed"))

    async def sockets(self) -> list[dict[str, Any]]:
        """What became of each, in order: closed with which code, joined when; it waits for the last one to be in."""
        settled = "() => window.__sockets.length === 0 || window.__sockets.at(-1).what === 'joined'"
        await self.page.wait_for_function(settled)
        return list(await self.page.evaluate("() => window.__sockets"))


@asynccontextmanager
async def beside(somebody: Somebody) -> AsyncIterator[Somebody]:
    """The same person in another window, while the first one is in a call."""
    page = await somebody.page.context.new_page()
    yield Somebody(page)
    await page.close()


@asynccontextmanager
async def somebody(browser: Browser) -> AsyncIterator[Somebody]:
    context = await browser.new_context(viewport=DESKTOP, timezone_id="Europe/Berlin")  # type: ignore[arg-type]
    context.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    page = await context.new_page()
    await page.add_init_script(WATCH_CONNECTIONS + WATCH_LINE)
    yield Somebody(page)
    await context.close()

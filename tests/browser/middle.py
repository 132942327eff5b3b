"""Between a page and the server: its socket can be listened to, changed, and bridged by somebody in the middle."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Page, WebSocketRoute

from tests.browser.asking import answer

SCRIPT = (Path(__file__).parent / "middle.js").read_text(encoding="utf-8")
RELAYED = ("offer", "answer", "candidates")
FINGERPRINT = re.compile(r"(?<=a=fingerprint:sha-256 )[0-9A-F:]+")
Message = dict[str, Any]


def nothing(_message: Message) -> bool:
    return False


@dataclass
class Wire:
    """The signaling socket of one page."""

    seat: str = ""
    call: str = ""
    taken: Callable[[Message], bool] = nothing  # from the page; true where it goes no further
    sockets: list[WebSocketRoute] = field(default_factory=list)
    passing: list[asyncio.Future[Any]] = field(default_factory=list)
    fingerprint: str = ""  # put into every offer that comes
    relays: str = ""  # a pattern of those addresses of relays that the page is told

    async def lay(self, page: Page) -> None:
        """To be called before the room is opened."""
        await page.route_web_socket("**/signaling?*", self._opened)

    def deliver(self, message: Message) -> None:
        """To the page, as if it came from the server."""
        self.sockets[-1].send(json.dumps(message))

    def _opened(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        self.sockets.append(socket)

        def from_page(frame: str | bytes) -> None:
            if not self.taken(json.loads(frame)):
                server.send(frame)

        def from_server(frame: str | bytes) -> None:
            message = json.loads(frame)
            if message["type"] == "welcome":
                self.seat, self.call = message["seat"], message["call"]
            if message["type"] == "offer" and self.fingerprint:
                message["body"]["sdp"] = FINGERPRINT.sub(self.fingerprint, message["body"]["sdp"])
            for each in (message.get("ice") or {"servers": []})["servers"]:
                each["urls"] = [url for url in each["urls"] if re.search(self.relays, url)]
            socket.send(json.dumps(message))

        socket.on_message(from_page)
        server.on_message(from_server)


async def sit_between(page: Page, wires: tuple[Wire, Wire], appointment: str) -> None:
    """From now on this page bridges what the two say to each other. Both have been welcomed, and are not inside yet."""
    by_seat = {wire.seat: wire for wire in wires}
    assert len(by_seat) == 2
    await page.expose_function("deliver", lambda to, message: by_seat[to].deliver(message))
    main = await page.locator("script[type=module]").first.get_attribute("src")
    assert main is not None
    modules = re.sub(r"/js/.*", "/js/room", main)
    (a, b), call = by_seat, wires[0].call
    await page.evaluate(f"() => {{ {SCRIPT} }}")
    await answer(
        page,
        "(how) => window.sitBetween(how)",
        {"a": a, "b": b, "modules": modules, "appointment": appointment, "call": call},
    )
    for wire in wires:
        wire.taken = _bridge(page, wire)


def _bridge(page: Page, wire: Wire) -> Callable[[Message], bool]:
    def taken(message: Message) -> bool:
        if message["type"] not in RELAYED:
            return False
        passing = answer(page, "([from, said]) => window.relayed(from, said)", [wire.seat, message])
        wire.passing.append(asyncio.ensure_future(passing))
        return True

    return taken

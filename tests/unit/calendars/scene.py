"""Somebody's calendar elsewhere: a real server over TLS on loopback, and the words of a calendar file."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from telehealth.calendars.reaching import Reader
from tests.tls import certificate

EVENT = "UID:1\r\nDTSTAMP:20261101T000000Z\r\nSUMMARY:With my lover\r\n"
TUESDAY_TEN = "DTSTART;TZID=Europe/Berlin:20261124T100000\r\nDTEND;TZID=Europe/Berlin:20261124T110000\r\n"


def calendar(*events: str) -> bytes:
    """A calendar file with these events, each the lines of one."""
    lines = "".join(f"BEGIN:VEVENT\r\n{each}END:VEVENT\r\n" for each in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n{lines}END:VCALENDAR\r\n".encode()


@dataclass
class Elsewhere:
    """What the server answers, and what it was asked."""

    port: int
    tls: ssl.SSLContext
    body: bytes = field(default_factory=lambda: calendar(EVENT + TUESDAY_TEN))
    status: int = 200
    endless: bool = False  # it goes on until nobody reads any more
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}/calendar.ics"

    def reader(self, seconds: float = 10) -> Reader:
        """One that may ask this computer, and no other."""
        return Reader(is_allowed=lambda address: address == "127.0.0.1", tls=self.tls, seconds=seconds)


@contextmanager
def elsewhere(folder: Path) -> Iterator[Elsewhere]:
    """The server, until the end of the block."""
    folder.mkdir(exist_ok=True)
    served = certificate(folder, "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = served.wrap_socket(server.socket, server_side=True)
    made = Elsewhere(server.server_address[1], ssl.create_default_context(cafile=str(folder / "ca.pem")))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if made.status == 200:
                self.wfile.write(made.body)
            with suppress(OSError):
                while made.endless:
                    self.wfile.write(b" " * 65_536)

        def log_message(self, *args: object) -> None:
            return

    server.RequestHandlerClass = Handler
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()

"""A running demo clinic: the same command a person types, in its own process, with its own data."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from typing import IO

START_SECONDS = 90


@dataclass(frozen=True)
class Clinic:
    """`url` is where it listens, `data` its folder, `leave_url` where "Leave quickly" goes, `said` what it printed."""

    url: str
    data: Path
    leave_url: str
    said: list[str]
    process: "subprocess.Popen[str]"

    def account(self, key: str) -> dict[str, str]:
        """The demo's person of that key: name, user_name, password, email, person_id."""
        accounts = json.loads((self.data / "demo.json").read_text())["accounts"]
        return next(account for account in accounts if account["key"] == key)


@contextmanager
def running_clinic(data: Path) -> Iterator[Clinic]:
    """Start the demo on a free port and stop it as Ctrl-C does."""
    with _harmless_page() as leave_url:
        command = [sys.executable, "-m", "telehealth", "demo", "--port", "18000"]
        process = subprocess.Popen(
            [*command, "--data", str(data), "--leave-url", leave_url],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        said: list[str] = []
        try:
            yield Clinic(_ready_url(process, said), data, leave_url, said, process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
            if process.stdout is not None:
                process.stdout.close()


def _ready_url(process: "subprocess.Popen[str]", said: list[str]) -> str:
    lines: Queue[str] = Queue()
    threading.Thread(target=partial(_read, process.stdout, lines), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=START_SECONDS)
        except Empty:
            raise RuntimeError("the demo did not get ready: " + "".join(said)) from None
        said.append(line)
        if line.startswith("ready: "):
            return line.removeprefix("ready: ").strip()
        if not line:
            raise RuntimeError("the demo ended: " + "".join(said))


def _read(stream: IO[str] | None, lines: "Queue[str]") -> None:
    for line in stream or ():
        lines.put(line)
    lines.put("")


class _Weather(BaseHTTPRequestHandler):
    """A page about nothing; it remembers what it was told about where people came from."""

    def do_GET(self) -> None:
        body = f"<!doctype html><title>Weather</title><p id=referrer>{self.headers.get('referer', '')}</p>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Nothing is logged."""


@contextmanager
def _harmless_page() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Weather)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/weather"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

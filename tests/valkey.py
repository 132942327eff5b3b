"""A real Valkey or Redis for the tests: Debian's program on a private socket, with a throw-away folder."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

PROGRAMS = ("valkey-server", "redis-server")
SECONDS = 20
DIE_WITH_US = ("setpriv", "--pdeathsig", "TERM")  # a test run that is killed takes its server along


class Valkey:
    """One server that can be stopped and started again at the same address; it keeps nothing between."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"unix://{folder / 'valkey.sock'}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def dump(self) -> Path:
        """The file `save` writes."""
        return self.folder / "dump.rdb"

    @property
    def pid(self) -> int:
        """While it runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and come back when it answers."""
        options = {
            "port": "0",
            "unixsocket": str(self.folder / "valkey.sock"),
            "dir": str(self.folder),
            "save": "",
            "rdbcompression": "no",  # so that a search of the dump sees what is in it
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [*DIE_WITH_US, _program(), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._until_it_answers(self._process)

    def stop(self) -> None:
        """Stop it as a machine that is turned off would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(SECONDS)
            self._process = None

    def save(self) -> bytes:
        """Write the dump a backup would be made of, and return its bytes."""
        with redis.Redis.from_url(self.url) as client:
            client.save()
        return self.dump.read_bytes()

    def keys(self) -> list[bytes]:
        """Every key there is."""
        with redis.Redis.from_url(self.url) as client:
            return sorted(client.scan_iter())

    def _until_it_answers(self, process: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            try:
                with redis.Redis.from_url(self.url) as client:
                    client.ping()
            except redis.ConnectionError:
                try:
                    process.wait(0.05)  # it has no way to say that it is ready but to answer
                except subprocess.TimeoutExpired:
                    continue
                break
            else:
                return
        raise RuntimeError("Valkey did not start: " + (self.folder / "log").read_text(errors="replace"))


@contextmanager
def running_valkey() -> Iterator[Valkey]:
    """Start one server, and stop it by its process id at the end."""
    folder = Path(tempfile.mkdtemp(prefix="telehealth-valkey-"))
    server = Valkey(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _program() -> str:
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        raise RuntimeError(
            "These tests need Valkey or Redis. Install it with: sudo apt-get install redis-server"
        )
    return found

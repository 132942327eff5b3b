"""Two servers of one practice, each a process of its own, behind one front door, with a real Valkey between them."""

import asyncio
import base64
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from telehealth.appointments.placing import place
from telehealth.audit.office import Work
from telehealth.demo.folder import free_port
from telehealth.person import Person
from tests.browser.front_door import FrontDoor, front_door
from tests.browser.own_time import Standing, Window
from tests.clock import FakeClock
from tests.furnished import new_office
from tests.people import COUPLE, MIKA, NADIA, NADIAS_PROFILE, ROSA, make_clinic
from tests.schema import fresh_sqlite
from tests.valkey import Valkey, running_valkey
from tests.web.conftest import Site, settings_for

SECONDS = 60
EAST, WEST = "east", "west"


class Server:
    """`telehealth serve` on a port."""

    def __init__(self, name: str, environment: dict[str, str], folder: Path) -> None:
        self.port = free_port()
        self.log = folder / f"{name}.log"
        self._environment = environment
        self._process: Process | None = None

    async def start(self) -> None:
        """Until it is ready."""
        command = [sys.executable, "-m", "telehealth", "serve", "--port", str(self.port)]
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command, env=os.environ | self._environment, stdin=DEVNULL, stdout=log, stderr=log
            )
        async with asyncio.timeout(SECONDS):
            while "ready: " not in self.log.read_text():
                assert self._process.returncode is None, self.log.read_text()
                await asyncio.sleep(0.05)

    async def stop(self, number: signal.Signals) -> None:
        """Until it has ended."""
        if self._process is None:
            return
        self._process.send_signal(number)
        async with asyncio.timeout(SECONDS):
            await self._process.wait()
        self._process = None


@dataclass
class Practice:
    """A couple's appointment has just begun; `standing` opens windows."""

    standing: Standing
    door: FrontDoor
    valkey: Valkey
    servers: dict[str, Server]
    path: str

    @asynccontextmanager
    async def window(
        self, browser: Browser, person: Person, server: str, **options: Any
    ) -> AsyncIterator[Window]:
        """Somebody whom this server serves, as long as it is there."""
        async with self.standing.window(browser, person, **options) as window:
            self.move(await session_of(window), server)
            yield window

    def move(self, session: str, server: str) -> None:
        """New connections of this session go there."""
        self.door.server_of[session] = server


async def session_of(window: Window) -> str:
    """The session cookie of a window."""
    return next(str(each["value"]) for each in await window.context.cookies() if each["name"] == "sid")


@asynccontextmanager
async def two_servers(sqlite_file: Path, folder: Path) -> AsyncIterator[Practice]:
    """Started at the machine's own time, since processes have no other."""
    clock = FakeClock(datetime.now(UTC))
    ports: dict[str, int] = {}
    async with fresh_sqlite(sqlite_file, folder) as database, front_door(ports) as door:
        office = new_office(database, folder, clock)
        await make_clinic(office)

        async def act(work: Work) -> bytes | None:
            start = clock() + timedelta(minutes=1)
            return await place(work, COUPLE, NADIAS_PROFILE, start, {ROSA.id: "", MIKA.id: ""})

        appointment_id = await office.act(NADIA, act)
        assert appointment_id is not None
        url = f"http://localhost:{door.port}"
        site = Site(office, clock, replace(settings_for(folder), public_url=url))
        with running_valkey() as valkey:
            environment = _environment(folder, url, valkey.url)
            servers = {name: Server(name, environment, folder) for name in (EAST, WEST)}
            ports |= {name: server.port for name, server in servers.items()}
            try:
                await asyncio.gather(*(server.start() for server in servers.values()))
                path = f"/appointments/{appointment_id.hex()}/room"
                yield Practice(Standing(site, clock, url), door, valkey, servers, path)
            finally:
                for server in servers.values():
                    await server.stop(signal.SIGTERM)
                for made in site.browsers:
                    await made.close()


def _environment(folder: Path, url: str, valkey_url: str) -> dict[str, str]:
    """The keys are those of `new_office`."""
    provider = {
        "id": "practice",
        "name": "Practice account",
        "issuer": "http://127.0.0.1:9",
        "client_id": "telehealth",
        "client_secret": "secret-of-sixteen-letters",
    }
    begins = {"INDEX_ROOT": 0, "PSEUDONYM_KEY": 32, "AUDIT_KEY": 64, "COOKIE_KEY": 96}
    return {
        "PUBLIC_URL": url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'clinic.db'}",
        "KEK_DIR": str(folder / "keks"),
        "CHECKPOINT_FILE": str(folder / "checkpoints"),
        "CLINIC_ID": "test-clinic",
        "CLINIC_NAME": "Linden Practice",
        "CLINIC_ZONE": "Europe/Berlin",
        "LEAVE_URL": "https://weather.example/",
        "PROVIDERS": json.dumps([provider]),
        "VALKEY_URL": valkey_url,
    } | {name: base64.b64encode(bytes(range(at, at + 32))).decode() for name, at in begins.items()}

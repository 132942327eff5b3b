"""The parts, each a process of its own, on this computer; whoever makes the load shares its cores with them."""

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.bookings import DURABLE
from bench.loads.front_door import NAME, FrontDoor, front_door
from bench.loads.parts import MAKER, Part
from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.db.engine import Database
from telehealth.db.schema import upgrade
from telehealth.demo.folder import free_port
from telehealth.office import build_office
from telehealth.settings import Settings
from tests.live.clinic_at_work import environment_of
from tests.postgres import running_server
from tests.valkey import running_valkey

READY_SECONDS = 120
REPLICAS = ("replica a", "replica b")


@dataclass(frozen=True)
class Deployed:
    """`office` writes what is there before the load begins. `below` is what the replicas stand on."""

    office: Office
    origin: str
    port: int
    below: tuple[Part, ...]
    environment: dict[str, str]
    folder: Path

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[FrontDoor, list[Part]]]:
        """Where people come in, and all parts; the last is whoever makes the load."""
        async with AsyncExitStack() as stack:
            ports = [free_port() for _ in REPLICAS]
            replicas = [
                await stack.enter_async_context(self._started(name, "serve", "--port", str(port)))
                for name, port in zip(REPLICAS, ports, strict=True)
            ]
            worker = await stack.enter_async_context(self._started("the worker", "worker"))
            door = await stack.enter_async_context(front_door(self.folder, self.port, ports))
            caddy, maker = Part("Caddy", door.pid), Part(MAKER, os.getpid())
            yield door, [caddy, *replicas, worker, *self.below, maker]

    @asynccontextmanager
    async def _started(self, name: str, *words: str) -> AsyncIterator[Part]:
        log = self.folder / f"{name}.log"
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "telehealth", *words),
                env=os.environ | self.environment | {"METRICS_LISTEN": f"127.0.0.1:{free_port()}"},
                stdin=DEVNULL,
                stdout=out,
                stderr=out,
            )
        try:
            async with asyncio.timeout(READY_SECONDS):
                while "ready" not in log.read_text():
                    assert process.returncode is None, log.read_text()
                    await asyncio.sleep(0.1)
            yield Part(name, process.pid)
        finally:
            process.terminate()
            await process.wait()


@asynccontextmanager
async def deployed() -> AsyncIterator[Deployed]:
    """An empty practice whose data reach the disk at every commit."""
    with (
        tempfile.TemporaryDirectory() as name,
        running_valkey() as valkey,
        running_server(*DURABLE, in_memory=False) as server,
    ):
        folder, url, port = Path(name), server.url("postgres"), free_port()
        await upgrade(url)
        database = Database(url)
        environment = environment_of(database, folder) | {
            "DEMO": "0",
            "PUBLIC_URL": f"https://{NAME}:{port}",
            "VALKEY_URL": valkey.url,
        }
        await database.close()
        (folder / "keks").mkdir()
        settings = Settings.from_environment(environment)
        office = build_office(settings)
        FileKeks(folder / "keks").create(office.clock())
        below = (Part("PostgreSQL", server.pid, is_family=True), Part("Valkey", valkey.pid))
        try:
            yield Deployed(office, settings.origin, port, below, environment, folder)
        finally:
            await office.database.close()

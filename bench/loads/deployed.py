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

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from bench.bookings import DURABLE
from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.db.engine import Database
from telehealth.db.schema import upgrade
from telehealth.demo.folder import free_port
from telehealth.office import build_office
from telehealth.settings import Settings
from tests.live.clinic_at_work import environment_of
from tests.postgres import Server, running_server
from tests.valkey import running_valkey

READY_SECONDS = 120
REPLICAS = ("a", "b")


@dataclass(frozen=True)
class Used:
    """Seconds of a core, and MiB at this moment."""

    seconds: float
    mebibytes: float


@dataclass(frozen=True)
class Part:
    """A service or a worker; `port` is where people reach it, 0 where nobody does."""

    name: str
    port: int
    figures: str

    async def used(self) -> Used:
        """As it says itself."""
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
            text = (await client.get(f"http://{self.figures}/metrics")).text
        found = {
            each.name: each.samples[0].value for each in text_string_to_metric_families(text) if each.samples
        }
        return Used(found["process_cpu_seconds"], found["process_resident_memory_bytes"] / 2**20)


@dataclass(frozen=True)
class Deployed:
    """`office` writes what is there before the load begins; its database is closed then."""

    office: Office
    origin: str
    postgres: Server
    environment: dict[str, str]
    folder: Path

    @asynccontextmanager
    async def running(self) -> AsyncIterator[list[Part]]:
        """The replicas, then the worker."""
        async with AsyncExitStack() as stack:
            replicas = [
                await stack.enter_async_context(self._started(name, free_port())) for name in REPLICAS
            ]
            yield [*replicas, await stack.enter_async_context(self._started("worker", 0))]

    @asynccontextmanager
    async def _started(self, name: str, port: int) -> AsyncIterator[Part]:
        part, log = Part(name, port, f"127.0.0.1:{free_port()}"), self.folder / f"{name}.log"
        words = ("serve", "--port", str(port)) if port else ("worker",)
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "telehealth", *words),
                env=os.environ | self.environment | {"METRICS_LISTEN": part.figures},
                stdin=DEVNULL,
                stdout=out,
                stderr=out,
            )
        try:
            async with asyncio.timeout(READY_SECONDS):
                while "ready" not in log.read_text():
                    assert process.returncode is None, log.read_text()
                    await asyncio.sleep(0.1)
            yield part
        finally:
            process.terminate()
            await process.wait()

    def database_seconds(self) -> float:
        """What all processes of PostgreSQL have used of the cores, those that have ended too."""
        main = (self.postgres.socket_folder / "data" / "postmaster.pid").read_text().split()[0]
        pids = [main, *Path(f"/proc/{main}/task/{main}/children").read_text().split()]
        return sum(_ticks(Path(f"/proc/{pid}/stat"), ended=pid == main) for pid in pids) / os.sysconf(
            "SC_CLK_TCK"
        )


def _ticks(stat: Path, *, ended: bool) -> int:
    fields = stat.read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11 : 15 if ended else 13])


@asynccontextmanager
async def deployed() -> AsyncIterator[Deployed]:
    """An empty practice whose data reach the disk at every commit."""
    with (
        tempfile.TemporaryDirectory() as name,
        running_valkey() as valkey,
        running_server(*DURABLE, in_memory=False) as server,
    ):
        folder, url = Path(name), server.url("postgres")
        await upgrade(url)
        database = Database(url)
        environment = environment_of(database, folder) | {"DEMO": "0", "VALKEY_URL": valkey.url}
        await database.close()
        (folder / "keks").mkdir()
        settings = Settings.from_environment(environment)
        office = build_office(settings)
        FileKeks(folder / "keks").create(office.clock())
        try:
            yield Deployed(office, settings.origin, server, environment, folder)
        finally:
            await office.database.close()

"""Backups of a practice with 100,000 entries in its record, beside PostgreSQL's own dump of the same database."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pyrage.x25519 import Identity
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.audit_verify import ENTRIES, record
from bench.row import Row
from telehealth.backups.making import make
from telehealth.backups.note import Made
from telehealth.backups.restoring import Source, restore
from telehealth.backups.scratch import scratch
from telehealth.backups.sealing import new_identity
from telehealth.backups.shelf import Shelf
from telehealth.db.engine import Database
from tests.postgres import OWNER, Server, programs, running_server

RUNS = 3
DUMPED = "dumped"


@dataclass
class Practice:
    """A database with a long record, and where its backups go."""

    server: Server
    database: Database
    shelf: Shelf
    identity: Identity
    moment: datetime = datetime(2026, 11, 23, 8, tzinfo=UTC)

    async def back_up(self) -> tuple[Made, float]:
        """One backup, and its seconds."""
        self.moment += timedelta(seconds=1)  # each has a name of its own
        began = time.perf_counter()
        made = await make(self.database, self.shelf, [self.identity.to_public()], self.moment, _quiet)
        return made, time.perf_counter() - began

    def dump(self) -> float:
        """The seconds of PostgreSQL's own."""
        return self._by("pg_dump", "-Fc", "-f", str(self._dumped), "postgres")

    def put_back(self) -> float:
        """The seconds of putting that into an empty database."""
        self._by("createdb", DUMPED)
        seconds = self._by("pg_restore", "-d", DUMPED, str(self._dumped))
        self._by("dropdb", DUMPED)
        return seconds

    @property
    def _dumped(self) -> Path:
        return self.shelf.folder / "dump"

    def _by(self, program: str, *arguments: str) -> float:
        where = ("-h", str(self.server.socket_folder), "-U", OWNER)
        began = time.perf_counter()
        subprocess.run([programs() / program, *where, *arguments], check=True, cwd=self.shelf.folder)
        return time.perf_counter() - began


async def measure_making() -> Row:
    """Seconds for both archives, sealed, on the disk and read again to the last row."""
    ours, theirs = [], []
    async with _practice() as there:
        for _ in range(RUNS):
            made, seconds = await there.back_up()
            ours.append(seconds)
            theirs.append(await asyncio.to_thread(there.dump))
    size = sum(size for size, _ in made.files.values()) / 2**20
    what = f"a backup of {made.rows:,} rows ({ENTRIES:,} entries), sealed and read again: {size:.0f} MiB"
    return Row(what=what, beside="pg_dump -Fc, neither", unit="s", ours=ours, theirs=theirs)


async def measure_restoring() -> Row:
    """Seconds from an empty database to the last row, without the look at everything."""
    ours, theirs = [], []
    async with _practice() as there:
        made, _ = await there.back_up()
        await asyncio.to_thread(there.dump)
        for _ in range(RUNS):
            async with scratch(there.server.url("postgres")) as url:
                began = time.perf_counter()
                await restore(url, Source(there.shelf, made, made, [there.identity]), _well, _quiet)
                ours.append(time.perf_counter() - began)
            theirs.append(await asyncio.to_thread(there.put_back))
    what = f"that backup put into an empty database: {made.rows:,} rows"
    return Row(what=what, beside="pg_restore", unit="s", ours=ours, theirs=theirs)


@asynccontextmanager
async def _practice() -> AsyncIterator[Practice]:
    with TemporaryDirectory() as folder, running_server() as server:
        async with record(server.url("postgres"), Path(folder) / "checkpoints") as database:
            yield Practice(
                server, database, Shelf(Path(folder), "practice-1", bytes(range(32))), new_identity()
            )


def _quiet(_done: int, _total: int) -> None:
    """Nobody listens."""


async def _well(_: AsyncConnection) -> Sequence[str]:
    return []

"""Verifying a record of 100,000 entries, beside bare SHA-256 over the same bytes.

Ours reads every entry from the database, makes its canonical JSON, its leaf and its link anew, and holds the chain
against 391 signed checkpoints: one for every 256 entries, as in a busy practice. A quiet one signs after every minute
in which something was written, which makes it 50,000 for as many entries. Bare means the bytes of every leaf and link
ready in memory, and nothing but hashing.
"""

import hashlib
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.row import Row
from telehealth.audit import checkpoint, store
from telehealth.audit.chain import SIGN_EVERY_ENTRIES, append_once
from telehealth.audit.checkpoint import Checkpoint
from telehealth.audit.reading import chained
from telehealth.audit.rules import Entry, canonical_json
from telehealth.audit.verify import verify
from telehealth.crypto.sealed import Sealed
from telehealth.db.engine import Database
from telehealth.db.schema import upgrade
from tests.postgres import running_server

ENTRIES = 100_000
QUIET = 2
RUNS = 5
BATCH = 2_000
LIMIT_SECONDS = 10.0
KEY = checkpoint.signing_key(bytes(range(32)))
ORIGIN = "practice-1/audit"
START = datetime(2026, 11, 23, 8, tzinfo=UTC)
TYPES = ("record.look", "session.open", "appointment.book", "room.ticket", "notice.read")


async def measure_sqlite() -> Row:
    """Seconds for the whole record, on SQLite."""
    with TemporaryDirectory() as folder:
        return await _measured(f"sqlite+aiosqlite:///{folder}/record.db", Path(folder), "SQLite")


async def measure_quiet() -> Row:
    """Seconds for the whole record of a quiet practice, on SQLite: signed after every second entry."""
    with TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/record.db"
        return await _measured(url, Path(folder), "SQLite, a signed note for every 2 entries", every=QUIET)


async def measure_postgresql() -> Row:
    """Seconds for the whole record, on PostgreSQL."""
    with TemporaryDirectory() as folder, running_server() as server:
        return await _measured(server.url("postgres"), Path(folder), "PostgreSQL")


async def _measured(url: str, folder: Path, kind: str, *, every: int = SIGN_EVERY_ENTRIES) -> Row:
    checkpoints = folder / "checkpoints"
    async with record(url, checkpoints, every) as database:
        hashed = await _bytes_of(database)
        ours, bare = [], []
        for _ in range(RUNS):  # in turns: a slow moment of the machine strikes both
            began = time.perf_counter()
            report = await verify(database, checkpoints, [KEY.public_key()])
            ours.append(time.perf_counter() - began)
            assert report.is_whole
            assert report.head.seq == ENTRIES
            began = time.perf_counter()
            for value in hashed:
                hashlib.sha256(value).digest()
            bare.append(time.perf_counter() - began)
    return Row(
        what=f"verify a record of 100,000 entries, read from {kind}",
        beside="bare SHA-256 over the same bytes, in memory",
        unit="s",
        ours=ours,
        theirs=bare,
        limit=LIMIT_SECONDS,
    )


@asynccontextmanager
async def record(url: str, checkpoints: Path, every: int = SIGN_EVERY_ENTRIES) -> AsyncIterator[Database]:
    """A record as the service itself writes it, signed after so many entries each."""
    await upgrade(url)
    database = Database(url)
    try:
        written = 0
        while written < ENTRIES:
            async with database.transaction() as connection:
                await store.add(connection, [_entry(written + each) for each in range(BATCH)])
                written += await append_once(connection, limit=BATCH)
        async with database.reading() as connection:
            with checkpoints.open("a", encoding="utf-8") as file:
                async for each in chained(connection, after=0):
                    if each.seq % every == 0 or each.seq == ENTRIES:
                        file.write(checkpoint.sign(KEY, Checkpoint(ORIGIN, each.seq, each.hash)))
        yield database
    finally:
        await database.close()


async def _bytes_of(database: Database) -> list[bytes]:
    """What is hashed: every entry's canonical form, and every link."""
    found = []
    async with database.reading() as connection:
        async for each in chained(connection, after=0):
            found.append(b"\x00" + canonical_json(each.entry.plain()))
            found.append(b"\x02" + each.prev + each.leaf)
            if each.entry.detail_ct is not None:
                found.append(bytes(each.entry.detail_ct))
    return found


def _entry(number: int) -> Entry:
    """One of the kinds there are; every third says more than its skeleton."""
    chance = random.Random(number)
    return Entry(
        id=number.to_bytes(16, "big"),
        ts=START + timedelta(seconds=number),
        type=TYPES[number % len(TYPES)],
        action="R",
        outcome="success",
        agent=chance.randbytes(16),
        session=chance.randbytes(16),
        entity_type="appointment",
        entity_id=chance.randbytes(16),
        patient=chance.randbytes(16),
        purpose="TREAT",
        detail_ct=Sealed(chance.randbytes(98)) if number % 3 == 0 else None,
    )

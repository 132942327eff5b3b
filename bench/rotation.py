"""Wrapping everybody's keys by a new epoch, beside reading and writing back the same rows without any cryptography.

Ours is the key command's whole way: small transactions that give way, row locks, one unwrapping and one wrapping for
each key, compare-and-set, the count that proves the end, and on SQLite the pauses that let others write.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import and_, bindparam, select, tuple_, update

from bench.row import Row
from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.db.engine import Database
from telehealth.db.schema import upgrade
from telehealth.keys.keyring import SUBJECT_CLASSES, Keyring
from telehealth.keys.models import subject_keys
from telehealth.keys.rotation.keks import BATCH, rotate_keks
from tests.postgres import running_server

PEOPLE = 1000
KEYS = PEOPLE * len(SUBJECT_CLASSES)
RUNS = 5
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
MICROSECONDS = 1_000_000


async def measure_sqlite() -> Row:
    """Microseconds a key, on SQLite."""
    with TemporaryDirectory() as folder:
        return await _measured(f"sqlite+aiosqlite:///{folder}/keys.db", Path(folder), "SQLite")


async def measure_postgresql() -> Row:
    """Microseconds a key, on PostgreSQL."""
    with TemporaryDirectory() as folder, running_server() as server:
        return await _measured(server.url("postgres"), Path(folder), "PostgreSQL")


async def _measured(url: str, folder: Path, kind: str) -> Row:
    async with _office(url, folder) as (office, keks):
        ours, plain = [], []
        for _ in range(RUNS):  # in turns: a slow moment of the machine strikes both
            keks.create(NOW)
            began = time.perf_counter()
            rotated = await rotate_keks(lambda: office.work(None), lambda _done, _total: None)
            ours.append((time.perf_counter() - began) / KEYS * MICROSECONDS)
            assert (rotated.done, rotated.remaining) == (KEYS, 0)
            began = time.perf_counter()
            assert await _write_back(office.database) == KEYS
            plain.append((time.perf_counter() - began) / KEYS * MICROSECONDS)
    a_second = MICROSECONDS / median(ours)
    return Row(
        what=f"wrap a key by a new epoch, one of {KEYS:,}, on {kind}: {a_second:,.0f} keys a second",
        beside=f"reading the same rows and writing them back, {BATCH} in a transaction",
        unit="µs",
        ours=ours,
        theirs=plain,
    )


@asynccontextmanager
async def _office(url: str, folder: Path) -> AsyncIterator[tuple[Office, FileKeks]]:
    await upgrade(url)
    (folder / "keks").mkdir()
    keks = FileKeks(folder / "keks")
    keks.create(NOW)
    ring = Keyring(keks, clinic="practice-1", index_root=bytes(range(32)))
    database = Database(url)
    try:
        async with database.transaction() as c:
            for _ in range(PEOPLE):
                await ring.new_subject(c, ring.chance(16), NOW)
        yield (
            Office(database, ring, clock=lambda: NOW, chance=ring.chance, pseudonym_key=bytes(range(32))),
            keks,
        )
    finally:
        await database.close()


async def _write_back(database: Database) -> int:
    """What is left of a rotation without its cryptography, its locks and its manners."""
    keys = tuple_(*subject_keys.primary_key)
    same = and_(*(column == bindparam(f"of_{column.key}") for column in subject_keys.primary_key))
    write = update(subject_keys).where(same).values(wrapped=bindparam("anew"))
    after: tuple[object, ...] | None = None
    count = 0
    while True:
        query = select(subject_keys).order_by(*subject_keys.primary_key).limit(BATCH)
        async with database.transaction() as c:
            rows = (await c.execute(query if after is None else query.where(keys > tuple_(*after)))).all()
            if not rows:
                return count
            named = [
                {f"of_{column.key}": row._mapping[column.key] for column in subject_keys.primary_key}
                for row in rows
            ]
            await c.execute(
                write, [{**name, "anew": row.wrapped} for name, row in zip(named, rows, strict=True)]
            )
        after = tuple(named[-1].values())
        count += len(rows)

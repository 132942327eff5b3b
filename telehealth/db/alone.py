"""One at a time in all processes of one database: a lock that is given back even by a process that is killed."""

import fcntl
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

OWNER_ONLY = 0o600


@asynccontextmanager
async def alone(engine: AsyncEngine, what: str) -> AsyncIterator[bool]:
    """Whether nobody else does `what` in this database; if so, nobody else can until the block ends.

    PostgreSQL: a lock of the session, which ends with its connection. SQLite: a lock of the system on a file beside
    the database, which ends with its process.
    """
    lock = _in_a_session if engine.dialect.name == "postgresql" else _on_a_file
    async with lock(engine, what) as mine:
        yield mine


@asynccontextmanager
async def _in_a_session(engine: AsyncEngine, what: str) -> AsyncIterator[bool]:
    key = int.from_bytes(hashlib.sha256(f"alone {what}".encode()).digest()[:8], "big", signed=True)
    async with engine.connect() as connection:
        # In a transaction it would be among those that a rotation waits for (`db/waiting.py`).
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        mine = await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key})
        try:
            yield bool(mine)
        finally:
            if mine:
                await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


@asynccontextmanager
async def _on_a_file(engine: AsyncEngine, what: str) -> AsyncIterator[bool]:
    """Never on the database file itself: closing it would give back the locks that SQLite holds there."""
    descriptor = os.open(f"{engine.url.database}-{what}.lock", os.O_RDWR | os.O_CREAT, OWNER_ONLY)
    with os.fdopen(descriptor) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True

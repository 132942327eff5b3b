"""Short ways to make a backup, to put it back, and to say what is there."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
from pyrage.x25519 import Identity
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.chain import Chainer
from telehealth.audit.office import Office
from telehealth.backups.making import make
from telehealth.backups.note import Made
from telehealth.backups.restoring import ENDED, Source, restore
from telehealth.backups.shelf import Shelf
from telehealth.db.engine import Database
from telehealth.db.tables import metadata
from tests.clock import FakeClock
from tests.postgres import OWNER, Server
from tests.unit.backups.conftest import SEED, quiet


async def no_complaints(_: AsyncConnection) -> Sequence[str]:
    """All is well with the keys."""
    return []


async def made_of(office: Office, shelf: Shelf, identity: Identity) -> Made:
    """A backup of an office; one second later than the last."""
    assert isinstance(office.clock, FakeClock)
    office.clock.advance(timedelta(seconds=1))
    return await make(office.database, shelf, [identity.to_public()], office.clock(), quiet)


async def put(url: str, shelf: Shelf, data: Made, identity: Identity, keys: Made | None = None) -> int:
    """Restore it into an empty database."""
    return await restore(url, Source(shelf, data, keys or data, [identity]), no_complaints, quiet)


async def sign_record(office: Office, checkpoints: Path) -> None:
    """Chain what waits, and sign the head."""
    await Chainer(office, checkpoints, SEED).turn(sign_now=True)


async def content_of(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but those that a restore empties."""
    async with database.reading() as c:
        return {
            name: sorted((tuple(row) for row in await c.execute(select(table))), key=repr)
            for name, table in metadata.tables.items()
            if name not in ENDED
        }


@asynccontextmanager
async def of_the_other_kind(database: Database, server: Server, folder: Path) -> AsyncIterator[str]:
    """The address of an empty database: SQLite for PostgreSQL, and the other way."""
    if database.dialect == "postgresql":
        yield f"sqlite+aiosqlite:///{folder / 'other.db'}"
        return
    connection = await asyncpg.connect(host=str(server.socket_folder), user=OWNER, database="postgres")
    await connection.execute("CREATE DATABASE other")
    try:
        yield server.url("other")
    finally:
        await connection.execute("DROP DATABASE other WITH (FORCE)")
        await connection.close()

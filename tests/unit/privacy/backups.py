"""A backup of a test's database, and an office that works in what was restored from it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

from telehealth.audit.office import Office
from telehealth.db.engine import Database
from telehealth.privacy.acts import Registry


@asynccontextmanager
async def backup_of(office: Office) -> AsyncIterator[URL]:
    """The address of a copy of the database as it is now; gone at the end."""
    url = office.database.engine.url
    if url.database is None:
        raise ValueError("a database has a name")
    if office.database.dialect == "sqlite":
        copy = Path(url.database).with_name("backup.db")
        with closing(sqlite3.connect(url.database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        yield url.set(database=str(copy))
        return
    name = f"{url.database}_backup"
    await office.database.close()  # a template may have no guests
    await _administer(url, f"CREATE DATABASE {name} TEMPLATE {url.database} STRATEGY = FILE_COPY")
    yield url.set(database=name)
    await _administer(url, f"DROP DATABASE {name} WITH (FORCE)")


async def _administer(url: URL, statement: str) -> None:
    engine = create_async_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as c:
        await c.execute(text(statement))
    await engine.dispose()


@asynccontextmanager
async def restored(registry: Registry, backup: URL) -> AsyncIterator[Registry]:
    """The same service, with the same keys and tombstones, on what was restored."""
    office = registry.office
    database = Database(backup.render_as_string(hide_password=False))
    other = Office(
        database,
        office.ring,
        clock=office.clock,
        chance=office.chance,
        pseudonym_key=office._pseudonym_key,
    )
    try:
        yield replace(registry, office=other)
    finally:
        await database.close()

"""Databases for tests: the schema is made once, and each test gets a fresh copy of it."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import event

from telehealth.db.engine import Database
from telehealth.db.schema import upgrade
from tests.postgres import OWNER, Server

TEMPLATE = "template"


class Compiled(dict[Any, Any]):
    """Statements as SQLAlchemy has compiled them for one kind of database: each once for a run, and not once for the
    database of each test. Its keys begin with the dialect, of which every engine has one of its own."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


_compiled = {"sqlite": Compiled(), "postgresql": Compiled()}


def sqlite_template(folder: Path) -> Path:
    """A file with the schema and nothing else in it."""
    file = folder / "template.db"
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{file}"))
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return file


def postgres_template(server: Server) -> None:
    """A database with the schema and nothing else in it, named TEMPLATE."""
    asyncio.run(_administer(server, f"CREATE DATABASE {TEMPLATE}"))
    asyncio.run(upgrade(server.url(TEMPLATE)))


def copy_of_template(server: Server, name: str) -> str:
    """A further template, to be filled; returns its URL."""
    asyncio.run(_administer(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY = FILE_COPY"))
    return server.url(name)


@asynccontextmanager
async def fresh_sqlite(
    template: Path, folder: Path, opened: Callable[[str], Database] = Database
) -> AsyncIterator[Database]:
    """A copy of the template in a folder of the test."""
    file = folder / "clinic.db"
    shutil.copyfile(template, file)
    database = _opened(opened, f"sqlite+aiosqlite:///{file}")
    event.listen(database.engine.sync_engine, "connect", _do_not_wait_for_the_disk)
    try:
        yield database
    finally:
        await database.close()


def _opened(opened: Callable[[str], Database], url: str) -> Database:
    database = opened(url)
    database.engine.sync_engine.update_execution_options(compiled_cache=_compiled[database.dialect])
    return database


def _do_not_wait_for_the_disk(connection: Any, _record: Any) -> None:
    """No test cuts the power; the service itself keeps synchronous=FULL."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


@asynccontextmanager
async def fresh_postgres(
    server: Server, name: str, template: str = TEMPLATE, opened: Callable[[str], Database] = Database
) -> AsyncIterator[Database]:
    """A copy of the template under a name of its own, dropped at the end."""
    await _administer(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY = FILE_COPY")
    database = _opened(opened, server.url(name))
    try:
        yield database
    finally:
        await database.close()
        await _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _administer(server: Server, statement: str) -> None:
    connection = await asyncpg.connect(host=str(server.socket_folder), user=OWNER, database="postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()

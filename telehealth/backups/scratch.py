"""A database for trying something out: made beside the real one, and gone at the end, however that is reached."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from telehealth.backups.note import BadBackup
from telehealth.db.alone import alone
from telehealth.db.engine import Database, sqlstate_of

LOCK = "drill"
NOT_ALLOWED = (
    "The role of DATABASE_URL may not make a database, which a drill needs. Allow it (ALTER ROLE … CREATEDB), or run "
    "the drill with a DATABASE_URL whose role may."
)


@asynccontextmanager
async def scratch(url: str) -> AsyncIterator[str]:
    """The address of an empty database beside the one at `url`. One at a time; what a killed one left goes first.
    BadBackup when another is under way, or none can be made."""
    beside = Database(url)
    try:
        async with alone(beside.engine, LOCK) as mine:
            if not mine:
                raise BadBackup("Another drill is under way. Nothing was done.")
            made = _in_a_folder if beside.dialect == "sqlite" else _on_the_server
            async with made(make_url(url)) as other:
                yield other.render_as_string(hide_password=False)
    finally:
        await beside.close()


@asynccontextmanager
async def _in_a_folder(url: URL) -> AsyncIterator[URL]:
    """On the volume of the real one, since that is as well guarded as it must be."""
    folder = f"{url.database}-drill"
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder, 0o700)
    try:
        yield url.set(database=os.path.join(folder, "clinic.db"))
    finally:
        shutil.rmtree(folder)


@asynccontextmanager
async def _on_the_server(url: URL) -> AsyncIterator[URL]:
    name = f"{url.database}_drill"
    await _administer(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    try:
        yield url.set(database=name)
    finally:
        await _administer(url, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _administer(url: URL, *statements: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as c:
            for statement in statements:
                await c.execute(text(statement))
    except DBAPIError as error:
        if sqlstate_of(error) == "42501":  # insufficient_privilege
            raise BadBackup(NOT_ALLOWED) from error
        raise
    finally:
        await engine.dispose()

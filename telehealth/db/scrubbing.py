"""After an erasure the database file itself holds nothing of what was deleted (security.md, section 1)."""

import logging
import sqlite3

from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.db.engine import Database

PATIENCE_MS = 2_000
_log = logging.getLogger(__name__)


async def scrub(database: Database) -> bool:
    """SQLite: rewrite the file without its free pages and empty the log beside it. True when both are done.

    Others may be in the middle of something for longer; then it is done in the night. PostgreSQL keeps
    deleted rows in its own way; its log and base backups are kept as short as a backup of the keys.
    """
    if database.dialect != "sqlite":
        return True
    async with database.engine.connect() as connection:
        return await _scrubbed(connection)


async def _scrubbed(connection: AsyncConnection) -> bool:
    raw = (await connection.get_raw_connection()).driver_connection
    if raw is None:
        raise RuntimeError("the connection has gone")
    ((usual,),) = await raw.execute_fetchall("PRAGMA busy_timeout")
    try:
        await raw.execute_fetchall(f"PRAGMA busy_timeout = {PATIENCE_MS}")  # somebody waits for the answer
        await raw.execute_fetchall("VACUUM")
        ((busy, *_),) = await raw.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:  # the rows are deleted; their pages are still to be rewritten
        _log.warning("The database file could not be rewritten after an erasure: %s", error)
        return False
    finally:
        await raw.execute_fetchall(f"PRAGMA busy_timeout = {usual}")
    return not busy

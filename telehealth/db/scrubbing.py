"""After an erasure the database file itself holds nothing of what was deleted (security.md, section 1)."""

import logging

from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.db.engine import Database

_log = logging.getLogger(__name__)


async def scrub(database: Database) -> bool:
    """SQLite: rewrite the file without its free pages and empty the log beside it. True when both are done.

    Others may be in the middle of something; then it is done after the next erasure or in the night. PostgreSQL keeps
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
    try:
        await raw.execute("VACUUM")
        async with raw.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
            busy, *_ = await cursor.fetchone()
    except (
        Exception
    ) as error:  # the driver's own; the rows are deleted, only their pages are still to be rewritten
        _log.warning("The database file could not be rewritten after an erasure: %s", error)
        return False
    return not busy

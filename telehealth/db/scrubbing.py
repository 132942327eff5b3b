"""After an erasure the database file itself holds nothing of what was deleted (security.md, section 1)."""

import asyncio
import logging
import secrets
import sqlite3
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.db.engine import Database

PATIENCE_MS = 2_000
UNSCRUBBED = (
    "The database file still holds what was deleted last, since somebody was in the middle of something. The running "
    "service tries again every minute until it is rewritten."
)
_log = logging.getLogger(__name__)


async def scrub(database: Database) -> bool:
    """SQLite: rewrite the file without its free pages and empty the log beside it. True when both are done.

    Others may be in the middle of something for longer; then it stays due (`is_due`), whichever process was asked and
    whatever becomes of it. PostgreSQL keeps deleted rows in its own way; its log and base backups are kept as short
    as a backup of the keys.
    """
    if database.dialect != "sqlite":
        return True
    mark = _Mark(database)
    await asyncio.to_thread(mark.put)
    async with database.engine.connect() as connection:
        done = await _scrubbed(connection)
    if done:
        await asyncio.to_thread(mark.take_away)
    else:
        _log.warning("%s", UNSCRUBBED)
    return done


def is_due(database: Database) -> bool:
    """Whether the file still has to be rewritten after something was deleted."""
    return database.dialect == "sqlite" and _Mark(database).file.exists()


class _Mark:
    """A file beside the database, there while it is due, so that all processes and the next start know of it."""

    def __init__(self, database: Database) -> None:
        self.file = Path(f"{database.engine.url.database}-unscrubbed")
        self._mine = secrets.token_hex(16)

    def put(self) -> None:
        self.file.write_text(self._mine)

    def take_away(self) -> None:
        """Unless somebody has deleted something since, whom this rewriting may not have reached."""
        if self.file.exists() and self.file.read_text() == self._mine:
            self.file.unlink(missing_ok=True)


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

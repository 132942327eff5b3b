"""The schema: brought up to date by Alembic's numbered migrations, under a lock."""

from functools import cache
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from telehealth.db.engine import Database

MIGRATIONS = Path(__file__).parent / "migrations"
Standing = Literal["empty", "older", "current", "newer"]
LOCK = 0x7465_6C65_6865_616C  # one migration at a time on PostgreSQL


async def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest schema; all of it or nothing.

    SQLite changes a constraint by making the table anew, while others refer to it: its references are not enforced
    meanwhile and looked at before the end (https://sqlite.org/lang_altertable.html, section 7).
    """
    database = Database(url, references=False)
    try:
        async with database.transaction() as connection:
            await connection.run_sync(upgrade_within)
    finally:
        await database.close()


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """The same in somebody's transaction, whose references SQLite does not enforce, and up to a revision."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    if connection.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
        raise RuntimeError("a migration left a reference to nothing; nothing was changed")


async def standing(database: Database) -> Standing:
    """How far the database is; "empty" also where there is no file yet, and none is made by asking."""
    if _has_no_file(database):
        return "empty"
    async with database.reading() as connection:
        found = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
    if found is None:
        return "empty"
    newest, known = _revisions()
    if found not in known:
        return "newer"
    return "current" if found == newest else "older"


def knows(revision: str) -> bool:
    """Whether this program has the migration of that revision."""
    return revision in _revisions()[1]


@cache
def _revisions() -> tuple[str | None, frozenset[str]]:
    """The newest revision this program knows, and all of them: read once, since it is asked about again and again."""
    scripts = ScriptDirectory.from_config(_config())
    return scripts.get_current_head(), frozenset(script.revision for script in scripts.walk_revisions())


def _has_no_file(database: Database) -> bool:
    return database.dialect == "sqlite" and not Path(database.engine.url.database or "").exists()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config

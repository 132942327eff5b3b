"""The schema: brought up to date by Alembic's numbered migrations, under a lock."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from telehealth.db.engine import Database

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 0x7465_6C65_6865_616C  # one migration at a time on PostgreSQL


async def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest schema; all of it or nothing."""
    database = Database(url)
    try:
        async with database.transaction() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await database.close()


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def is_current(database: Database) -> bool:
    """Whether every migration has run."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    async with database.reading() as connection:
        return (
            await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision()) == head
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config

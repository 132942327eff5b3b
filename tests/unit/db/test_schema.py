"""What the migrations make is what the code expects, on both databases."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from telehealth.app import create_app
from telehealth.db.engine import Database
from telehealth.db.tables import metadata
from telehealth.emergency import models as emergency
from telehealth.notices import models as notices
from telehealth.passkeys import models as passkeys
from telehealth.privacy import models as privacy

KNOWN = (
    create_app,
    emergency,
    notices,
    passkeys,
    privacy,
)  # imported so that their tables are in the metadata


def _differences(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    async with database.reading() as connection:
        assert await connection.run_sync(_differences) == []
    assert len(metadata.tables) > 25

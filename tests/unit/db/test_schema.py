"""What the migrations make is what the code expects, on both databases."""

from datetime import UTC, datetime
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from telehealth.app import create_app
from telehealth.db import schema
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


def _empty(connection: Connection) -> None:
    metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))


def _migrate(connection: Connection, revision: str) -> None:
    config = schema._config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def test_accounts_of_an_older_release_get_ids_and_stay_whose_they_are(database: Database) -> None:
    person, keys = b"somebody........", (b"1" * 32, b"2" * 32)
    rows = "INSERT INTO accounts (key, identity, person_id, created_at) VALUES (:key, :sealed, :person, :now)"
    somebody = "INSERT INTO people (id, role, revision, created_at) VALUES (:person, 'client', 0, :now)"
    now = datetime(2026, 11, 23, tzinfo=UTC)
    async with database.transaction() as c:
        await c.run_sync(_empty)
        await c.run_sync(_migrate, "0002")
        values = {"person": person, "now": now if database.dialect == "postgresql" else str(now)}
        await c.execute(text(somebody), values)
        for key in keys:
            await c.execute(text(rows), values | {"key": key, "sealed": b"sealed without an id"})
    async with database.transaction() as c:
        await c.run_sync(_migrate, "head")
    async with database.reading() as c:
        found = (await c.execute(text("SELECT id, key, identity, person_id FROM accounts"))).all()
        assert await c.run_sync(_differences) == []
    assert {row.key for row in found} == set(keys)
    assert len({row.id for row in found}) == 2
    assert all(len(row.id) == 16 for row in found)
    assert {(row.identity, row.person_id) for row in found} == {(None, person)}

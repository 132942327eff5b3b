"""Where the record stands is looked at, and what is wrong is said."""

from pathlib import Path

import pytest
from sqlalchemy import text

from telehealth.audit import standing
from telehealth.audit.models import PRIVILEGES
from telehealth.audit.office import Office
from telehealth.db.engine import Database
from telehealth.db.grants import grant
from tests.postgres import Server


async def test_checkpoints_beside_a_database_file_are_warned_of(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    is_file = office.database.dialect == "sqlite"
    beside = tmp_path / "not" / "yet" / "checkpoints"
    assert (standing.SAME_VOLUME in await standing.warnings(office.database, beside)) == is_file
    await standing.warn(office.database, beside)
    assert (standing.SAME_VOLUME in caplog.messages) == is_file
    other = Path("/proc/checkpoints")  # a volume of its own on every Linux
    assert standing.SAME_VOLUME not in await standing.warnings(office.database, other)


async def test_a_role_that_may_change_the_record_is_warned_of(office: Office) -> None:
    found = await standing.warnings(office.database, Path("/proc/checkpoints"))
    if office.database.dialect == "sqlite":
        assert found == []
    else:
        assert len(found) == 1
        assert "audit_leaves and audit_chain and audit_checkpoints" in found[0]


async def test_a_role_that_is_bounded_is_not(database: Database, postgres: Server) -> None:
    if database.dialect == "sqlite":
        return
    name = database.engine.url.database
    async with database.transaction() as connection:
        await connection.execute(text("CREATE ROLE standing_service LOGIN"))
        await grant(connection, "standing_service", ["people"], PRIVILEGES)
    bounded = Database(f"postgresql+asyncpg://standing_service@/{name}?host={postgres.socket_folder}")
    try:
        assert await standing.warnings(bounded, Path("/proc/checkpoints")) == []
    finally:
        await bounded.close()
        async with database.transaction() as connection:
            await connection.execute(text("DROP OWNED BY standing_service"))
            await connection.execute(text("DROP ROLE standing_service"))

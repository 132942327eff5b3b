"""The role that serves does everything the service does, and cannot touch what is on record."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from telehealth.audit.chain import Chainer
from telehealth.audit.models import PRIVILEGES
from telehealth.audit.office import Office
from telehealth.db.engine import Database
from telehealth.db.grants import BadRole, grant, grants_ddl
from telehealth.db.tables import metadata
from telehealth.office import SEALED_TABLES
from tests.people import ROSA, make_clinic
from tests.postgres import Server
from tests.schema import fresh_postgres
from tests.unit.appointments.scene import book, hold

ROLE = "clinic_service"
RECORD = ("audit_leaves", "audit_chain", "audit_checkpoints")


@pytest.fixture
def fresh_database(postgres: Server) -> object:
    """Roles are PostgreSQL's alone."""
    return lambda: fresh_postgres(postgres, "test_grants")


@pytest.fixture
async def bounded(database: Database, office: Office, postgres: Server) -> AsyncIterator[Office]:
    """The office as the service has it: connected as a role that owns nothing."""
    assert SEALED_TABLES  # with the application every table is known
    async with database.transaction() as connection:
        await connection.execute(text(f"CREATE ROLE {ROLE} LOGIN"))
        await grant(connection, ROLE, list(metadata.tables), PRIVILEGES)
    as_role = Database(f"postgresql+asyncpg://{ROLE}@/test_grants?host={postgres.socket_folder}")
    owned, office.database = office.database, as_role
    yield office
    await as_role.close()
    office.database = owned
    async with database.transaction() as connection:
        await connection.execute(text(f"DROP OWNED BY {ROLE}"))
        await connection.execute(text(f"DROP ROLE {ROLE}"))


async def refused(office: Office, statement: str) -> str:
    """What PostgreSQL says to it."""
    with pytest.raises(DBAPIError) as refusal:
        async with office.database.transaction() as connection:
            await connection.execute(text(statement))
    return str(refusal.value.orig)


async def test_the_service_works_as_that_role(bounded: Office, tmp_path: Path) -> None:
    await make_clinic(bounded)
    await book(bounded, ROSA, held=await hold(bounded))
    await Chainer(bounded, tmp_path / "checkpoints", bytes(range(32))).turn(sign_now=True)
    async with bounded.database.reading() as connection:
        for table in RECORD:
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() > 0


@pytest.mark.parametrize("table", RECORD)
@pytest.mark.parametrize("verb", ["UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_the_record_cannot_be_changed_even_without_the_triggers(
    bounded: Office, database: Database, table: str, verb: str
) -> None:
    async with database.transaction() as connection:
        await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
    change = "hash = prev" if table == "audit_chain" else "id = id"
    said = await refused(bounded, verb.format(table, change))
    assert "permission denied for table" in said


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE audit_leaves DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_leaves_no_change ON audit_leaves",
        "DROP TABLE audit_leaves CASCADE",
        "CREATE TABLE mine (id integer)",
        "CREATE RULE r AS ON INSERT TO audit_leaves DO INSTEAD NOTHING",
        "UPDATE audit_pending SET leaf = leaf",
        "UPDATE alembic_version SET version_num = '0000'",
        "TRUNCATE people CASCADE",
        "SET ROLE telehealth",
        "SET session_replication_role = replica",
    ],
)
async def test_the_schema_is_not_that_roles_to_change(bounded: Office, statement: str) -> None:
    said = await refused(bounded, statement)
    assert "permission denied" in said or "must be owner" in said


async def test_a_role_that_grants_cannot_hold_back_is_refused(database: Database) -> None:
    async with database.transaction() as connection:
        with pytest.raises(BadRole, match="owns the tables"):
            await grant(connection, "telehealth", ["people"], {})
        with pytest.raises(BadRole, match="There is no role nobody_here"):
            await grant(connection, "nobody_here", ["people"], {})


@pytest.mark.parametrize("name", ['x"; DROP TABLE people; --', "", "Clinic", "a b", "x" * 64])
def test_a_name_that_is_more_than_a_name_is_refused(name: str) -> None:
    with pytest.raises(BadRole):
        grants_ddl(name, ["people"], {})

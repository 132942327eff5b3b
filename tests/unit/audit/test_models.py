"""The database itself refuses to change, delete or replace what is on record."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from telehealth.audit.office import Office
from tests.unit.audit.scene import write


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_leaves SET outcome = 'refused'",
        "DELETE FROM audit_leaves",
        "UPDATE audit_chain SET seq = 7",
        "DELETE FROM audit_chain",
    ],
)
async def test_an_entry_cannot_be_changed_or_deleted(office: Office, statement: str) -> None:
    await write(office, 1)
    with pytest.raises(DBAPIError, match="append-only"):
        async with office.database.transaction() as connection:
            await connection.execute(text(statement))


@pytest.mark.parametrize("table", ["audit_leaves", "audit_chain"])
async def test_an_entry_cannot_be_replaced(office: Office, table: str) -> None:
    await write(office, 1)
    if office.database.dialect != "sqlite":
        statement = f"TRUNCATE {table} CASCADE"
    else:
        statement = f"REPLACE INTO {table} SELECT * FROM {table}"
    with pytest.raises(DBAPIError, match="append-only"):
        async with office.database.transaction() as connection:
            await connection.execute(text(statement))

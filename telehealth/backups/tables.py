"""The tables of a database as they are there, at whichever schema: what is written is what stood there."""

from typing import Any

from alembic.migration import MigrationContext
from asyncpg import PostgresError
from sqlalchemy import DateTime, MetaData, Table, func, inspect, literal, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.backups.note import BadBackup
from telehealth.backups.rules import KEY_TABLES, Kind
from telehealth.db.grants import VERSION_TABLE


async def tables_of(c: AsyncConnection) -> list[Table]:
    """Every table but Alembic's own, those before others that refer to them."""
    found = MetaData()
    await c.run_sync(found.reflect)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def of_kind(tables: list[Table], kind: Kind) -> list[Table]:
    """Those that go into one archive."""
    return [table for table in tables if (table.name in KEY_TABLES) == (kind == "keys")]


def columns_of(table: Table) -> list[str]:
    """The names of its columns, in their order."""
    return [str(column.name) for column in table.columns]


async def revision_of(c: AsyncConnection) -> str | None:
    """The schema's; None where there is none."""
    return await c.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def names_of(c: AsyncConnection) -> list[str]:
    """The names of every table but Alembic's own."""
    found = await c.run_sync(lambda sync: inspect(sync).get_table_names())
    return [name for name in found if name != VERSION_TABLE]


async def has_rows(c: AsyncConnection, name: str) -> bool:
    """Whether there is a row in the table of that name."""
    return (await c.execute(select(literal(1)).select_from(text(f'"{name}"')).limit(1))).first() is not None


async def count_of(c: AsyncConnection, table: Table) -> int:
    """How many rows there are."""
    return int((await c.execute(select(func.count()).select_from(table))).scalar_one())


async def put(c: AsyncConnection, table: Table, columns: list[str], rows: list[list[Any]]) -> None:
    """Add rows, their values in the order of `columns`; PostgreSQL takes them by COPY in half the time. BadBackup."""
    try:
        if c.dialect.name == "sqlite":
            await c.execute(table.insert(), [_on_sqlite(table, columns, row) for row in rows])
            return
        driver: Any = (await c.get_raw_connection()).driver_connection
        await driver.copy_records_to_table(table.name, records=rows, columns=columns)
    except (DBAPIError, PostgresError) as error:
        said = str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0].rstrip(".")
        raise BadBackup(
            f"The database did not take the rows of {table.name}: {said}. Nothing was kept."
        ) from error


def _on_sqlite(table: Table, columns: list[str], values: list[Any]) -> dict[str, Any]:
    """A row as SQLite takes it: it keeps UTC without saying so."""
    return {
        name: value.replace(tzinfo=None)
        if value is not None and isinstance(table.c[name].type, DateTime)
        else value
        for name, value in zip(columns, values, strict=True)
    }

"""`telehealth migrate`: bring the database to the newest schema, and bound the role that serves."""

import asyncio
from typing import Annotated

import typer

from telehealth.audit.models import PRIVILEGES
from telehealth.cli.configured import Data, part_of, settings_of
from telehealth.cli.failure import NOT_CURRENT, Wrong, plainly
from telehealth.db import schema
from telehealth.db.engine import Database
from telehealth.db.grants import BadRole, grant, keep_role
from telehealth.db.plan import Serving
from telehealth.db.tables import metadata
from telehealth.office import SEALED_TABLES

app = typer.Typer(add_completion=False)
assert SEALED_TABLES  # noqa: S101 - with them every table is known


@app.command()
def migrate(
    data: Data = None,
    role: Annotated[
        str,
        typer.Option(
            "--grant",
            help="PostgreSQL: the role that serves. It may read and write rows, and only add to the record. "
            "Unless given: APP_ROLE.",
        ),
    ] = "",
) -> None:
    """Bring the database to the newest schema, all of it or nothing.

    With APP_DATABASE_URL, or APP_DATABASE_URL_FILE, the role in it is made where it is not there yet, given the
    password in it, and granted the same.
    """
    settings, serving = settings_of(data), part_of(Serving)
    role = role or serving.role or (serving.url and serving.url.username) or ""
    with plainly():
        asyncio.run(_migrate(settings.database_url, role, serving.url and serving.url.password))
    typer.echo("The database is up to date.")
    if role:
        typer.echo(f"The role {role} may serve it, and can only add to the record.")


async def _migrate(url: str, role: str, password: str | None) -> None:
    database = Database(url)
    try:
        if await schema.standing(database) == "newer":
            raise Wrong(NOT_CURRENT["newer"])
        await schema.upgrade(url)
        if role:
            await _grant(database, role, password)
    finally:
        await database.close()


async def _grant(database: Database, role: str, password: str | None) -> None:
    try:
        if database.dialect != "postgresql":
            raise BadRole("SQLite has no roles; its triggers alone guard the record.")
        async with database.transaction() as connection:
            if password is not None:
                await keep_role(connection, role, password)
            await grant(connection, role, list(metadata.tables), PRIVILEGES)
    except BadRole as error:
        raise Wrong(f"The database is up to date, but nothing was granted. {error}") from error

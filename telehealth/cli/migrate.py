"""`telehealth migrate`: bring the database to the newest schema, and bound the role that serves."""

import asyncio
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from telehealth import app
from telehealth.audit.models import PRIVILEGES
from telehealth.cli.configured import Data, settings_of
from telehealth.db import schema
from telehealth.db.engine import Database
from telehealth.db.grants import BadRole, grant
from telehealth.db.tables import metadata

assert app.SEALED_TABLES  # noqa: S101 - with the application every table is known


def migrate(
    data: Data = None,
    role: Annotated[
        str,
        typer.Option(
            "--grant",
            envvar="APP_ROLE",
            help="PostgreSQL: the role that serves. It may read and write rows, and only add to the record.",
        ),
    ] = "",
) -> None:
    """Bring the database to the newest schema, all of it or nothing."""
    settings = settings_of(data)
    try:
        asyncio.run(_migrate(settings.database_url, role))
    except BadRole as error:
        typer.echo(f"The database is up to date, but nothing was granted. {error}", err=True)
        raise typer.Exit(1) from error
    except (SQLAlchemyError, OSError) as error:
        typer.echo(
            f"The database could not be brought up to date, and nothing was changed: {error}", err=True
        )
        raise typer.Exit(1) from error
    typer.echo("The database is up to date.")
    if role:
        typer.echo(f"The role {role} may serve it, and can only add to the record.")


async def _migrate(url: str, role: str) -> None:
    await schema.upgrade(url)
    if not role:
        return
    database = Database(url)
    try:
        if database.dialect != "postgresql":
            raise BadRole("SQLite has no roles; its triggers alone guard the record.")
        async with database.transaction() as connection:
            await grant(connection, role, list(metadata.tables), PRIVILEGES)
    finally:
        await database.close()

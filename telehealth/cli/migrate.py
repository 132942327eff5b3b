"""`telehealth migrate`: bring the database to the newest schema."""

import asyncio

import typer
from sqlalchemy.exc import SQLAlchemyError

from telehealth.cli.configured import Data, settings_of
from telehealth.db import schema


def migrate(data: Data = None) -> None:
    """Bring the database to the newest schema, all of it or nothing."""
    settings = settings_of(data)
    try:
        asyncio.run(schema.upgrade(settings.database_url))
    except (SQLAlchemyError, OSError) as error:
        typer.echo(
            f"The database could not be brought up to date, and nothing was changed: {error}", err=True
        )
        raise typer.Exit(1) from error
    typer.echo("The database is up to date.")

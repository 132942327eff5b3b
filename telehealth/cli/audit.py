"""`telehealth audit`: the record of who looked at and changed what."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
from sqlalchemy.exc import SQLAlchemyError

from telehealth.audit.checkpoint import signing_key
from telehealth.audit.verify import Report, verify
from telehealth.cli.configured import Data, settings_of
from telehealth.db.engine import Database
from telehealth.settings import Settings

app = typer.Typer(help="The record of who looked at and changed what.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The record of who looked at and changed what."""


@app.command("verify")
def verify_record(
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one JSON object.")] = False,
) -> None:
    """Hold the whole record against its checkpoints. Exit code 1 when something was changed or taken away."""
    settings = settings_of(data)
    try:
        report = asyncio.run(_verified(settings))
    except (SQLAlchemyError, OSError) as error:
        typer.echo(f"The record could not be read: {error}", err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(as_plain(report)))
    else:
        typer.echo("\n".join(in_words(report)))
    raise typer.Exit(0 if report.is_whole else 1)


async def _verified(settings: Settings) -> Report:
    database = Database(settings.database_url)
    try:
        public_key = signing_key(settings.audit_key).public_key()
        return await verify(database, settings.checkpoint_file, public_key)
    finally:
        await database.close()


def as_plain(report: Report) -> dict[str, Any]:
    """The report as JSON values; the head in hex."""
    return {
        "whole": report.is_whole,
        "entries": report.head.seq,
        "head": report.head.hash.hex(),
        "pending": report.pending,
        "checkpoints": report.checkpoints,
        "last_checkpoint": report.last_checkpoint,
        "first_bad": report.first_bad,
        "findings": [asdict(finding) for finding in report.findings],
    }


def in_words(report: Report) -> list[str]:
    """The report as sentences, the verdict first."""
    count = report.head.seq
    if report.is_whole:
        verdict = f"The record is whole: {count} entries, signed up to entry {report.last_checkpoint}."
    else:
        where = "" if report.first_bad is None else f" It first goes wrong at entry {report.first_bad}."
        verdict = f"The record is not what was written.{where}"
    waiting = [f"{report.pending} more wait to be chained, which takes a second."] if report.pending else []
    return [verdict, *waiting, *(finding.sentence for finding in report.findings)]

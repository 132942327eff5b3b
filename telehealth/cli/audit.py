"""`telehealth audit`: the record of who looked at and changed what. No answer holds a name or anything sealed."""

import asyncio
import csv
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TextIO, TypeVar

import typer

from telehealth.audit import written
from telehealth.audit.reading import Chained, last_seq
from telehealth.audit.resuming import Resumed, resume
from telehealth.audit.verify import Report, verify
from telehealth.cli.configured import Data, settings_of
from telehealth.cli.failure import must_be_current, plainly
from telehealth.cli.progress import Steps
from telehealth.crypto.note import public_keys, text_of
from telehealth.db.engine import Database
from telehealth.looks import fhir
from telehealth.office import build_office
from telehealth.settings import Settings

T = TypeVar("T")
FOLLOW_SECONDS = 1.0  # as often as the chainer appends, at the least
After = Annotated[int, typer.Option(min=0, help="Begin behind the entry of this number.")]
app = typer.Typer(
    help="The record of who looked at and changed what: verify, resume, tail, export, key.",
    no_args_is_help=True,
    add_completion=False,
)


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
    report = _run(settings, lambda database: _verified(settings, database))
    if as_json:
        typer.echo(json.dumps(as_plain(report)))
    else:
        typer.echo("\n".join(in_words(report)))
    raise typer.Exit(0 if report.is_whole else 1)


@app.command("resume")
def resume_record(
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one JSON object.")] = False,
) -> None:
    """After a restored backup: put on record that the entries since are lost, and go on from those that are there."""
    settings = settings_of(data)
    if not yes:
        typer.confirm(
            "Was a backup of the database restored, so that entries are lost?", abort=True, err=True
        )

    async def act(_database: Database) -> Resumed:
        office = build_office(settings, by_operator=True)
        try:
            return await resume(
                office, settings.checkpoint_file, settings.audit_key, settings.audit_keys_former
            )
        finally:
            await office.database.close()

    done = _run(settings, act)
    words = f"The record goes on after entry {done.kept}. Those up to {done.lost_to} were lost with the old database."
    typer.echo(json.dumps(asdict(done)) if as_json else words)


@app.command("key")
def show_key(
    data: Data = None, as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False
) -> None:
    """Show the public half of AUDIT_KEY: for whoever proves the checkpoints, and for AUDIT_KEYS_FORMER."""
    (key,) = public_keys(settings_of(data).audit_key)
    text = text_of(key.public_bytes_raw())
    typer.echo(json.dumps({"audit_key": text}) if as_json else text)


@app.command("tail")
def tail(
    data: Data = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many entries.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Then each new one, until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show the newest entries, the latest last: number, time, type, outcome, and the beginning of the pseudonyms."""
    say = written.json_line if as_json else written.line

    async def act(database: Database) -> None:
        async with database.reading() as connection:
            after = max(0, await last_seq(connection) - lines)
        async for each in written.following(database, after=after, wait=_second if follow else _no):
            typer.echo(say(each))

    with suppress(KeyboardInterrupt):
        _run(settings_of(data), act)


@app.command("export")
def export(
    data: Data = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A new file instead of standard output.", show_default=False),
    ] = None,
    after: After = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, instead of comma-separated values.")
    ] = False,
    as_fhir: Annotated[
        bool, typer.Option("--fhir", help="One FHIR R4 AuditEvent a line, without the hashes.")
    ] = False,
) -> None:
    """Write out the chain with its hashes, so that somebody else can prove it. Pseudonyms only, no details."""
    if as_json and as_fhir:
        raise typer.BadParameter("Ask for one of --json and --fhir.")
    settings = settings_of(data)
    say = partial(fhir.json_line, practice=settings.clinic_id) if as_fhir else written.json_line
    try:
        file = sys.stdout if out is None else out.open("x", encoding="utf-8", newline="")
    except OSError as error:
        typer.echo(f"{out} cannot be written: {error.strerror}. Nothing was written over.", err=True)
        raise typer.Exit(1) from error
    try:
        count = _run(
            settings, lambda database: _exported(database, file, after, say if as_json or as_fhir else None)
        )
    except BaseException:
        if out is not None:
            out.unlink()  # half a record must not pass for a whole one
        raise
    finally:
        if out is not None:
            file.close()
    Steps().say(f"{count} entries written.")


async def _exported(
    database: Database, file: TextIO, after: int, say: Callable[[Chained], str] | None
) -> int:
    """How many; those that come while it runs are left for the next time. `say` None: comma-separated values."""
    table, count = csv.writer(file), 0
    async with database.reading() as connection:
        last = await last_seq(connection)
    with Steps().count("Entries") as tell:
        if say is None:
            table.writerow(written.COLUMNS)
        async for each in written.in_batches(database, after=after, last=last):
            if say is None:
                table.writerow(written.row(each))
            else:
                file.write(say(each) + "\n")
            count += 1
            tell(count, last - after)
    return count


async def _verified(settings: Settings, database: Database) -> Report:
    keys = public_keys(settings.audit_key, settings.audit_keys_former)
    with Steps().count("Entries") as tell:
        return await verify(database, settings.checkpoint_file, keys, tell=tell)


def _run(settings: Settings, act: Callable[[Database], Awaitable[T]]) -> T:
    """Do it on the database of these settings; exit code 1 with a sentence when that does not answer."""

    async def whole() -> T:
        database = Database(settings.database_url)
        try:
            await must_be_current(database)
            return await act(database)
        finally:
            await database.close()

    with plainly():
        return asyncio.run(whole())


async def _second() -> bool:
    await asyncio.sleep(FOLLOW_SECONDS)
    return True


async def _no() -> bool:
    return False


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
        "lost": report.lost,
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
    waiting = (
        [f"{report.pending} more wait to be chained; a service that runs does it within a second."]
        if report.pending
        else []
    )
    lost = [
        f"Entries {first} to {last} were lost with a backup that was restored." for first, last in report.lost
    ]
    return [verdict, *waiting, *lost, *(finding.sentence for finding in report.findings)]

"""`telehealth backup`: make one, see which there are, make the key that opens them."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from telehealth.backups import rules
from telehealth.backups.making import make
from telehealth.backups.note import BadBackup, Made
from telehealth.backups.sealing import OWNER_ONLY, new_identity, recipients_from
from telehealth.cli.backup_desk import RECORD, Desk, entity_of, run, say, size_of
from telehealth.cli.configured import Data
from telehealth.cli.failure import must_be_current
from telehealth.office import build_office, system_clock

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
app = typer.Typer(
    help="Make a backup, sealed for BACKUP_RECIPIENTS, in BACKUP_FOLDER: docs/backup.md.",
    add_completion=False,
)


@app.callback(invoke_without_command=True)
def backup(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """Make a backup in BACKUP_FOLDER, sealed for BACKUP_RECIPIENTS, and remove those that were kept long enough."""
    if context.invoked_subcommand is not None:
        return

    async def act(desk: Desk) -> tuple[Made, list[str]]:
        recipients = recipients_from(desk.plan.must_have_recipients())
        key_days = desk.plan.must_have_key_days()
        office = build_office(desk.settings, by_operator=True)
        try:
            await must_be_current(office.database)
            with desk.steps.count("Rows written and read again") as tell:
                made = await make(
                    office.database, desk.shelf, recipients, office.clock(), tell, desk.plan.accounts
                )
            async with office.work(None) as work:
                await work.audit(
                    "backup.make", "R", entity=RECORD, entity_id=entity_of(made.name), subjects=[]
                )
            old = desk.shelf.tidy(office.clock(), data_days=desk.plan.days, key_days=key_days)
            return made, list(old)
        finally:
            await office.database.close()

    made, old = run(data, act)
    sizes = {kind: size for kind, (size, _) in made.files.items()}
    words = [
        f"{made.name}: {made.rows} rows in {made.seconds:.1f} s, "
        + ", ".join(f"{kind} {size_of(size)}" for kind, size in sizes.items())
        + ". All were read again to the last row.",
        *([f"Kept long enough and removed: {', '.join(old)}."] if old else []),
    ]
    say({**made.plain(), "removed": old}, words, as_json)


@app.command("list")
def list_backups(data: Data = None, as_json: AsJson = False) -> None:
    """Show every backup, the newest first. Exit code 1 when one cannot be used, or none was made for over a day."""

    async def act(desk: Desk) -> tuple[list[dict[str, Any]], list[str]]:
        shelf, found, wrong = desk.shelf, list[dict[str, Any]](), list[str]()
        for name in shelf.names():
            try:
                made = shelf.made(name)
            except BadBackup as error:
                wrong.append(str(error))
                continue
            there = {kind: shelf.file(name, kind).exists() for kind in rules.ARCHIVES if kind in made.files}
            found.append(made.plain() | {"there": there})
        last = max((datetime.fromisoformat(each["taken_at"]) for each in found), default=None)
        if rules.is_late(last, system_clock()):
            wrong.append("No backup was made for over a day. Run: telehealth backup")
        return found, wrong

    found, wrong = run(data, act)
    lines = [
        f"{each['name']}  {each['rows']} rows  "
        + "  ".join(
            f"{kind} {size_of(each['files'][kind][0]) if each['there'][kind] else 'gone'}"
            for kind in each["files"]
        )
        for each in found
    ]
    say({"backups": found, "wrong": wrong}, lines or ["There is none."], as_json)
    for sentence in wrong:
        typer.echo(sentence, err=True)
    raise typer.Exit(1 if wrong else 0)


@app.command("key")
def make_key(
    out: Annotated[Path, typer.Option("--out", "-o", help="A new file for the half that opens backups.")],
) -> None:
    """Make a pair of keys: the half that opens goes into a file, the half that seals is shown, for BACKUP_RECIPIENTS.

    Keep the file away from this computer: whoever has it and a backup has everything but the key folder.
    """
    identity = new_identity()
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except OSError as error:
        typer.echo(f"{out} cannot be written: {error.strerror}. Nothing was written over.", err=True)
        raise typer.Exit(1) from error
    with os.fdopen(descriptor, "w") as file:
        file.write(f"# public key: {identity.to_public()}\n{identity}\n")
    typer.echo(str(identity.to_public()))

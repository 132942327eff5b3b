"""`telehealth wal`: PostgreSQL's own log, kept sealed, so that a practice can go back to any moment."""

import os
import signal
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import text

from telehealth.backups import wal
from telehealth.backups.note import BadBackup
from telehealth.backups.plan import Plan
from telehealth.backups.proving import Proof, prove
from telehealth.backups.restoring import end_sessions
from telehealth.backups.sealing import identities_in, recipients_from
from telehealth.cli.backup_desk import in_a_sentence, size_of
from telehealth.cli.configured import Data, part_of
from telehealth.cli.failure import Wrong, sentence_of
from telehealth.cli.progress import Steps
from telehealth.cli.putting_back import Identity
from telehealth.cli.registry import Desk, run
from telehealth.crypto.note import public_keys
from telehealth.db.engine import Database
from telehealth.office import system_clock
from telehealth.watching.plan import Watching

EVERY_SECONDS = 5.0
ANYBODY_ADDS = 0o1777
app = typer.Typer(
    help="PostgreSQL's own log, kept sealed in BACKUP_FOLDER to go back to any moment: docs/backup.md.",
    no_args_is_help=True,
    add_completion=False,
)


@app.command()
def keep(
    spool: Annotated[Path, typer.Argument(help="The folder into which PostgreSQL's archive_command copies.")],
    once: Annotated[bool, typer.Option("--once", help="Seal what is there, and end.")] = False,
    shared: Annotated[
        bool,
        typer.Option("--shared", help="Let every user of this computer put files there, as PostgreSQL's."),
    ] = False,
) -> None:
    """Seal what PostgreSQL puts into SPOOL, take it away there, and remove what is older than KEY_BACKUP_DAYS."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with in_a_sentence():
        plan = part_of(Plan)
        folder, days = plan.must_have_folder(), plan.must_have_key_days()
        recipients = recipients_from(plan.must_have_recipients())
        if shared:
            spool.chmod(ANYBODY_ADDS)
        while True:
            try:
                wal.keep(spool, folder, recipients, system_clock, days)
                _is_alive()
            except (BadBackup, OSError) as error:
                if once:
                    raise
                typer.echo(
                    sentence_of(error) or str(error), err=True
                )  # what is there waits for the next turn
            if once or stop.wait(EVERY_SECONDS):
                return


@app.command()
def base() -> None:
    """Seal a base backup from standard input: pg_basebackup -D - -Ft -X fetch | telehealth wal base"""
    with in_a_sentence():
        plan = part_of(Plan)
        folder, days = plan.must_have_folder(), plan.must_have_key_days()
        recipients = recipients_from(plan.must_have_recipients())
        made = wal.base(sys.stdin.buffer, folder, recipients, system_clock)
        wal.tidy(folder, system_clock(), days)
    typer.echo(f"{made.name}: {size_of(made.stat().st_size)}, read again to the end.")


@app.command("open")
def lay_out(
    identity: Identity,
    data: Annotated[Path, typer.Option(help="The new data folder of PostgreSQL: empty.", show_default=False)],
    log: Annotated[Path, typer.Option(help="A folder for the log that PostgreSQL reads then: empty.")],
    until: Annotated[
        str | None,
        typer.Option(help="The moment, with its zone: 2026-11-28T10:15:00+01:00; the last one unless given."),
    ] = None,
) -> None:
    """Lay out a data folder from which PostgreSQL, started there, goes on to a moment by itself."""
    moment = _moment(until)
    os.umask(0o077)  # PostgreSQL wants its folder for itself
    with in_a_sentence():
        folder = part_of(Plan).must_have_folder()
        chosen, count = wal.lay_out(folder, identities_in(identity), data, log, moment)
    typer.echo(
        f"{chosen} and {count} files of the log. Start PostgreSQL on {data}, then run: telehealth wal settle"
    )


@app.command("settle")
def settle_it(data: Data = None) -> None:
    """Once PostgreSQL went back: end every session, erase anew whoever was erased since, look at everything.

    Exit code 1 when something is wrong.
    """
    steps = Steps()

    async def act(desk: Desk) -> Proof:
        one = desk.settings
        await _must_have_arrived(desk.registry.office.database)
        signers = public_keys(one.audit_key, one.audit_keys_former)
        await end_sessions(desk.registry.office.database)
        return await prove(desk.registry, one.checkpoint_file, signers, steps.count)

    proof = run(data, act)
    typer.echo("\n".join(proof.words()))
    raise typer.Exit(0 if proof.is_whole else 1)


async def _must_have_arrived(database: Database) -> None:
    async with database.reading() as c:
        if c.dialect.name == "postgresql" and await c.scalar(text("SELECT pg_is_in_recovery()")):
            raise Wrong("PostgreSQL is still on its way back. Wait until it has arrived, and run this again.")


def _moment(said: str | None) -> datetime | None:
    if said is None:
        return None
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter("a moment has a zone: 2026-11-28T10:15:00+01:00, or 2026-11-28T09:15:00Z")
    return moment


def _is_alive() -> None:
    if file := part_of(Watching).alive_file:
        file.touch()

"""`telehealth person`: what is kept about somebody, given to them or erased."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from telehealth.cli.configured import Data
from telehealth.cli.failure import Wrong
from telehealth.cli.progress import Steps
from telehealth.cli.registry import Desk, id_from, run
from telehealth.office import FRONTEND
from telehealth.privacy import acts, holding, listing, replaying
from telehealth.privacy.acts import Erased
from telehealth.privacy.archive import archive_of, name_of
from telehealth.privacy.certificate import in_words
from telehealth.privacy.exporting import export
from telehealth.privacy.holding import Released
from telehealth.privacy.rules import Class
from telehealth.privacy.stamps import stamp
from telehealth.web.templating import templates_of

app = typer.Typer(
    help="What is kept about somebody: list, export, erase, hold, holds, release, replay.",
    no_args_is_help=True,
    add_completion=False,
)
PersonId = Annotated[
    str, typer.Argument(metavar="ID", help="The person's id: telehealth person list.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
OWNER_ONLY = 0o600


@app.callback()
def group() -> None:
    """What is kept about somebody."""


@app.command("list")
def list_people(data: Data = None, as_json: AsJson = False) -> None:
    """Show everybody with id, role and name. It opens the names, which goes on each one's record."""

    async def act(desk: Desk) -> list[dict[str, Any]]:
        return [
            {
                "id": each.id.hex(),
                "role": each.role,
                "name": each.name,
                "since": stamp(each.since),
                "erased": each.erased,
            }
            for each in await listing.everybody(desk.registry.office)
        ]

    found = run(data, act)
    _say(
        found,
        [f"{p['id']}  {p['role']:13}  {'(erased)' if p['erased'] else p['name']}" for p in found],
        as_json,
    )


@app.command("export")
def export_person(
    person_id: PersonId,
    out: Annotated[
        Path | None, typer.Option(help="The file to write; one that is there stays.", show_default=False)
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write everything about a person into one archive: JSON, a calendar, and a page to read."""
    subject_id = id_from(person_id)

    async def act(desk: Desk) -> Path:
        settings, office = desk.settings, desk.registry.office
        zone = ZoneInfo(settings.clinic_zone)
        file = out or Path(name_of(office.clock()))
        with _new_file(file, "--out") as opened, Steps().step("Collecting"):
            collected = await export(office, None, subject_id, practice=settings.clinic_name, zone=zone)
            made = archive_of(
                collected, templates=templates_of(FRONTEND), frontend=FRONTEND, zone=zone, now=office.clock()
            )
            opened.write(made)
        return file

    file = run(data, act)
    words = f"{file} holds everything in clear. Hand it to the person, then delete it here."
    _say({"file": str(file)}, [words], as_json)


@app.command("erase")
def erase_person(
    person_id: PersonId,
    certificate: Annotated[
        Path | None,
        typer.Option(help="Write the signed certificate into this file, too.", show_default=False),
    ] = None,
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Destroy a person's keys for ever, but for what a legal hold keeps. Answers with the certificate."""
    subject_id = id_from(person_id)
    if not yes:
        typer.confirm(f"Erase {person_id} for ever?", abort=True, err=True)

    async def act(desk: Desk) -> Erased:
        with ExitStack() as stack:
            file = (
                certificate
                if certificate is None
                else stack.enter_context(_new_file(certificate, "--certificate"))
            )
            with Steps().step("Erasing"):
                done = await acts.erase(desk.registry, None, subject_id)
            if file is not None:
                file.write(done.note.encode())
        return done

    _certify(run(data, act), as_json)


@app.command("hold")
def hold_person(
    person_id: PersonId,
    cls: Annotated[Class, typer.Option("--class", help="Which records are kept.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Why; the person can read it.", show_default=False)],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Keep one class of a person's records from being erased or outliving its time (a legal hold)."""
    subject_id = id_from(person_id)

    async def act(desk: Desk) -> bytes:
        return await holding.hold(desk.registry.office, None, subject_id, cls=cls, reason=reason)

    hold_id = run(data, act).hex()
    _say({"hold": hold_id}, [f"Held: {hold_id}. End it with: telehealth person release {hold_id}"], as_json)


@app.command("holds")
def list_holds(person_id: PersonId, data: Data = None, as_json: AsJson = False) -> None:
    """Show the legal holds on a person's records. It opens the reasons, which goes on record."""
    subject_id = id_from(person_id)

    async def act(desk: Desk) -> list[dict[str, Any]]:
        return [
            {
                "hold": each.id.hex(),
                "class": each.cls,
                "reason": each.reason,
                "since": stamp(each.set_at),
                "released": None if each.lifted_at is None else stamp(each.lifted_at),
            }
            for each in await listing.holds(desk.registry.office, subject_id)
        ]

    found = run(data, act)
    lines = [
        f"{h['hold']}  {h['class']:14}  {h['since']}  {h['released'] or 'stands'}  {h['reason']}"
        for h in found
    ]
    _say(found, lines or ["There are none."], as_json)


@app.command("release")
def release_hold(
    hold_id: Annotated[
        str, typer.Argument(metavar="HOLD", help="The id of the hold: telehealth person holds ID.")
    ],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """End a legal hold. What it alone kept of somebody who was erased before is destroyed at once."""
    wanted = id_from(hold_id)

    async def act(desk: Desk) -> Released:
        return await holding.release(desk.registry, None, wanted)

    done = run(data, act)
    if done.erased is not None:
        _certify(done.erased, as_json)
        return
    _say({"hold": hold_id, "erased": None}, ["The hold is released. Nothing was waiting for it."], as_json)


@app.command("replay")
def replay_tombstones(data: Data = None, as_json: AsJson = False) -> None:
    """After a restore: erase once more whoever was erased since the backup. The service does it at its start, too."""

    async def act(desk: Desk) -> list[bytes]:
        with Steps().step("Replaying the tombstones"):
            return await replaying.replay(desk.registry)

    again = run(data, act)
    _say(
        {"erased_again": [id_.hex() for id_ in again]},
        [f"Erased once more: {len(again)}." if again else "Nobody had to be erased again."],
        as_json,
    )


def _certify(done: Erased, as_json: bool) -> None:
    _say(done.certificate.plain() | {"note": done.note}, in_words(done.certificate), as_json)


@contextmanager
def _new_file(file: Path, option: str) -> Iterator[IO[bytes]]:
    """A new file that its owner alone can read, opened before anything is done that cannot be done twice.

    One that is there is never written over, and none is left where what should be in it could not be had.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError as error:
        raise Wrong(f"{file} is there already and was left alone. Name another file: {option}") from error
    except OSError as error:
        raise Wrong(
            f"{file} cannot be written: {error.strerror}. Nothing was done. Name another file: {option}"
        ) from error
    with os.fdopen(descriptor, "wb") as opened:
        try:
            yield opened
        except BaseException:
            file.unlink()
            raise


def _say(value: object, words: list[str], as_json: bool) -> None:
    typer.echo(json.dumps(value) if as_json else "\n".join(words))

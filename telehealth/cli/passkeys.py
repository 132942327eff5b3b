"""`telehealth passkey-code`: the first administrator's way to a passkey, and everybody's when none is left."""

import asyncio
import json
import re
from datetime import datetime
from typing import Annotated

import typer

from telehealth.cli.configured import WRONG_SETTING, Data, settings_of
from telehealth.cli.failure import must_be_current, plainly
from telehealth.office import build_office
from telehealth.passkeys import vouching
from telehealth.settings import Settings

app = typer.Typer(add_completion=False)
ID = re.compile(r"[0-9a-f]{32}")


@app.command()
def passkey_code(
    person: Annotated[
        str, typer.Argument(metavar="ID", help="The member of staff's id: telehealth person list.")
    ],
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one JSON object.")] = False,
) -> None:
    """Make a code with which a member of staff adds a passkey. It works once, for a day; earlier ones end now."""
    if not ID.fullmatch(person):
        typer.echo(
            f"{person} is no id: an id is 32 digits and letters from a to f, as telehealth person list shows it.",
            err=True,
        )
        raise typer.Exit(WRONG_SETTING)
    settings = settings_of(data)
    with plainly():
        code, until = asyncio.run(_made(settings, bytes.fromhex(person)))
    if as_json:
        typer.echo(json.dumps({"code": code, "until": until.isoformat(timespec="seconds")}))
    else:
        typer.echo(f"{code}\nIt works once, until {until:%Y-%m-%d %H:%M} UTC. Hand it over in person.")


async def _made(settings: Settings, person_id: bytes) -> tuple[str, datetime]:
    office = build_office(settings, by_operator=True)
    try:
        await must_be_current(office.database)
        return await vouching.make_code(office, None, person_id)
    finally:
        await office.database.close()

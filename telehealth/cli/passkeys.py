"""`telehealth passkey-code`: the first administrator's way to a passkey, and everybody's when none is left."""

import asyncio
import json
import re
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from telehealth.app import build_office
from telehealth.cli.configured import WRONG_SETTING, Data, settings_of
from telehealth.errors import NotFound, Unavailable
from telehealth.passkeys import vouching
from telehealth.settings import Settings

ID = re.compile(r"[0-9a-f]{32}")


def passkey_code(
    person: Annotated[str, typer.Argument(metavar="ID", help="The member of staff: 32 hex digits.")],
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one JSON object.")] = False,
) -> None:
    """Make a code with which a member of staff adds a passkey. It works once, for a day; earlier ones end now."""
    if not ID.fullmatch(person):
        typer.echo(f"{person} is no id: an id has 32 hex digits.", err=True)
        raise typer.Exit(WRONG_SETTING)
    settings = settings_of(data)
    try:
        code, until = asyncio.run(_made(settings, bytes.fromhex(person)))
    except (NotFound, Unavailable) as error:
        typer.echo(error.sentence, err=True)
        raise typer.Exit(1) from error
    except (SQLAlchemyError, OSError) as error:
        typer.echo(f"The database could not be used, and nothing was changed: {error}", err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps({"code": code, "until": until.isoformat(timespec="seconds")}))
    else:
        typer.echo(f"{code}\nIt works once, until {until:%Y-%m-%d %H:%M} UTC. Hand it over in person.")


async def _made(settings: Settings, person_id: bytes) -> tuple[str, datetime]:
    office = build_office(settings)
    try:
        return await vouching.make_code(office, None, person_id)
    finally:
        await office.database.close()

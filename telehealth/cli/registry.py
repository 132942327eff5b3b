"""The office and the registry of a command: opened, checked, closed, and every refusal as a sentence."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import typer
from sqlalchemy.exc import SQLAlchemyError

from telehealth.app import build_office, build_registry
from telehealth.cli.configured import Data, settings_of
from telehealth.crypto.framing import ID_BYTES
from telehealth.db import schema
from telehealth.errors import Refusal
from telehealth.privacy.acts import Registry
from telehealth.privacy.tombstones import BadTombstones
from telehealth.settings import Settings

T = TypeVar("T")


class Wrong(Exception):
    """The command cannot go on; the message is what the operator needs to know."""


@dataclass(frozen=True)
class Desk:
    """What a command about people works with."""

    settings: Settings
    registry: Registry


def run(data: Data, act: Callable[[Desk], Awaitable[T]]) -> T:
    """Do it, or say in a sentence why not and stop with exit code 1."""
    settings = settings_of(data)
    try:
        return asyncio.run(_with_desk(settings, act))
    except (Wrong, BadTombstones) as error:
        typer.echo(str(error), err=True)
    except Refusal as error:
        typer.echo(f"{error.sentence} ({error.code})", err=True)
    except (SQLAlchemyError, OSError) as error:
        typer.echo(f"The database or a file did not answer; what was done before stands: {error}", err=True)
    raise typer.Exit(1)


async def _with_desk(settings: Settings, act: Callable[[Desk], Awaitable[T]]) -> T:
    office = build_office(settings)
    try:
        if not await schema.is_current(office.database):
            raise Wrong("The database is not at the newest schema. Run: telehealth migrate")
        async with office.database.reading() as connection:
            wrong = await office.ring.complaints(connection, office.clock())
        if wrong:
            raise Wrong("\n".join([*wrong, "Nothing was changed."]))
        return await act(Desk(settings, build_registry(settings, office)))
    finally:
        await office.database.close()


def id_from(text: str) -> bytes:
    """An id of 32 hexadecimal digits; a wrong one is a wrong command line (exit code 2)."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != ID_BYTES:
        raise typer.BadParameter("an id is 32 digits and letters from a to f: telehealth person list")
    return found

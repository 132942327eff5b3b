"""The office and the registry of a command: opened, checked, closed, and every refusal as a sentence."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import typer

from telehealth.cli.configured import Data, settings_of
from telehealth.cli.failure import Wrong, must_be_current, plainly
from telehealth.crypto.framing import ID_BYTES
from telehealth.db.scrubbing import UNSCRUBBED, is_due
from telehealth.office import build_office, build_registry
from telehealth.privacy.acts import Registry
from telehealth.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True)
class Desk:
    """What a command about people works with."""

    settings: Settings
    registry: Registry


def run(data: Data, act: Callable[[Desk], Awaitable[T]]) -> T:
    """Do it, or say in a sentence why not and stop with exit code 1."""
    settings = settings_of(data)
    with plainly():
        return asyncio.run(with_desk(settings, act))


async def with_desk(settings: Settings, act: Callable[[Desk], Awaitable[T]]) -> T:
    """The same inside an event loop, without the sentence: Wrong, and what `plainly` knows."""
    office = build_office(settings, by_operator=True)
    try:
        await must_be_current(office.database)
        async with office.database.reading() as connection:
            wrong = await office.ring.complaints(connection, office.clock())
        if wrong:
            raise Wrong("\n".join([*wrong, "Nothing was changed."]))
        try:
            return await act(Desk(settings, build_registry(settings, office)))
        finally:
            if is_due(office.database):
                typer.echo(UNSCRUBBED, err=True)
    finally:
        await office.database.close()


def id_from(text: str) -> bytes:
    """An id of 32 hexadecimal digits; a wrong one is a wrong command line (exit code 2)."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != ID_BYTES:
        raise typer.BadParameter(
            "an id is 32 digits and letters from a to f, as telehealth person list shows it"
        )
    return found

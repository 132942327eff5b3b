"""What stopped a command, in a sentence for whoever typed it, with exit code 1; never a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from telehealth.crypto.aead import CannotOpen
from telehealth.crypto.kek import KekUnavailable
from telehealth.db import schema
from telehealth.db.engine import Database
from telehealth.errors import Refusal
from telehealth.privacy.tombstones import BadTombstones
from telehealth.settings import BadSetting

FAILED = 1
NOT_CURRENT = {
    "empty": "Nothing is in this database yet. See that DATABASE_URL is right, or begin a new clinic. "
    "Run: telehealth migrate",
    "older": "The database is not at the newest schema. Run: telehealth migrate",
    "newer": "A newer version of this program has changed the database. Install that version, or restore a backup "
    "from before.",
}


class Wrong(Exception):
    """The command cannot go on; the message is what the operator needs to know."""


@contextmanager
def plainly() -> Iterator[None]:
    """Whatever can stop a command is said on standard error; a bug is not, and keeps its traceback."""
    try:
        yield
    except BrokenPipeError:
        raise  # the reader of our lines has seen enough
    except Exception as error:
        sentence = sentence_of(error)
        if sentence is None:
            raise
        typer.echo(sentence, err=True)
        raise typer.Exit(FAILED) from error


def sentence_of(error: Exception) -> str | None:
    """What happened and what to do; None for what nobody foresaw."""
    if isinstance(error, Wrong | KekUnavailable | BadTombstones | BadSetting):
        return str(error)
    if isinstance(error, Refusal):
        return f"{error.sentence} ({error.code})"
    if isinstance(error, CannotOpen):
        return (
            "Something sealed did not open, and the command stopped there. What it is: telehealth keys verify"
        )
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename} cannot be used: {error.strerror}."
    if isinstance(error, SQLAlchemyError | OSError):
        return (
            f"The database did not answer as it should: {reason_of(error)}. Nothing half done was kept. "
            "DATABASE_URL says where it is."
        )
    return None


def reason_of(error: SQLAlchemyError | OSError) -> str:
    """The database's own words in one line, without statement, values or address."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        words = str(error.orig).rpartition(">: ")[2]  # the adapter writes the class of its error before it
    elif isinstance(error, OSError):
        words = error.strerror or str(error) or "no answer in time"
    else:
        words = str(error)
    return words.partition("\n")[0].rstrip(".")


async def must_be_current(database: Database) -> None:
    """Wrong unless every migration has run; nothing is made where there is no database."""
    found = await schema.standing(database)
    if found != "current":
        raise Wrong(NOT_CURRENT[found])

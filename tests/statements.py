"""What is sent to the database while something is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from telehealth.db.engine import Database

FRAME = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


@contextmanager
def sent_to(database: Database) -> Iterator[list[str]]:
    """The statements sent while this is open, but for those that begin and end something."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(FRAME):
            sent.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)

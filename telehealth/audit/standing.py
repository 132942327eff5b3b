"""Whether the record stands where nobody can quietly change it: asked at the start, said in the log."""

import logging
import os
from pathlib import Path

from sqlalchemy import text

from telehealth.audit.models import PRIVILEGES
from telehealth.audit.resuming import parted_at
from telehealth.db.engine import Database

_log = logging.getLogger(__name__)
SAME_VOLUME = (
    "The checkpoints of the record are on the same volume as the database, so that whoever loses or rewrites one has "
    "both. Put CHECKPOINT_FILE on another volume."
)
PARTED = (
    "Entry {seq} of the record was signed, and is gone or another one now. If a backup was restored, run: telehealth "
    "audit resume. If not, somebody changed the record: docs/record.md."
)
MAY_CHANGE = (
    "The role that serves may change {tables}. Let another role own the tables, and run: telehealth migrate --grant "
    "with the name of the one that serves."
)


async def warn(database: Database, checkpoints: Path) -> None:
    """Say in the log what should be otherwise."""
    for sentence in await warnings(database, checkpoints):
        _log.warning("%s", sentence)


async def warnings(database: Database, checkpoints: Path) -> list[str]:
    """What should be otherwise, a sentence each."""
    found = [SAME_VOLUME] if is_beside(database, checkpoints) else []
    parted = await parted_at(database, checkpoints)
    found += [] if parted is None else [PARTED.format(seq=parted)]
    open_tables = await _changeable(database)
    return found + ([MAY_CHANGE.format(tables=" and ".join(open_tables))] if open_tables else [])


def is_beside(database: Database, checkpoints: Path) -> bool:
    """Whether both are on one volume of this computer; where a database server keeps its files is not known here."""
    if database.dialect == "sqlite":
        file = database.engine.url.database
        return file is not None and _volume(Path(file)) == _volume(checkpoints)
    return False


async def _changeable(database: Database) -> list[str]:
    """The append-only tables in which this connection's role may change or delete."""
    if database.dialect != "postgresql":
        return []
    may = text("SELECT has_table_privilege(:table, 'UPDATE, DELETE, TRUNCATE')")
    async with database.reading() as connection:
        return [
            table
            for table, privileges in PRIVILEGES.items()
            if "DELETE" not in privileges and (await connection.execute(may, {"table": table})).scalar_one()
        ]


def _volume(file: Path) -> int:
    """The device a file is on, or the one it will be on."""
    for place in (file, *file.absolute().parents):
        try:
            return os.stat(place).st_dev
        except OSError:
            continue
    raise FileNotFoundError(file)

"""Databases with the named people in them: made once, since making them is most of what many tests would wait for."""

import asyncio
import random
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.db.engine import Database
from telehealth.keys.keyring import Keyring
from telehealth.office import SUBJECT_FINDERS
from tests.clock import FakeClock
from tests.people import make_clinic

SEED = 20261122  # no id of a test's own is one of these


class FurnishedDatabase(Database):
    """One in which the clinic is already, sealed under the keys of a folder."""

    def __init__(self, url: str, keks: Path) -> None:
        super().__init__(url)
        self.keks = keks


@dataclass(frozen=True)
class Furnished:
    """A template: a file of SQLite, or the name of a database of PostgreSQL."""

    template: str
    keks: Path

    def opened(self, url: str) -> Database:
        """A copy of it."""
        return FurnishedDatabase(url, self.keks)


def furnish(url: str, template: str, folder: Path) -> Furnished:
    """Put the clinic into the database at `url`."""
    folder.mkdir(exist_ok=True)
    asyncio.run(_fill(url, folder))
    if url.startswith("sqlite"):
        with sqlite3.connect(template) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    return Furnished(template, folder / "keks")


async def _fill(url: str, folder: Path) -> None:
    database = Database(url)
    try:
        await make_clinic(new_office(database, folder, FakeClock(), seed=SEED))
    finally:
        await database.close()


def new_office(database: Database, folder: Path, clock: FakeClock, *, seed: int = 20261123) -> Office:
    """An office with real keys, in a folder of that folder, and chance that repeats itself."""
    keys = folder / "keks"
    keks = FileKeks(keys)
    if isinstance(database, FurnishedDatabase):
        shutil.copytree(database.keks, keys)
    else:
        keys.mkdir()
        keks.create(clock())
    chance = random.Random(seed).randbytes
    ring = Keyring(keks, clinic="test-clinic", index_root=bytes(range(32)), chance=chance)
    return Office(
        database,
        ring,
        clock=clock,
        chance=chance,
        pseudonym_key=bytes(range(32, 64)),
        subject_finders=SUBJECT_FINDERS,
    )

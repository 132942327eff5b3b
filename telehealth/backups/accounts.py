"""The accounts at the identity provider that comes with the service: its SQLite file, whole, in an archive of its own.

Inside is the file itself, so that `age -d` makes it without this program. Nothing of it is written in clear but where
it belongs.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from pyrage.x25519 import Identity, Recipient

from telehealth.backups.archive import BadArchive
from telehealth.backups.note import BadBackup
from telehealth.backups.rules import UNFINISHED
from telehealth.backups.sealing import OWNER_ONLY, opened, sealed

WAITS_SECONDS = 15
IN_MEMORY = ":memory:"
NO_LOG = b"\x01\x01"  # sqlite.org/fileformat2.html, section 1.3.3: opened without a write-ahead log beside it
MISSING = (
    "{file} cannot be read: {error}. IDENTITY_DATABASE names the accounts of the identity provider; where the practice "
    "has another provider, leave it out. No backup was made."
)
THERE = "{file} is there already, and was left as it is. Stop the identity provider and move it away first."


def content_of(file: Path) -> bytes:
    """The provider's database as it is now, whole and of one moment, whoever writes meanwhile. BadBackup."""
    try:
        with (
            closing(
                sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", WAITS_SECONDS, uri=True)
            ) as source,
            closing(sqlite3.connect(IN_MEMORY)) as copy,
        ):
            source.backup(copy)
            image = copy.serialize()
        content = image[:18] + NO_LOG + image[20:]
        count_in(content)
    except (sqlite3.Error, BadArchive) as error:
        raise BadBackup(MISSING.format(file=file, error=error)) from error
    return content


def count_in(content: bytes) -> int:
    """How many accounts there are. BadArchive when this is no whole database of accounts."""
    if not content:
        raise BadArchive("it is empty")
    try:
        with closing(sqlite3.connect(IN_MEMORY)) as c:
            c.deserialize(content)
            (sound,) = c.execute("PRAGMA integrity_check").fetchone()
            if sound != "ok":
                raise BadArchive(f"its database is damaged: {sound}")
            return int(c.execute('SELECT count(*) FROM "user"').fetchone()[0])
    except sqlite3.Error as error:
        raise BadArchive(f"it holds no accounts: {error}") from error


def write(archive: Path, recipients: Sequence[Recipient], content: bytes) -> None:
    """Seal it into a new file. OSError."""
    with sealed(archive, recipients) as out:
        out.write(content)


def read(archive: Path, identities: Sequence[Identity]) -> bytes:
    """What was sealed, whole. BadArchive, OSError."""
    with opened(archive, identities) as source:
        content = source.read()
    count_in(content)
    return content


def must_be_free(file: Path) -> None:
    """BadBackup where accounts are there already."""
    if file.exists():
        raise BadBackup(THERE.format(file=file))


def put_back(file: Path, content: bytes) -> None:
    """Make the provider's file, its owner's alone; it is there whole or not at all. BadBackup, OSError."""
    must_be_free(file)
    unfinished = file.with_name(file.name + UNFINISHED)
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    unfinished.rename(file)

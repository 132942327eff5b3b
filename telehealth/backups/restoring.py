"""Putting a backup back: into an empty database, all of it or nothing."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyrage.x25519 import Identity
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.backups import accounts, rules
from telehealth.backups.archive import BadArchive, Header, Reader
from telehealth.backups.making import Tell
from telehealth.backups.note import BadBackup, Made
from telehealth.backups.rules import Kind
from telehealth.backups.sealing import opened
from telehealth.backups.shelf import Shelf
from telehealth.backups.tables import has_rows, names_of, put, revision_of, tables_of
from telehealth.db import schema
from telehealth.db.engine import Database

NOT_EMPTY = (
    "The database is not empty: there are rows in {table}. Nothing was changed. Restore into a new database, and set "
    "DATABASE_URL to it."
)
NEWER = "{name} was made by a newer version of this program. Install that version. Nothing was changed."
NOT_WITH = (
    "The keys of {keys} are older than the data of {data}, so what was written in between could not be opened. Choose "
    "keys of the same backup or of a later one. Nothing was changed."
)
OTHER_SCHEMA = (
    "The database is empty, but its tables are not those that the backup had. Nothing was changed. Restore into a new "
    "database without any."
)
ENDED = ("sessions", "tickets")
Check = Callable[[AsyncConnection], Awaitable[Sequence[str]]]


@dataclass(frozen=True)
class Source:
    """What is put back: the data of one backup, and the keys of the same or of a later one; `identities` open them."""

    shelf: Shelf
    data: Made
    keys: Made
    identities: Sequence[Identity] = field(repr=False)

    @property
    def has_accounts(self) -> bool:
        """Whether it has those at the provider that comes with the service; they are those of `keys`."""
        return "accounts" in self.keys.files

    def accounts(self) -> bytes:
        """The provider's database. BadBackup."""
        file = self.shelf.file(self.keys.name, "accounts")
        self.shelf.must_be_whole(self.keys, "accounts")
        try:
            return accounts.read(file, self.identities)
        except BadArchive as error:
            raise BadBackup(f"{file} cannot be restored: {error}. Nothing was restored.") from error

    def of(self, kind: Kind) -> Made:
        """The backup whose archive of that kind is put back."""
        return self.data if kind == "data" else self.keys

    def file(self, kind: Kind) -> Path:
        """That archive."""
        return self.shelf.file(self.of(kind).name, kind)

    def must_fit(self) -> None:
        """Hold both against their notes, one another and this program. Raises BadBackup."""
        if not rules.may_go_with(self.keys.taken_at, self.data.taken_at):
            raise BadBackup(NOT_WITH.format(keys=self.keys.name, data=self.data.name))
        for kind in rules.KINDS:
            if not schema.knows(self.of(kind).revision):
                raise BadBackup(NEWER.format(name=self.of(kind).name))
            self.shelf.must_be_whole(self.of(kind), kind)


async def restore(url: str, source: Source, check: Check, tell: Tell) -> int:
    """How many rows were put back. `check` is asked before anything is kept, and says what is wrong in sentences.

    The archive may be of an older schema: the database gets that one first, and the newest at the end. `tell` hears
    (rows put back, rows there are). Raises BadBackup, and nothing is kept.
    """
    source.must_fit()
    database = Database(url, references=False)
    try:
        async with database.transaction() as c:
            await _must_be_empty(c, source.data.revision)
            count, at, tables = 0, "", list[Table]()
            for kind in rules.KINDS:  # keys of a later backup may be of a later schema
                if source.of(kind).revision != at:
                    at = source.of(kind).revision
                    await c.run_sync(schema.upgrade_within, at)
                    tables = await tables_of(c)
                count = await _load(c, source, kind, tables, tell, count)
            await _end_sessions(c, tables)
            await c.run_sync(schema.upgrade_within)
            wrong = await check(c)
            if wrong:
                raise BadBackup("\n".join([*wrong, "Nothing was restored."]))
            return count
    finally:
        await database.close()


async def end_sessions(database: Database) -> None:
    """In a database that went back by other means."""
    async with database.transaction() as c:
        await _end_sessions(c, await tables_of(c))


async def _must_be_empty(c: AsyncConnection, revision: str) -> None:
    """No row anywhere; tables may be there where they are those that the archive had."""
    names = await names_of(c)
    for name in names:
        if await has_rows(c, name):
            raise BadBackup(NOT_EMPTY.format(table=name))
    if names and await revision_of(c) != revision:
        raise BadBackup(OTHER_SCHEMA)


async def _load(
    c: AsyncConnection, source: Source, kind: Kind, tables: Sequence[Table], tell: Tell, done: int
) -> int:
    by_name = {table.name: table for table in tables}
    try:
        with opened(source.file(kind), source.identities) as stream:
            reader = Reader(stream)
            _must_be(reader.header, kind, source, by_name)
            for part, rows in reader.rows():
                await put(c, by_name[part.name], part.columns, rows)
                done += len(rows)
                tell(done, max(source.data.rows, done))
    except BadArchive as error:
        raise BadBackup(f"{source.file(kind)} cannot be restored: {error}. Nothing was restored.") from error
    return done


async def _end_sessions(c: AsyncConnection, tables: Sequence[Table]) -> None:
    """Whoever was signed in then may have lost the right to be since; they sign in again."""
    for table in tables:
        if table.name in ENDED:
            await c.execute(table.delete())


def _must_be(header: Header, kind: Kind, source: Source, tables: dict[str, Table]) -> None:
    if (header.kind, header.name, header.clinic) != (kind, source.of(kind).name, source.shelf.clinic):
        raise BadArchive("it is not the archive that its name says")
    for part in header.parts:
        if part.name not in tables or not set(part.columns) <= set(tables[part.name].c.keys()):
            raise BadArchive(f"this schema has no such table or column as in its {part.name}")

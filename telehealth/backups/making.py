"""Making a backup: its archives from one state of the database, read again to the last row before it counts as one."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from pyrage.x25519 import Identity, Recipient
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.reading import last_seq
from telehealth.backups import accounts, rules
from telehealth.backups.archive import BATCH, FORMAT, BadArchive, Header, Part, Reader, Writer
from telehealth.backups.note import BadBackup, Made
from telehealth.backups.rules import Archive, Kind
from telehealth.backups.sealing import digest_of, new_identity, opened, sealed
from telehealth.backups.shelf import Shelf
from telehealth.backups.tables import columns_of, count_of, of_kind, revision_of, tables_of
from telehealth.db.alone import alone
from telehealth.db.engine import Database

Tell = Callable[[int, int], None]
LOCK = "backup"
NOT_READ = "{file} cannot be read again: {error}. No backup was made."


async def make(
    database: Database,
    shelf: Shelf,
    recipients: Sequence[Recipient],
    now: datetime,
    tell: Tell,
    provider: Path | None = None,
) -> Made:
    """One backup on the shelf, for these recipients. `tell` hears (rows written and read again, twice as many as there
    are). `provider` is the database of the provider's accounts, to be taken along.

    BadBackup when another one is under way, or what was written cannot be read; OSError."""
    async with alone(database.engine, LOCK) as mine:
        if not mine:
            raise BadBackup("Another backup is under way. Nothing was done.")
        shelf.clear()
        with _nothing_left(shelf):
            return await _make(database, shelf, recipients, now, tell, provider)


@contextmanager
def _nothing_left(shelf: Shelf) -> Iterator[None]:
    """Of one that failed; a disk that is full is so no longer. What is killed leaves the removal to the next one."""
    try:
        yield
    except Exception:
        shelf.clear()
        raise


async def _make(
    database: Database,
    shelf: Shelf,
    recipients: Sequence[Recipient],
    now: datetime,
    tell: Tell,
    provider: Path | None,
) -> Made:
    began = time.monotonic()
    # Nobody keeps this one: it shows that what was written can be opened, which a recipient alone cannot.
    witness = new_identity()
    everybody = [*recipients, witness.to_public()]
    headers, entries = await _write(database, shelf, everybody, now, tell)
    await asyncio.to_thread(_read_again, shelf, headers, witness, tell)
    name, archives = headers["data"].name, list[Archive](rules.KINDS)
    if provider is not None:  # after the data, so that nobody whom these know is missing there
        await asyncio.to_thread(
            _take_accounts, provider, shelf.unfinished(name, "accounts"), everybody, witness
        )
        archives.append("accounts")
    made = Made(
        name=name,
        taken_at=now,
        revision=headers["data"].revision,
        entries=entries,
        rows=sum(header.rows for header in headers.values()),
        seconds=round(time.monotonic() - began, 1),
        files={each: _facts(shelf.unfinished(name, each)) for each in archives},
    )
    shelf.put(made)
    return made


async def _write(
    database: Database, shelf: Shelf, recipients: Sequence[Recipient], now: datetime, tell: Tell
) -> tuple[dict[Kind, Header], int]:
    """Both archives, and how many entries the record had."""
    async with database.reading() as c:
        tables = await tables_of(c)
        headers = {
            kind: await _header(c, shelf, kind, rules.name_at(now), of_kind(tables, kind))
            for kind in rules.KINDS
        }
        total, done = 2 * sum(header.rows for header in headers.values()), 0
        for kind, header in headers.items():
            with sealed(shelf.unfinished(header.name, kind), recipients) as out:
                done = await _dump(c, out, header, of_kind(tables, kind), lambda at: tell(at, total), done)
        return headers, await last_seq(c)


async def _header(c: AsyncConnection, shelf: Shelf, kind: Kind, name: str, tables: list[Table]) -> Header:
    parts = [Part(str(each.name), columns_of(each), await count_of(c, each)) for each in tables]
    return Header(FORMAT, kind, name, shelf.clinic, await revision_of(c) or "", parts)


async def _dump(
    c: AsyncConnection,
    out: IO[bytes],
    header: Header,
    tables: list[Table],
    tell: Callable[[int], None],
    done: int,
) -> int:
    writer = Writer(out, header)
    for number, table in enumerate(tables):
        async with c.stream(select(table).execution_options(yield_per=BATCH)) as found:
            async for rows in found.partitions():
                writer.rows(number, [tuple(row) for row in rows])
                done += len(rows)
                tell(done)
    return done


def _read_again(shelf: Shelf, headers: dict[Kind, Header], witness: Identity, tell: Tell) -> None:
    """From the disk, to the last row: a backup that cannot be read is none."""
    done = sum(header.rows for header in headers.values())
    total = 2 * done
    for kind, header in headers.items():
        file = shelf.unfinished(header.name, kind)
        try:
            with opened(file, [witness]) as source:
                reader = Reader(source)
                if reader.header != header:
                    raise BadArchive("it begins with something else")
                for _, rows in reader.rows():
                    done += len(rows)
                    tell(done, total)
        except BadArchive as error:
            raise BadBackup(NOT_READ.format(file=file, error=error)) from error


def _take_accounts(provider: Path, archive: Path, recipients: Sequence[Recipient], witness: Identity) -> None:
    content = accounts.content_of(provider)
    accounts.write(archive, recipients, content)
    try:
        if accounts.read(archive, [witness]) != content:
            raise BadArchive("it holds something else")
    except BadArchive as error:
        raise BadBackup(NOT_READ.format(file=archive, error=error)) from error


def _facts(file: Path) -> tuple[int, str]:
    return file.stat().st_size, digest_of(file).hex()

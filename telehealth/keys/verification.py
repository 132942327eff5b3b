"""Whether every key and every sealed field opens: what is found wrong is named by id, never by content."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Table, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.aead import CannotOpen
from telehealth.crypto.index import NotIndexable
from telehealth.db.engine import Database
from telehealth.errors import Unavailable
from telehealth.keys import store
from telehealth.keys.fields import SealedTable
from telehealth.keys.indexes import BlindIndex, complaints, versions_of
from telehealth.keys.keyring import Keyring
from telehealth.keys.models import erasures, keks, record_keys, subject_keys
from telehealth.keys.opener import Opener
from telehealth.keys.record_key import RecordKey
from telehealth.keys.store import IndexVersions, Kek, SubjectKey

PAGE = 500
REMEDY = "Run: telehealth keys verify --repair"
MOST = 100  # findings that are told one by one


@dataclass
class Report:
    """How much was looked at, and what did not open. `keyless`: sealed values whose keys were destroyed; one of
    somebody who was never erased is among the findings. `erased`: how many people were. `repaired`: how many index
    entries were written anew before this look."""

    subject_keys: int = 0
    record_keys: int = 0
    values: int = 0
    tags: int = 0
    keyless: int = 0
    erased: int = 0
    repaired: int = 0
    wrong: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Nothing is wrong, and what has no key belongs to somebody who was erased."""
        return self.wrong == 0

    def add(self, sentence: str) -> None:
        """Something is wrong."""
        self.wrong += 1
        if len(self.findings) < MOST:
            self.findings.append(sentence)


@dataclass
class _Look:
    """One look at everything, in one consistent state of the database."""

    c: AsyncConnection
    ring: Keyring
    report: Report
    advanced: Callable[[int], None]
    versions: dict[str, IndexVersions]
    erased: set[bytes]


async def verify(
    database: Database,
    ring: Keyring,
    tables: Sequence[SealedTable],
    indexes: Sequence[BlindIndex],
    progress: Callable[[int, int], None],
) -> Report:
    """Open every wrapped key and every sealed field, and compare every index entry with its value; change nothing."""
    report = Report()
    async with database.reading() as c:
        total = await _total(c, tables)
        done = 0

        def advanced(count: int) -> None:
            nonlocal done
            done += count
            progress(done, total)

        versions = {index.name: await versions_of(c, ring, index) for index in indexes}
        erased = set((await c.execute(select(erasures.c.subject_id))).scalars())
        look = _Look(c, ring, report, advanced, versions, erased)
        for sentence in await complaints(c, ring, indexes):
            report.add(sentence)
        report.erased = len(erased)
        await _subject_keys(look)
        await _record_keys(look)
        for sealed in tables:
            mine = [
                index for index in indexes if index.rows is sealed.table and index.source in sealed.fields
            ]
            await _fields(look, sealed, mine)
    return report


async def _total(c: AsyncConnection, tables: Sequence[SealedTable]) -> int:
    everything = [subject_keys, record_keys, *(sealed.table for sealed in tables)]
    return sum([await _count(c, table) for table in everything])


async def _count(c: AsyncConnection, table: Table) -> int:
    return int((await c.execute(select(func.count()).select_from(table))).scalar_one())


async def _pages(look: _Look, table: Table) -> Any:
    """The rows of a table in the order of its primary key, a page at a time."""
    keys = list(table.primary_key)
    after: tuple[Any, ...] | None = None
    while True:
        query = select(table).order_by(*keys).limit(PAGE)
        if after is not None:
            query = query.where(tuple_(*keys) > tuple_(*after))
        rows = (await look.c.execute(query)).all()
        if not rows:
            return
        yield rows
        look.advanced(len(rows))
        after = tuple(rows[-1]._mapping[column.key] for column in keys)


async def _subject_keys(look: _Look) -> None:
    epochs = {
        row.number: Kek(row.number, row.kek_id, row.state) for row in await look.c.execute(select(keks))
    }
    async for rows in _pages(look, subject_keys):
        opener = Opener(look.ring)
        for row in rows:
            look.report.subject_keys += 1
            key = SubjectKey(row.subject_id, row.cls, row.version, row.wrapped, epochs[row.kek])
            try:
                await opener.subject(key)
            except (CannotOpen, Unavailable):
                kek = epochs[row.kek]
                look.report.add(
                    f"The {row.cls} key of person {row.subject_id.hex()} does not open with {kek.kek_id} ({kek.state})."
                )


async def _record_keys(look: _Look) -> None:
    async for rows in _pages(look, record_keys):
        look.report.record_keys += len(rows)
        ids = list(dict.fromkeys(row.record_id for row in rows))
        wanted = {(row.record_id, row.version, row.subject_id) for row in rows}
        opener = Opener(look.ring)
        for found in await store.wraps_of(look.c, ids):
            name = (found.record_id, found.version, found.subject.subject_id)
            if name not in wanted:
                continue
            wanted.discard(name)
            try:
                await opener.unwrapped(found)
            except (CannotOpen, Unavailable):
                look.report.add(
                    f"The key of record {name[0].hex()} does not open with the key of person {name[2].hex()}."
                )
        for record_id, version, _ in wanted:
            look.report.add(
                f"Version {version} of the key of record {record_id.hex()} hangs on a destroyed epoch."
            )


async def _fields(look: _Look, sealed: SealedTable, indexes: Sequence[BlindIndex]) -> None:
    async for rows in _pages(look, sealed.table):
        keys = await _keys_of(look, [row._mapping[sealed.record.key] for row in rows])
        for row in rows:
            opened = _opened(look, sealed, row, keys.get(row._mapping[sealed.record.key]))
            for index in indexes:
                _compare(look, index, row, opened.get(index.source))


async def _keys_of(look: _Look, ids: Sequence[bytes]) -> dict[bytes, RecordKey]:
    """The keys of these records; when one cannot be opened each is tried by itself, so that the others still are."""
    try:
        return await look.ring.records(look.c, ids)
    except (CannotOpen, Unavailable):
        found: dict[bytes, RecordKey] = {}
        for record_id in dict.fromkeys(ids):
            try:
                found |= await look.ring.records(look.c, [record_id])
            except (CannotOpen, Unavailable):
                continue
        return found


def _opened(look: _Look, sealed: SealedTable, row: Row[Any], key: RecordKey | None) -> dict[str, str]:
    report, opened = look.report, dict[str, str]()
    for column in sealed.fields:
        value = row._mapping[column]
        if value is None:
            continue
        report.values += 1
        if key is None:
            report.keyless += 1
            if row._mapping[sealed.person.key] not in look.erased:
                record_id = row._mapping[sealed.record.key].hex()
                report.add(
                    f"{sealed.table.name}.{column} of record {record_id} has no key, and nobody was erased."
                )
            continue
        try:
            name = sealed.name_of(column, row)
            opened[column] = key.open(sealed.table.name, name, sealed.revision_of(row), value)
        except (CannotOpen, UnicodeDecodeError):
            report.add(f"{sealed.table.name}.{column} of record {key.record_id.hex()} does not open.")
    return opened


def _compare(look: _Look, index: BlindIndex, row: Row[Any], text: str | None) -> None:
    """Hold both tags of a row against its value."""
    value = None if text is None else index.value_in(text)
    if value is None:
        return
    versions = look.versions[index.name]
    for column, version in zip(index.columns, (versions.current, versions.next), strict=True):
        stored = row._mapping[column.key]
        is_due = column is index.columns[1] and stored is None  # a rotation under way comes to it
        if is_due or version is None:
            continue
        try:
            right = index.tag(look.ring, value, version)
        except NotIndexable:
            right = None
        look.report.tags += stored is not None
        if stored != right:
            wrong = "is missing beside its value" if stored is None else "does not fit the value beside it"
            look.report.add(f"An entry of the index {index.name} {wrong} (row {row.id.hex()}). {REMEDY}")

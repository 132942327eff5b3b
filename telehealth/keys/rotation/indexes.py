"""The key of a blind index made anew: a second column is filled beside the first, and then takes its place."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.index import NotIndexable
from telehealth.crypto.sealed import Sealed
from telehealth.errors import Conflict, Unavailable
from telehealth.keys.fields import SealedTable
from telehealth.keys.indexes import BlindIndex, ensure
from telehealth.keys.keyring import Keyring
from telehealth.keys.models import index_keys
from telehealth.keys.record_key import RecordKey
from telehealth.keys.rotation.steps import (
    KEYS,
    Begin,
    KeyWork,
    Progress,
    Rotated,
    alone_with,
    entity_of,
    in_one_transaction,
    until_none_is_left,
)
from telehealth.keys.store import IndexKey, KeyVersion

WHAT = "index"
BATCH = 50
ODD = "An entry of the index {name} does not fit the value beside it. Run: telehealth keys verify --repair"
OVERTAKEN = (
    "The index {name} was rotated by somebody else meanwhile, so this rotation ended. Nothing is lost."
)


async def rotate_index(
    begin: Begin, index: BlindIndex, tables: Sequence[SealedTable], progress: Progress
) -> Rotated:
    """Give one index a new key. May be killed at any moment and run again: it goes on.

    Conflict "rotation_under_way", "rotation_overtaken"; Unavailable "index_does_not_fit".
    """
    async with alone_with(begin, WHAT):
        return await _rotated(begin, index, tables, progress)


async def _rotated(
    begin: Begin, index: BlindIndex, tables: Sequence[SealedTable], progress: Progress
) -> Rotated:
    sealed = next(table for table in tables if table.table is index.rows and index.source in table.fields)
    fresh = await in_one_transaction(begin, lambda work: _begin(work, index))
    filling = _Pass(index, sealed, fresh)
    done, _ = await until_none_is_left(begin, filling.batch, filling.left, progress)
    remaining = await in_one_transaction(begin, lambda work: _end(work, index, fresh))
    return Rotated(f"index {index.name}", done, remaining, _note(remaining))


def _note(remaining: int) -> str:
    if remaining == 0:
        return ""
    return (
        "These rows do not say what they are found by. Both keys stay in use; accounts complete themselves at their "
        "next sign-in, sessions end within half a day. Run it again then."
    )


async def _begin(work: KeyWork, index: BlindIndex) -> KeyVersion:
    """From now on both columns are written and both are asked."""
    await ensure(work.connection, work.ring, [index])
    mine = index_keys.c.name == index.name
    row = (await work.connection.execute(select(index_keys).where(mine).with_for_update())).one()
    versions = IndexKey(**row._mapping).versions
    fresh = versions.next or index.planned(versions.current.number + 1, work.ring.planned_people)
    values = {"next_version": fresh.number, "next_bits": fresh.bits}
    await work.connection.execute(update(index_keys).where(mine).values(**values))
    await work.audit(_type(index, "begin"), "U", entity=KEYS, entity_id=entity_of(fresh.number), subjects=[])
    return fresh


async def _must_be_ours(
    work: KeyWork, index: BlindIndex, fresh: KeyVersion, *, alone: bool = False
) -> KeyVersion:
    """The versions are as this rotation began them, and stay so until the transaction ends; else Conflict. Returns the
    one that is in use.

    Whoever comes late, after a rotation of somebody else, would take that one's tags for its own.
    """
    query = select(index_keys).where(index_keys.c.name == index.name)
    row = (await work.connection.execute(query.with_for_update(read=not alone))).one()
    versions = IndexKey(**row._mapping).versions
    if versions.next != fresh or versions.current.number != fresh.number - 1:
        raise Conflict("rotation_overtaken", OVERTAKEN.format(name=index.name))
    return versions.current


class _Pass:
    """Goes through the rows in the order of their primary key; those that say nothing are left where they are."""

    def __init__(self, index: BlindIndex, sealed: SealedTable, fresh: KeyVersion) -> None:
        self._index = index
        self._sealed = sealed
        self._fresh = fresh
        (self._key,) = index.rows.primary_key
        self._after = b""
        self._silent: set[bytes] = set()

    async def left(self, work: KeyWork) -> int:
        """How many rows can still be filled."""
        return max(0, await _count(work.connection, self._index, _is_due(self._index)) - len(self._silent))

    async def batch(self, work: KeyWork) -> int:
        """Fill the next rows; those that somebody writes right now are come back to."""
        in_use = await _must_be_ours(work, self._index, self._fresh)
        while rows := await self._next(work.connection):
            filled = await self._fill(work, rows, in_use)
            self._after = rows[-1]._mapping[self._key.key]
            if filled:
                return filled
        self._after = b""
        return 0

    async def _next(self, c: AsyncConnection) -> Sequence[Row[Any]]:
        query = select(self._index.rows).where(_is_due(self._index), self._key > self._after)
        locked = query.order_by(self._key).limit(BATCH).with_for_update(skip_locked=True, key_share=True)
        return (await c.execute(locked)).all()

    async def _fill(self, work: KeyWork, rows: Sequence[Row[Any]], in_use: KeyVersion) -> int:
        """Open each value, compare the tag that stands there, and write the next one beside it."""
        records = await work.ring.records(work.connection, [_record(self._sealed, row) for row in rows])
        now, following = self._index.columns
        filled = 0
        for row in rows:
            mine = row._mapping[self._key.key]
            record = records.get(_record(self._sealed, row))
            value = None if record is None else value_beside(self._index, self._sealed, row, record)
            if value is None:
                self._silent.add(mine)
                continue
            _compare(work.ring, self._index, row._mapping[now.key], value, in_use)
            same = and_(self._key == mine, now == row._mapping[now.key])
            tag = self._index.tag(work.ring, value, self._fresh)
            await work.connection.execute(update(self._index.rows).where(same).values({following.key: tag}))
            filled += 1
        return filled


def value_beside(index: BlindIndex, sealed: SealedTable, row: Row[Any], record: RecordKey) -> str | None:
    """What a row is to be found by, out of its sealed column; None when it says nothing."""
    stored: Sealed | None = row._mapping[index.source]
    if stored is None:
        return None
    name = sealed.name_of(index.source, row)
    return index.value_in(record.open(index.table, name, sealed.revision_of(row), stored))


def _compare(ring: Keyring, index: BlindIndex, stored: bytes, value: str, version: KeyVersion) -> None:
    try:
        fits = index.tag(ring, value, version) == stored
    except NotIndexable:
        fits = False
    if not fits:
        raise Unavailable("index_does_not_fit", ODD.format(name=index.name))


async def _end(work: KeyWork, index: BlindIndex, fresh: KeyVersion) -> int:
    """The second column takes the first one's place, when nothing is missing in it."""
    await _must_be_ours(work, index, fresh, alone=True)
    now, following = index.columns
    remaining = await _count(work.connection, index, and_(now.is_not(None), following.is_(None)))
    if remaining == 0:
        moved = {now.key: following, following.key: None}
        await work.connection.execute(update(index.rows).where(following.is_not(None)).values(moved))
        check = index.check_value(work.ring, fresh.number)
        done = {"version": fresh.number, "next_version": None, "check_value": check}
        done |= {"bits": fresh.bits, "next_bits": None}
        await work.connection.execute(
            update(index_keys).where(index_keys.c.name == index.name).values(**done)
        )
        await work.audit(
            _type(index, "end"), "U", entity=KEYS, entity_id=entity_of(fresh.number), subjects=[]
        )
    return remaining


def _type(index: BlindIndex, moment: str) -> str:
    return f"keys.rotate.index.{index.table}.{moment}"


def _record(sealed: SealedTable, row: Row[Any]) -> bytes:
    return bytes(row._mapping[sealed.record.key])


def _is_due(index: BlindIndex) -> ColumnElement[bool]:
    now, following = index.columns
    return and_(now.is_not(None), following.is_(None), index.rows.c[index.source].is_not(None))


async def _count(c: AsyncConnection, index: BlindIndex, which: ColumnElement[bool]) -> int:
    return int((await c.execute(select(func.count()).select_from(index.rows).where(which))).scalar_one())

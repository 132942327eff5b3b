"""Entries of a blind index that do not fit are made anew from the sealed values beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.index import NotIndexable
from telehealth.keys.fields import SealedTable
from telehealth.keys.indexes import BlindIndex, tags_of, untagged
from telehealth.keys.rotation.indexes import WHAT, value_beside
from telehealth.keys.rotation.steps import KEYS, Begin, KeyWork, alone_with, entity_of, in_one_transaction

BATCH = 50
TWICE = (
    "Two rows of {table} hold the same value of the index {name}: {first}, which is found, and {second}, which is not. "
    "Whoever signed in while the index was wrong got a second account: see docs/keys.md."
)


@dataclass(frozen=True)
class Repaired:
    """How many rows of an index were written anew, and what only a person can decide, a sentence each."""

    rows: int
    twice: tuple[str, ...]


async def repair_index(begin: Begin, index: BlindIndex, tables: Sequence[SealedTable]) -> Repaired:
    """Hold every entry against its value and write it anew where it does not fit, also where there is none.

    Conflict "rotation_under_way". May be killed at any moment and run again.
    """
    sealed = next(table for table in tables if table.table is index.rows and index.source in table.fields)
    async with alone_with(begin, WHAT):
        repair = _Repair(index, sealed)
        while await repair.goes_on(begin):
            continue
        if repair.rows:
            await in_one_transaction(begin, repair.on_record)
    return Repaired(repair.rows, tuple(repair.twice.values()))


class _Repair:
    """Passes over all rows, in the order of their ids, until one pass finds nothing to do."""

    def __init__(self, index: BlindIndex, sealed: SealedTable) -> None:
        self._index = index
        self._sealed = sealed
        self._id = index.rows.c.id
        self.rows = 0
        self.twice: dict[bytes, str] = {}

    async def goes_on(self, begin: Begin) -> bool:
        """One pass; whether it wrote anything."""
        before, after = self.rows, b""
        while True:
            last = await in_one_transaction(begin, partial(self._batch, after=after))
            if last is None:
                return self.rows > before
            after = last

    async def _batch(self, work: KeyWork, after: bytes) -> bytes | None:
        query = select(self._index.rows).where(self._id > after).order_by(self._id).limit(BATCH)
        rows = (await work.connection.execute(query.with_for_update())).all()
        keys = await work.ring.records(work.connection, [self._record(row) for row in rows])
        for row in rows:
            record = keys.get(self._record(row))
            value = None if record is None else value_beside(self._index, self._sealed, row, record)
            if value is not None:
                await self._hold_against(work, row, value)
        return rows[-1]._mapping["id"] if rows else None

    async def _hold_against(self, work: KeyWork, row: Row[Any], value: str) -> None:
        right = await self._right(work, value)
        if all(row._mapping[column] == tag for column, tag in right.items()):
            return
        if await self._is_taken(work, row, right, value):
            return
        await self._write(work.connection, row.id, right)
        self.rows += 1

    def _record(self, row: Row[Any]) -> bytes:
        return bytes(row._mapping[self._sealed.record.key])

    async def _right(self, work: KeyWork, value: str) -> Mapping[str, bytes | None]:
        try:
            return (await tags_of(work.connection, work.ring, self._index, value)).written
        except NotIndexable:
            return untagged(self._index)

    async def _is_taken(
        self, work: KeyWork, row: Row[Any], right: Mapping[str, bytes | None], value: str
    ) -> bool:
        """Whether a row of the same value stands there already; one that stands there wrongly makes room."""
        if not self._index.is_unique:
            return False
        for column, tag in right.items():
            holds_it = self._index.rows.c[column] == tag
            query = select(self._index.rows).where(holds_it, self._id != row.id).with_for_update()
            other = None if tag is None else (await work.connection.execute(query)).one_or_none()
            if other is None:
                continue
            if await self._value_of(work, other) == value:
                self.twice[row.id] = self._said(other, row)
                return True
            await self._write(work.connection, other.id, {column: work.ring.chance(len(tag or b""))})
        return False

    async def _value_of(self, work: KeyWork, row: Row[Any]) -> str | None:
        keys = await work.ring.records(work.connection, [self._record(row)])
        record = keys.get(self._record(row))
        return None if record is None else value_beside(self._index, self._sealed, row, record)

    def _said(self, first: Row[Any], second: Row[Any]) -> str:
        who = [
            f"{row._mapping[self._sealed.person.key].hex()} of {row.created_at:%Y-%m-%d}"
            for row in (first, second)
        ]
        return TWICE.format(table=self._index.table, name=self._index.name, first=who[0], second=who[1])

    async def _write(self, c: AsyncConnection, row_id: bytes, values: Mapping[str, bytes | None]) -> None:
        await c.execute(update(self._index.rows).where(self._id == row_id).values(**values))

    async def on_record(self, work: KeyWork) -> None:
        """Put it on record."""
        type_ = f"keys.repair.index.{self._index.table}"
        await work.audit(type_, "U", entity=KEYS, entity_id=entity_of(self.rows), subjects=[])

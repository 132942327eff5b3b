"""Opens every sealed field and says in which a planted word stands: without it the search would prove nothing."""

from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.details import open_detail
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.audit.rules import detail_record_id
from telehealth.crypto.aead import CannotOpen
from telehealth.crypto.sealed import Sealed
from telehealth.keys.fields import SealedTable
from telehealth.keys.record_key import RecordKey
from telehealth.office import SEALED_TABLES
from telehealth.people.models import people
from tests.deploy.canary.search import EXACT, LOWER, found_in

DETAIL = "audit_leaves.detail_ct"


@dataclass(frozen=True)
class Cell:
    """One sealed value in its place, with the key of its record."""

    field: str
    place: tuple[str, str, int]
    key: RecordKey
    value: Sealed

    def opens(self, value: Sealed, key: RecordKey) -> bool:
        """Whether a value opens in this place under that key."""
        try:
            key.open(*self.place, value)
        except CannotOpen:
            return False
        return True


async def planted_fields(office: Office, pseudonym_key: bytes) -> set[str]:
    """`table.column` of every sealed field that holds a planted word."""
    async with office.database.reading() as connection:
        cells = await _cells(connection, office)
        found = {cell.field for cell in cells if _is_planted(cell.key.open(*cell.place, cell.value))}
        if await _is_planted_in_details(connection, office, pseudonym_key):
            found.add(DETAIL)
        return found


async def moved_values_that_open(office: Office) -> list[tuple[str, str]]:
    """From which field to which a sealed value could be moved: none, with the key of either record."""
    async with office.database.reading() as connection:
        cells = await _cells(connection, office)
    assert len(cells) > len(SEALED_TABLES)
    return [
        (cell.field, other.field)
        for cell, other in permutations(cells, 2)
        if other.opens(cell.value, other.key) or other.opens(cell.value, _in_place_of(other, cell))
    ]


def _in_place_of(other: Cell, cell: Cell) -> RecordKey:
    """The key of the one value in the place of the other: as if whoever moved the value could move its key along."""
    return replace(other.key, version=cell.key.version, _keys=cell.key._keys)


async def _cells(c: AsyncConnection, office: Office) -> list[Cell]:
    cells = []
    for sealed in SEALED_TABLES:
        rows = (await c.execute(select(sealed.table))).all()
        keys = await office.ring.records(c, [row._mapping[sealed.record.key] for row in rows])
        for row in rows:
            key = keys[row._mapping[sealed.record.key]]
            cells += [_cell(sealed, row, column, key) for column in sealed.fields if row._mapping[column]]
    return cells


def _cell(sealed: SealedTable, row: Row[Any], column: str, key: RecordKey) -> Cell:
    place = sealed.table.name, sealed.name_of(column, row), sealed.revision_of(row)
    return Cell(f"{sealed.table.name}.{column}", place, key, row._mapping[column])


async def _is_planted_in_details(c: AsyncConnection, office: Office, pseudonym_key: bytes) -> bool:
    rows = (await c.execute(select(audit_leaves).where(audit_leaves.c.detail_ct.is_not(None)))).all()
    subjects = (await c.execute(select(people.c.id))).scalars().all()
    ids = {detail_record_id(pseudonym_key, subject, row.ts) for subject in subjects for row in rows}
    keys = await office.ring.records(c, list(ids))
    return any(_detail_is_planted(key, row) for key in keys.values() for row in rows)


def _detail_is_planted(key: RecordKey, row: Row[Any]) -> bool:
    try:
        return _is_planted(str(open_detail(key, row.id, row.detail_ct)))
    except CannotOpen:  # somebody else's
        return False


def _is_planted(text: str) -> bool:
    return next(found_in(text.encode(), LOWER, EXACT), None) is not None

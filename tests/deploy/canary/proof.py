"""Opens every sealed field and says in which a planted word stands: without it the search would prove nothing."""

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.app import SEALED_TABLES
from telehealth.audit.details import open_detail
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.audit.rules import detail_record_id
from telehealth.crypto.aead import CannotOpen
from telehealth.keys.fields import SealedTable
from telehealth.keys.record_key import RecordKey
from telehealth.people.models import people
from tests.deploy.canary.search import EXACT, LOWER, found_in

DETAIL = "audit_leaves.detail_ct"


async def planted_fields(office: Office, pseudonym_key: bytes) -> set[str]:
    """`table.column` of every sealed field that holds a planted word."""
    async with office.database.reading() as connection:
        found = set()
        for sealed in SEALED_TABLES:
            found |= await _planted_in(connection, office, sealed)
        if await _is_planted_in_details(connection, office, pseudonym_key):
            found.add(DETAIL)
        return found


async def _planted_in(c: AsyncConnection, office: Office, sealed: SealedTable) -> set[str]:
    rows = (await c.execute(select(sealed.table))).all()
    keys = await office.ring.records(c, [row._mapping[sealed.record.key] for row in rows])
    return {
        f"{sealed.table.name}.{column}"
        for row in rows
        for column in sealed.fields
        if _is_planted(_opened(sealed, row, column, keys[row._mapping[sealed.record.key]]))
    }


def _opened(sealed: SealedTable, row: Row[Any], column: str, key: RecordKey) -> str:
    value = row._mapping[column]
    if value is None:
        return ""
    return key.open(sealed.table.name, sealed.name_of(column, row), sealed.revision_of(row), value)


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

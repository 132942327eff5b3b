"""A record's key made anew: the row, the key and the data in one transaction (security.md, section 1, rotation)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.framing import KEY_BYTES
from telehealth.crypto.sealed import version_of, wrap
from telehealth.db.engine import writes_beside_others
from telehealth.errors import NotFound
from telehealth.keys import store
from telehealth.keys.fields import SealedTable
from telehealth.keys.keyring import Keyring
from telehealth.keys.models import record_keys
from telehealth.keys.opener import Opener
from telehealth.keys.record_key import RecordKey
from telehealth.keys.store import RecordWrap


async def renew_record(
    c: AsyncConnection, ring: Keyring, tables: Sequence[SealedTable], record_id: bytes
) -> RecordKey:
    """Make a new key for one record, seal everything in it anew, and take the old key away, in this transaction.

    For everybody who still has a wrap: what somebody knew who lost theirs opens nothing any more.
    """
    await exclusively(c, [record_id])
    wraps = await store.wraps_of(c, [record_id])
    if not wraps:
        raise NotFound("record_not_found", "There is nothing here that can be opened.")
    renewed = await add_version(c, ring, wraps, max(wrap.version for wrap in wraps) + 1)
    await bring_up(c, {record_id: renewed}, tables)
    await drop_older(c, [record_id])
    return renewed


async def exclusively(c: AsyncConnection, record_ids: Sequence[bytes]) -> list[bytes]:
    """Those of the records whose keys nobody else holds; from now on until the transaction ends nobody else can.

    Whoever seals under a record's key right now is not disturbed: that record is left out.
    """
    if not writes_beside_others(c):
        return list(record_ids)
    mine = record_keys.c.record_id.in_(record_ids)
    keys = select(record_keys.c.record_id, record_keys.c.version, record_keys.c.subject_id).where(mine)
    free = (await c.execute(keys.with_for_update(skip_locked=True))).all()
    held = set((await c.execute(keys)).all()) - set(free)
    return [record_id for record_id in record_ids if record_id not in {row[0] for row in held}]


async def add_version(
    c: AsyncConnection, ring: Keyring, wraps: Sequence[RecordWrap], version: int
) -> RecordKey:
    """A fresh key of one record under a new version, wrapped for everybody who could open any version before."""
    opener = Opener(ring)
    known = await opener.record(wraps)
    fresh = ring.chance(KEY_BYTES)
    rows: list[dict[str, object]] = []
    newest_last = reversed(wraps)
    for of_person in {found.subject.subject_id: found for found in newest_last}.values():
        subject = of_person.subject
        place = ring.record_place(of_person.record_id, subject.subject_id)
        wrapped = wrap(await opener.subject(subject), subject.version, place, fresh, ring.chance)
        rows.append(
            {"record_id": of_person.record_id, "version": version, "subject_id": subject.subject_id}
            | {"cls": subject.cls, "subject_version": subject.version, "wrapped": wrapped}
        )
    await store.add_wraps(c, rows)
    return known.joined_by(version, fresh)


async def bring_up(c: AsyncConnection, keys: Mapping[bytes, RecordKey], tables: Iterable[SealedTable]) -> int:
    """Seal anew whatever in these records names an older version of their key; returns how many values."""
    count = 0
    for sealed in tables:
        query = select(sealed.table).where(sealed.record.in_(list(keys))).with_for_update(key_share=True)
        for row in await c.execute(query):
            values = _sealed_anew(sealed, row, keys[row._mapping[sealed.record.key]])
            if values:
                await c.execute(update(sealed.table).where(_same(sealed, row)).values(**values))
                count += len(values)
    return count


def _sealed_anew(sealed: SealedTable, row: Row[Any], key: RecordKey) -> dict[str, bytes]:
    """The columns of one row that named an older version; revision and name stay, since the words do."""
    values: dict[str, bytes] = {}
    for column in sealed.fields:
        value = row._mapping[column]
        if value is not None and version_of(value) != key.version:
            place = sealed.table.name, sealed.name_of(column, row), sealed.revision_of(row)
            values[column] = key.seal(*place, key.open(*place, value))
    return values


def _same(sealed: SealedTable, row: Row[Any]) -> Any:
    return and_(*(column == row._mapping[column.key] for column in sealed.table.primary_key))


async def drop_older(c: AsyncConnection, record_ids: Sequence[bytes]) -> None:
    """Take every version but the newest away; nothing may name them any more."""
    newest = select(record_keys.c.record_id, func.max(record_keys.c.version).label("version"))
    of_each = newest.where(record_keys.c.record_id.in_(record_ids)).group_by(record_keys.c.record_id)
    older = delete(record_keys).where(
        record_keys.c.record_id == bindparam("of_record"), record_keys.c.version < bindparam("newest")
    )
    rows = (await c.execute(of_each)).all()
    if rows:
        await c.execute(older, [{"of_record": row.record_id, "newest": row.version} for row in rows])

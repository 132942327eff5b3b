"""Keys destroyed, so that nothing sealed for somebody opens any more (security.md, section 1, erasure)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.db.engine import writes_beside_others
from telehealth.keys.fields import SealedTable
from telehealth.keys.keyring import Keyring
from telehealth.keys.models import erasures, record_keys, subject_keys
from telehealth.keys.resealing import renew_record


@dataclass(frozen=True)
class Destroyed:
    """How much opens for nobody any more (`records`), and how many were shared and have a new key now (`shared`)."""

    keys: int
    records: int
    shared: int


async def hold_writers_back(c: AsyncConnection, subject_id: bytes) -> None:
    """Wait for whoever seals something for this person right now; whoever wants to from here on waits for us.

    First of all in an erasure: what they wrote must be there when it is looked for.
    """
    if not writes_beside_others(c):
        return
    own = select(subject_keys.c.version).where(subject_keys.c.subject_id == subject_id)
    await c.execute(own.with_for_update())
    theirs = select(record_keys.c.record_id).where(record_keys.c.subject_id == subject_id)
    shared = select(record_keys.c.record_id).where(record_keys.c.record_id.in_(theirs))
    await c.execute(shared.order_by(record_keys.c.record_id).with_for_update())


async def destroy_subject_keys(
    c: AsyncConnection,
    ring: Keyring,
    tables: Sequence[SealedTable],
    subject_id: bytes,
    classes: Collection[str],
) -> Destroyed:
    """Destroy a person's keys of these classes, and every wrap that hangs on them.

    What the person shared with others stays theirs, under a key that the destroyed wrap never held.
    """
    theirs = subject_keys.c.subject_id == subject_id, subject_keys.c.cls.in_(classes)
    wraps = record_keys.c.subject_id == subject_id, record_keys.c.cls.in_(classes)
    records, shared = await _drop_wraps(c, ring, tables, wraps)
    keys = await c.execute(delete(subject_keys).where(*theirs))
    return Destroyed(keys.rowcount, records, shared)


async def destroy_records(c: AsyncConnection, record_ids: Collection[bytes]) -> int:
    """Destroy the keys of these records for everybody; returns how many records that were."""
    mine = record_keys.c.record_id.in_(record_ids)
    count = select(func.count(record_keys.c.record_id.distinct())).where(mine)
    found = int((await c.execute(count)).scalar_one())
    await c.execute(delete(record_keys).where(mine))
    return found


async def destroy_records_of(
    c: AsyncConnection, ring: Keyring, tables: Sequence[SealedTable], subject_id: bytes, cls: str
) -> int:
    """Destroy a person's wraps of one class and leave the person's own key; returns how many records that were."""
    wraps = record_keys.c.subject_id == subject_id, record_keys.c.cls == cls
    records, shared = await _drop_wraps(c, ring, tables, wraps)
    return records + shared


async def subjects_with_keys(c: AsyncConnection, subject_ids: Collection[bytes]) -> set[tuple[bytes, str]]:
    """(person, class) of every key that is there for these people."""
    query = select(subject_keys.c.subject_id, subject_keys.c.cls).where(
        subject_keys.c.subject_id.in_(subject_ids)
    )
    return {(row.subject_id, row.cls) for row in await c.execute(query)}


async def classes_of(c: AsyncConnection, subject_id: bytes) -> set[str]:
    """The classes of which this person still has a key."""
    return {cls for _, cls in await subjects_with_keys(c, [subject_id])}


async def was_erased(c: AsyncConnection, subject_id: bytes) -> bool:
    """Whether an erasure of this person was asked for, finished or not."""
    query = select(erasures.c.subject_id).where(erasures.c.subject_id == subject_id)
    return (await c.execute(query)).first() is not None


async def _drop_wraps(
    c: AsyncConnection,
    ring: Keyring,
    tables: Sequence[SealedTable],
    wraps: tuple[ColumnElement[bool], ...],
) -> tuple[int, int]:
    """Returns how many records nobody opens any more, and how many others still do."""
    if writes_beside_others(c):  # whoever seals under one of these keys now ends first
        concerned = record_keys.c.record_id.in_(select(record_keys.c.record_id).where(*wraps))
        held = select(record_keys.c.record_id).where(concerned).order_by(record_keys.c.record_id)
        await c.execute(held.with_for_update())
    dropped = await c.execute(delete(record_keys).where(*wraps).returning(record_keys.c.record_id))
    record_ids = set(dropped.scalars())
    if not record_ids:
        return 0, 0
    query = select(record_keys.c.record_id).where(record_keys.c.record_id.in_(record_ids)).distinct()
    shared = sorted((await c.execute(query)).scalars())
    for record_id in shared:
        await renew_record(c, ring, tables, record_id)
    return len(record_ids) - len(shared), len(shared)

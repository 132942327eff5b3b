"""People's keys made anew: a new version of each, and every record key it wrapped is wrapped by that one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.framing import KEY_BYTES
from telehealth.crypto.sealed import unwrap, wrap
from telehealth.keys import store
from telehealth.keys.keyring import Keyring
from telehealth.keys.models import keks, record_keys, subject_keys
from telehealth.keys.opener import Opener
from telehealth.keys.rotation import campaigns
from telehealth.keys.rotation.campaigns import Campaign
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
from telehealth.keys.store import Kek, SubjectKey

WHAT = "subjects"
BATCH = 40  # each may wrap hundreds of records


async def rotate_subjects(begin: Begin, progress: Progress) -> Rotated:
    """Give everybody new keys. May be killed at any moment and run again: it goes on with those not done yet."""
    async with alone_with(begin, WHAT):
        return await _rotated(begin, progress)


async def _rotated(begin: Begin, progress: Progress) -> Rotated:
    campaign = await in_one_transaction(begin, _begin)

    async def batch(work: KeyWork) -> int:
        return await _renew(work, campaign.before)

    async def left(work: KeyWork) -> int:
        return await due(work.connection, campaign.before)

    done, remaining = await until_none_is_left(begin, batch, left, progress)
    if remaining == 0:
        await in_one_transaction(begin, lambda work: _end(work, campaign))
    return Rotated(WHAT, done, remaining)


async def due(c: AsyncConnection, before: datetime) -> int:
    """How many keys are older than this rotation."""
    return int((await c.execute(select(func.count()).select_from(_old(before).subquery()))).scalar_one())


async def _begin(work: KeyWork) -> Campaign:
    """Keys made before this moment are due: of this run, or of the one that was killed."""
    current = await work.ring.current_kek(work.connection, work.now)
    await work.ring.kek_key(current)
    campaign = await campaigns.begin(work.connection, WHAT, work.now)
    await work.audit("keys.rotate.subjects.begin", "U", entity=KEYS, entity_id=entity_of(0), subjects=[])
    return campaign


async def _end(work: KeyWork, campaign: Campaign) -> None:
    await campaigns.end(work.connection, campaign)
    await work.audit("keys.rotate.subjects.end", "U", entity=KEYS, entity_id=entity_of(0), subjects=[])


async def _renew(work: KeyWork, before: datetime) -> int:
    """One batch. Whoever seals under one of these keys right now is not disturbed; that key's turn comes later."""
    query = _old(before).limit(BATCH).with_for_update(skip_locked=True, of=subject_keys)
    old = [
        SubjectKey(row.subject_id, row.cls, row.version, row.wrapped, Kek(row.number, row.kek_id, row.state))
        for row in await work.connection.execute(query)
    ]
    if old:
        current = await work.ring.current_kek(work.connection, work.now)
        kek_key, opener = await work.ring.kek_key(current), Opener(work.ring)
        for key in old:
            fresh = work.ring.chance(KEY_BYTES)
            await _add(work, key, current, kek_key, fresh, max(work.now, before))
            await _rewrap_records(work, key, await opener.subject(key), fresh)
            await work.connection.execute(delete(subject_keys).where(_is(key)))
    return len(old)


async def _add(work: KeyWork, old: SubjectKey, kek: Kek, kek_key: bytes, fresh: bytes, now: datetime) -> None:
    place = work.ring.subject_place(old.subject_id, old.cls)
    wrapped = wrap(kek_key, kek.number, place, fresh, work.ring.chance)
    values = {"subject_id": old.subject_id, "cls": old.cls, "version": old.version + 1}
    row = {**values, "kek": kek.number, "wrapped": wrapped, "created_at": now}
    await work.connection.execute(insert(subject_keys).values(**row))


async def _rewrap_records(work: KeyWork, old: SubjectKey, old_key: bytes, fresh: bytes) -> None:
    """Every record key that the old version wraps; the record keys themselves stay as they are."""
    theirs = and_(
        record_keys.c.subject_id == old.subject_id,
        record_keys.c.cls == old.cls,
        record_keys.c.subject_version == old.version,
    )
    query = select(record_keys.c.record_id, record_keys.c.version, record_keys.c.wrapped).where(theirs)
    rows = (await work.connection.execute(query.with_for_update(key_share=True))).all()
    if rows:
        changes = _rewrapped(work.ring, rows, old, old_key, fresh)
        await work.connection.execute(_compare_and_set(old), changes)


def _rewrapped(
    ring: Keyring, rows: Sequence[Any], old: SubjectKey, old_key: bytes, fresh: bytes
) -> list[dict[str, object]]:
    changes: list[dict[str, object]] = []
    for row in rows:
        place = ring.record_place(row.record_id, old.subject_id)
        inner = unwrap(old_key, old.version, place, row.wrapped)
        anew = wrap(fresh, old.version + 1, place, inner, ring.chance)
        changes.append({"of_record": row.record_id, "of_version": row.version, "anew": anew})
    return changes


def _compare_and_set(old: SubjectKey) -> Any:
    same = and_(
        record_keys.c.record_id == bindparam("of_record"),
        record_keys.c.version == bindparam("of_version"),
        record_keys.c.subject_id == old.subject_id,
        record_keys.c.subject_version == old.version,
    )
    return update(record_keys).where(same).values(subject_version=old.version + 1, wrapped=bindparam("anew"))


def _is(key: SubjectKey) -> Any:
    return and_(
        subject_keys.c.subject_id == key.subject_id,
        subject_keys.c.cls == key.cls,
        subject_keys.c.version == key.version,
    )


def _old(before: datetime) -> Any:
    with_epochs = subject_keys.join(keks, keks.c.number == subject_keys.c.kek)
    return (
        select(*store.SUBJECT_COLUMNS)
        .select_from(with_epochs)
        .where(subject_keys.c.created_at < before, keks.c.state != "destroyed")
    )

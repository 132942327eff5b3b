"""Records' keys made anew: every sealed field is sealed again, key and data of a record in one transaction.

A transaction of the service may have read a row just before and its key just after. So the older version of a key
stays until everything that was under way has ended; then a second pass takes it away.
"""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.db.waiting import others_under_way
from telehealth.keys import store
from telehealth.keys.fields import SealedTable
from telehealth.keys.models import record_keys
from telehealth.keys.resealing import add_version, bring_up, drop_older, exclusively
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

WHAT = store.RECORDS
BATCH = 40
SWEPT = 200
PATIENCE = 1200  # times that others are waited for, 50 ms each
Tables = Sequence[SealedTable]


async def rotate_records(begin: Begin, tables: Tables, progress: Progress) -> Rotated:
    """Give every record a new key. May be killed at any moment and run again: it goes on with those not done yet.

    The keys of the record of who looked are left alone: its entries are never changed.
    """
    async with alone_with(begin, WHAT):
        return await _rotated(begin, tables, progress)


async def _rotated(begin: Begin, tables: Tables, progress: Progress) -> Rotated:
    campaign = await in_one_transaction(begin, _begin)
    renewal = _Pass(tables, campaign.version)
    done, _ = await until_none_is_left(begin, renewal.batch, renewal.left, progress)
    if not await _all_others_ended(begin):
        return await _later(begin, done)
    await until_none_is_left(
        begin, lambda work: _sweep(work, tables, campaign), _doubled, lambda _done, _total: None
    )
    return await in_one_transaction(begin, lambda work: _end(work, renewal, campaign, done))


class _Pass:
    """Goes through the records in the order of their ids, again and again, until none is below `version`."""

    def __init__(self, tables: Tables, version: int) -> None:
        self._tables = tables
        self._version = version
        self._after = b""

    async def batch(self, work: KeyWork) -> int:
        """Renew the next records; those that somebody seals under right now are come back to."""
        query = _due(self._tables, self._version).where(record_keys.c.record_id > self._after)
        ids = (
            (await work.connection.execute(query.order_by(record_keys.c.record_id).limit(BATCH)))
            .scalars()
            .all()
        )
        free = await exclusively(work.connection, ids)
        await _renew(work, free, self._tables, self._version)
        self._after = ids[-1] if ids else b""
        return len(free)

    async def left(self, work: KeyWork) -> int:
        """How many records are below the version."""
        return await due(work.connection, self._tables, self._version)


async def due(c: AsyncConnection, tables: Tables, version: int) -> int:
    """How many records have a key below this version."""
    query = select(func.count()).select_from(_due(tables, version).subquery())
    return int((await c.execute(query)).scalar_one())


def _due(tables: Tables, version: int) -> Select[Any]:
    """Only what stands in a table of sealed fields: an entry of the audit record stands in none."""
    known = union(*(select(sealed.record) for sealed in tables))
    return (
        select(record_keys.c.record_id)
        .where(record_keys.c.record_id.in_(known))
        .group_by(record_keys.c.record_id)
        .having(func.max(record_keys.c.version) < version)
    )


async def _begin(work: KeyWork) -> Campaign:
    campaign = await campaigns.begin(work.connection, WHAT, work.now)
    await work.audit(
        "keys.rotate.records.begin", "U", entity=KEYS, entity_id=entity_of(campaign.version), subjects=[]
    )
    return campaign


async def _renew(work: KeyWork, ids: Sequence[bytes], tables: Tables, version: int) -> None:
    wraps = await store.wraps_of(work.connection, ids)
    keys = {}
    for record_id, of_record in groupby(wraps, key=lambda wrap: wrap.record_id):
        keys[record_id] = await add_version(work.connection, work.ring, list(of_record), version)
    await bring_up(work.connection, keys, tables)


async def _all_others_ended(begin: Begin) -> bool:
    """Wait for every transaction that is under way now, a minute at most."""
    async with begin() as work:
        waited_for = await others_under_way(work.connection)
    for _ in range(PATIENCE):
        if not waited_for:
            return True
        await asyncio.sleep(0.05)
        async with begin() as work:
            waited_for &= await others_under_way(work.connection)
    return False


async def _sweep(work: KeyWork, tables: Tables, campaign: Campaign) -> int:
    """Take older versions away, after a last look that nothing names them."""
    await campaigns.must_go_on(work.connection, campaign)
    ids = (await work.connection.execute(_with_older().limit(SWEPT))).scalars().all()
    free = await exclusively(work.connection, ids)
    keys = await work.ring.records(work.connection, free)
    await bring_up(work.connection, keys, tables)
    await drop_older(work.connection, free)
    return len(free)


async def _doubled(work: KeyWork) -> int:
    query = select(func.count()).select_from(_with_older().subquery())
    return int((await work.connection.execute(query)).scalar_one())


def _with_older() -> Select[Any]:
    by_record = select(record_keys.c.record_id).group_by(record_keys.c.record_id)
    return by_record.having(func.count(record_keys.c.version.distinct()) > 1)


async def _later(begin: Begin, done: int) -> Rotated:
    note = "Somebody's transaction has been open for a minute, so the older keys stay until the next run."
    return Rotated(WHAT, done, await in_one_transaction(begin, _doubled), note)


async def _end(work: KeyWork, renewal: _Pass, campaign: Campaign, done: int) -> Rotated:
    remaining = await renewal.left(work) + await _doubled(work)
    if remaining == 0:
        await campaigns.end(work.connection, campaign)
        entity_id = entity_of(campaign.version)
        await work.audit("keys.rotate.records.end", "U", entity=KEYS, entity_id=entity_id, subjects=[])
    return Rotated(WHAT, done, remaining)

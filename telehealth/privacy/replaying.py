"""A restored database forgets again whom it knew before: the tombstones outside it are replayed."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.office import Work
from telehealth.db.engine import lock_parties
from telehealth.db.scrubbing import scrub
from telehealth.keys import erasing as keys
from telehealth.privacy import rules, store
from telehealth.privacy.acts import Registry, keep_outside
from telehealth.privacy.certificate import Certificate
from telehealth.privacy.erasing import take_away
from telehealth.privacy.store import Erasure

SHORTENED = (
    "%d erasures that the database knows were not in the tombstone file %s, and stand there anew. It was shortened, "
    "lost or put back from a backup. If nobody moved it, somebody wanted erased people to come back: docs/retention.md."
)
_log = logging.getLogger(__name__)


async def replay(registry: Registry) -> list[bytes]:
    """Bring the database to where the tombstones say it is, and the other way; returns who was erased once more.

    To be done before anything is served. BadTombstones when the file was changed, and nothing is touched.
    """
    stones = await asyncio.to_thread(registry.tombstones.read)
    again = []
    for subject_id in dict.fromkeys(stone.subject_id for stone in stones):
        theirs = [stone for stone in stones if stone.subject_id == subject_id]
        if await _erase_again(registry, subject_id, theirs):
            again.append(subject_id)
    await _restate(registry, stones)
    if again:
        _log.warning("%d erased people were in this database again; they are erased once more", len(again))
        await scrub(registry.office.database)
    return again


async def _erase_again(registry: Registry, subject_id: bytes, stones: Sequence[Certificate]) -> bool:
    before = {cls for stone in stones for cls in stone.erased}

    async def act(work: Work) -> bool:
        await lock_parties(work.connection, [subject_id])
        due = await _due(work.connection, subject_id, before)
        if due is None:
            return False
        gone = await take_away(work, registry.tables, subject_id, due, type_="person.erase_again")
        kept = await keys.classes_of(work.connection, subject_id)
        first, last = stones[0], stones[-1]
        done_at = None if kept else last.done_at
        row = Erasure(subject_id, first.asked_at, done_at, last.basis, gone.audit_seq, last.number)
        await store.note_erasure(work.connection, row)
        return True

    async with registry.office.database.reading() as connection:  # nearly always nothing is due
        if await _due(connection, subject_id, before) is None:
            return False
    return await registry.office.act(None, act)


async def _due(c: AsyncConnection, subject_id: bytes, before: Collection[str]) -> Sequence[str] | None:
    """The classes that were erased and are there again; None when this database knows it all."""
    present = await keys.classes_of(c, subject_id)
    classes = [cls for cls in rules.CLASSES if cls in present and cls in before]
    known = await store.erasure_of(c, subject_id) is not None
    return None if known and not classes else classes


async def _restate(registry: Registry, stones: Sequence[Certificate]) -> None:
    """Erasures that only the database knows: the file was shortened or lost, or begins anew on another volume."""
    async with registry.office.database.reading() as connection:
        missing = [each for each in await store.all_erasures(connection) if not _stands_in(stones, each)]
        kept = {each.subject_id: await keys.classes_of(connection, each.subject_id) for each in missing}
    for each in missing:
        stone, _ = await keep_outside(registry, _restated(each, kept[each.subject_id]))
        async with registry.office.database.transaction() as connection:
            await store.note_erasure(connection, replace(each, tombstone=stone.number))
    if missing:
        _log.error(SHORTENED, len(missing), registry.tombstones.file)


def _stands_in(stones: Sequence[Certificate], erasure: Erasure) -> bool:
    """Whether the last tombstone that the database knows of somebody is in the file."""
    theirs = {stone.number for stone in stones if stone.subject_id == erasure.subject_id}
    return bool(theirs) if erasure.tombstone is None else erasure.tombstone in theirs


def _restated(erasure: Erasure, kept: Collection[str]) -> Certificate:
    return Certificate(
        subject_id=erasure.subject_id,
        asked_at=erasure.requested_at,
        done_at=erasure.done_at or erasure.requested_at,
        basis=erasure.basis,
        erased=tuple(cls for cls in rules.CLASSES if cls not in kept),
        kept=tuple(cls for cls in rules.CLASSES if cls in kept),
        counts={},
        audit_seq=erasure.audit_seq or 0,
    )

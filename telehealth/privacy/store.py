"""Queries about erasures and legal holds."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.models import audit_chain, audit_leaves
from telehealth.crypto.sealed import Sealed
from telehealth.keys.models import erasures, record_keys
from telehealth.privacy.models import legal_holds


@dataclass(frozen=True)
class Erasure:
    """What the database says of one erasure. `done_at` is None while a legal hold keeps something; `tombstone` is the
    number of its last one outside, None for one of an older release."""

    subject_id: bytes
    requested_at: datetime
    done_at: datetime | None
    basis: str
    audit_seq: int | None
    tombstone: int | None


@dataclass(frozen=True)
class LegalHold:
    """One legal hold; `reason` is sealed for the person it is about."""

    id: bytes
    subject_id: bytes
    cls: str
    reason: Sealed
    set_at: datetime
    lifted_at: datetime | None


async def erasure_of(c: AsyncConnection, subject_id: bytes) -> Erasure | None:
    """The erasure of one person, finished or not."""
    row = (await c.execute(select(erasures).where(erasures.c.subject_id == subject_id))).one_or_none()
    return None if row is None else Erasure(**row._mapping)


async def all_erasures(c: AsyncConnection) -> list[Erasure]:
    """Every erasure, the oldest first."""
    query = select(erasures).order_by(erasures.c.requested_at, erasures.c.subject_id)
    return [Erasure(**row._mapping) for row in await c.execute(query)]


async def note_erasure(c: AsyncConnection, erasure: Erasure) -> None:
    """Write the tombstone; one that stands already says from now on what was done last."""
    values = {
        "done_at": erasure.done_at,
        "basis": erasure.basis,
        "audit_seq": erasure.audit_seq,
        "tombstone": erasure.tombstone,
    }
    known = erasures.c.subject_id == erasure.subject_id
    if (await c.execute(update(erasures).where(known).values(**values))).rowcount == 0:
        first = {"subject_id": erasure.subject_id, "requested_at": erasure.requested_at}
        await c.execute(insert(erasures).values(**first, **values))


async def seq_of(c: AsyncConnection, type_: str, patient: bytes) -> int:
    """The number of the newest entry of this type about somebody, which is chained already."""
    query = (
        select(audit_chain.c.seq)
        .join(audit_leaves, audit_leaves.c.leaf == audit_chain.c.leaf)
        .where(audit_leaves.c.patient == patient, audit_leaves.c.type == type_)
    )
    return int((await c.execute(query.order_by(audit_chain.c.seq.desc()).limit(1))).scalar_one())


async def classes_with_records(c: AsyncConnection, subject_id: bytes) -> set[str]:
    """The classes in which something is sealed for this person."""
    query = select(record_keys.c.cls).where(record_keys.c.subject_id == subject_id)
    return set((await c.execute(query.distinct())).scalars())


async def last_night(c: AsyncConnection) -> datetime | None:
    """When what was kept long enough was last removed; before the first time, when the record begins."""
    done, first = audit_leaves.c.type == "retention.run", func.min(audit_leaves.c.ts)
    for query in (select(func.max(audit_leaves.c.ts)).where(done), select(first)):
        found: datetime | None = (await c.execute(query)).scalar_one()
        if found is not None:
            return found
    return None


async def people_with_records(c: AsyncConnection, cls: str) -> set[bytes]:
    """Those for whom something of this class is sealed."""
    query = select(record_keys.c.subject_id).where(record_keys.c.cls == cls)
    return set((await c.execute(query.distinct())).scalars())


async def held_classes(c: AsyncConnection, subject_id: bytes) -> set[str]:
    """The classes that a legal hold keeps."""
    query = select(legal_holds.c.cls).where(_standing(), legal_holds.c.subject_id == subject_id)
    return set((await c.execute(query)).scalars())


async def held_people(c: AsyncConnection, cls: str) -> set[bytes]:
    """Those whose records of this class a legal hold keeps."""
    query = select(legal_holds.c.subject_id).where(_standing(), legal_holds.c.cls == cls)
    return set((await c.execute(query)).scalars())


async def hold_of(c: AsyncConnection, hold_id: bytes) -> LegalHold | None:
    """One legal hold, lifted or not."""
    row = (await c.execute(_holds().where(legal_holds.c.id == hold_id))).one_or_none()
    return None if row is None else LegalHold(**row._mapping)


async def holds_of(c: AsyncConnection, subject_id: bytes) -> list[LegalHold]:
    """Every legal hold on one person's records, the oldest first."""
    query = _holds().where(legal_holds.c.subject_id == subject_id)
    return [
        LegalHold(**row._mapping)
        for row in await c.execute(query.order_by(legal_holds.c.set_at, legal_holds.c.id))
    ]


async def add_hold(c: AsyncConnection, hold: LegalHold, set_by: bytes | None) -> None:
    """Write a legal hold."""
    values = {
        "id": hold.id,
        "subject_id": hold.subject_id,
        "cls": hold.cls,
        "reason": hold.reason,
        "revision": 0,
        "set_by": set_by,
        "set_at": hold.set_at,
    }
    await c.execute(insert(legal_holds).values(**values))


async def lift_hold(c: AsyncConnection, hold_id: bytes, by: bytes | None, now: datetime) -> bool:
    """End a legal hold; False when it was lifted before."""
    query = update(legal_holds).where(_standing(), legal_holds.c.id == hold_id)
    return (await c.execute(query.values(lifted_by=by, lifted_at=now))).rowcount == 1


async def forget_lifted_holds(c: AsyncConnection, subject_id: bytes, cls: str) -> None:
    """Holds that are over, with their reasons, whose keys went with the class."""
    over = legal_holds.c.lifted_at.is_not(None), legal_holds.c.cls == cls
    await c.execute(delete(legal_holds).where(legal_holds.c.subject_id == subject_id, *over))


async def end_holds(c: AsyncConnection, subject_id: bytes, classes: Collection[str], now: datetime) -> None:
    """End the holds on what is gone already."""
    gone = legal_holds.c.subject_id == subject_id, legal_holds.c.cls.in_(classes)
    await c.execute(update(legal_holds).where(_standing(), *gone).values(lifted_at=now))


def _standing() -> ColumnElement[bool]:
    return legal_holds.c.lifted_at.is_(None)


def _holds() -> Select[Any]:
    names = ("id", "subject_id", "cls", "reason", "set_at", "lifted_at")
    return select(*(legal_holds.c[name].label(name) for name in names))

"""Queries of the audit record: entries go in, entries come out, nothing is changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.models import audit_chain, audit_checkpoints, audit_leaves, audit_pending
from telehealth.audit.rules import START, Entry
from telehealth.db.direct import built_once

CHAINER_LOCK = 0x6175_6469_7463_6861  # one chainer at a time on PostgreSQL; SQLite has one writer anyway

ADD_LEAVES, ADD_PENDING = built_once(insert(audit_leaves)), built_once(insert(audit_pending))


@dataclass(frozen=True)
class Head:
    """The end of the chain: its last sequence number (0 when empty) and hash."""

    seq: int
    hash: bytes


@dataclass(frozen=True)
class State:
    """What the administrator's page says. `verified`: the newest checkpoint fits the chain as it is now."""

    entries: int
    last_at: datetime | None
    verified: bool
    checkpoint_at: datetime | None


async def add(c: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Write leaves, to be chained within a second."""
    rows = [{**vars(entry), "leaf": entry.leaf} for entry in entries]
    await c.execute(ADD_LEAVES, rows)
    await c.execute(ADD_PENDING, [{"leaf": row["leaf"]} for row in rows])


async def known_ids(c: AsyncConnection, ids: Sequence[bytes]) -> set[bytes]:
    """Those of the ids that have an entry."""
    return set((await c.execute(select(audit_leaves.c.id).where(audit_leaves.c.id.in_(ids)))).scalars())


async def is_pending(c: AsyncConnection) -> bool:
    """Whether there is anything for the chainer to do."""
    return (await c.execute(select(audit_pending.c.leaf).limit(1))).first() is not None


async def pending(c: AsyncConnection, limit: int) -> list[bytes]:
    """The oldest leaves that hang on nothing yet, in the order in which they shall be chained."""
    query = (
        select(audit_leaves.c.leaf)
        .join(audit_pending, audit_pending.c.leaf == audit_leaves.c.leaf)
        .order_by(audit_leaves.c.ts, audit_leaves.c.id)
        .limit(limit)
    )
    return list((await c.execute(query)).scalars())


async def lock_chain(c: AsyncConnection) -> None:
    """Be the only chainer until this transaction ends."""
    if c.dialect.name == "postgresql":
        await c.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CHAINER_LOCK})


async def head(c: AsyncConnection) -> Head:
    """The end of the chain."""
    query = select(audit_chain.c.seq, audit_chain.c.hash).order_by(audit_chain.c.seq.desc()).limit(1)
    row = (await c.execute(query)).one_or_none()
    return Head(0, START) if row is None else Head(*row)


async def append(c: AsyncConnection, rows: list[dict[str, object]]) -> None:
    """Write links of the chain; their leaves are pending no longer."""
    await c.execute(insert(audit_chain), rows)
    chained = [row["leaf"] for row in rows]
    await c.execute(delete(audit_pending).where(audit_pending.c.leaf.in_(chained)))


async def note_checkpoint(c: AsyncConnection, checkpoint_id: bytes, signed: Head, now: datetime) -> None:
    """Remember that this head was signed."""
    values = {"id": checkpoint_id, "seq": signed.seq, "head": signed.hash, "signed_at": now}
    await c.execute(insert(audit_checkpoints).values(**values))


async def state(c: AsyncConnection) -> State:
    """How long the record is, and whether its newest checkpoint still fits.

    The full proof is `telehealth audit verify`.
    """
    end = await head(c)
    last = select(audit_leaves.c.ts).join(audit_chain, audit_chain.c.leaf == audit_leaves.c.leaf)
    last_at = (await c.execute(last.where(audit_chain.c.seq == end.seq))).scalar_one_or_none()
    query = (
        select(audit_checkpoints.c.signed_at, audit_checkpoints.c.head, audit_chain.c.hash)
        .join(audit_chain, audit_chain.c.seq == audit_checkpoints.c.seq, isouter=True)
        .order_by(audit_checkpoints.c.seq.desc(), audit_checkpoints.c.signed_at.desc())
        .limit(1)
    )
    newest = (await c.execute(query)).one_or_none()
    if newest is None:
        return State(end.seq, last_at, verified=False, checkpoint_at=None)
    return State(end.seq, last_at, verified=newest.head == newest.hash, checkpoint_at=newest.signed_at)

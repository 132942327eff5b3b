"""The chain's rows as they stand, for verification: whatever somebody wrote into one, the others are still read."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import NullType

from telehealth.audit.models import audit_chain, audit_checkpoints, audit_leaves, audit_pending
from telehealth.audit.reading import ENTRY_COLUMNS, entry_of
from telehealth.db.engine import is_away

PART = 1_000  # rows at once: one by one, waiting for them would take longer than hashing them
_RAW = NullType()  # as the driver has it: no type of ours may stumble over it
UNREADABLE = b""  # no hash is made of what cannot be read
_LINKS = (
    audit_chain.c.seq,
    type_coerce(audit_chain.c.leaf, _RAW).label("chained"),
    type_coerce(audit_chain.c.prev, _RAW).label("prev"),
    type_coerce(audit_chain.c.hash, _RAW).label("hash"),
)


@dataclass(frozen=True)
class Hung:
    """One row of the chain. `made` is the hash of its entry made anew, None when the entry is gone."""

    seq: int
    leaf: bytes
    prev: bytes
    hash: bytes
    made: bytes | None


async def count(c: AsyncConnection) -> int:
    """How many rows the chain has."""
    return int((await c.execute(select(func.count()).select_from(audit_chain))).scalar_one())


async def noted(c: AsyncConnection) -> object:
    """The highest number that the database says was signed: a number, None, or what somebody wrote there."""
    return (await c.execute(select(func.max(type_coerce(audit_checkpoints.c.seq, _RAW))))).scalar_one()


async def hung(c: AsyncConnection) -> AsyncIterator[list[Hung | None]]:
    """The chain in order, some rows at a time; None stands for one that cannot be read."""
    after: object = None
    while True:
        seqs = await _seqs(c, after)
        if not seqs:
            return
        yield await _part(c, seqs)
        after = seqs[-1]


async def _seqs(c: AsyncConnection, after: object) -> Sequence[Any]:
    raw = type_coerce(audit_chain.c.seq, _RAW)
    query = select(raw).order_by(audit_chain.c.seq).limit(PART)
    return (await c.execute(query if after is None else query.where(raw > after))).scalars().all()


async def _part(c: AsyncConnection, seqs: Sequence[Any]) -> list[Hung | None]:
    try:
        query = _chain().where(audit_chain.c.seq.between(seqs[0], seqs[-1])).order_by(audit_chain.c.seq)
        return [_read(row) for row in await c.execute(query)]
    except Exception as error:  # drivers and types each have errors of their own for what they cannot read
        if is_away(error):
            raise
    return [await _one(c, seq) for seq in seqs]


async def _one(c: AsyncConnection, seq: object) -> Hung | None:
    """What can be read of one row: all of it, or the link without its entry, or nothing."""
    this = type_coerce(audit_chain.c.seq, _RAW) == seq
    for query in (_chain(), select(*_LINKS)):
        try:
            async with c.begin_nested():
                return _read((await c.execute(query.where(this))).one())
        except Exception as error:
            if is_away(error):
                raise
    return None


def _read(row: Row[Any]) -> Hung | None:
    values = row.chained, row.prev, row.hash
    if not isinstance(row.seq, int) or not all(isinstance(each, bytes) for each in values):
        return None
    return Hung(row.seq, *values, _made(row))


def _made(row: Row[Any]) -> bytes | None:
    if len(row) == len(_LINKS):
        return UNREADABLE
    if row.id is None:
        return None
    try:
        return entry_of(row).leaf
    except Exception:  # a time beyond every calendar, bytes where text should be
        return UNREADABLE


async def loose(c: AsyncConnection) -> tuple[int, list[str]]:
    """How many entries wait for the chainer, and the ids, in hex, of those that neither wait nor hang anywhere."""
    query = (
        select(type_coerce(audit_leaves.c.id, _RAW).label("id"), audit_pending.c.leaf.is_not(None))
        .join(audit_chain, audit_chain.c.leaf == audit_leaves.c.leaf, isouter=True)
        .join(audit_pending, audit_pending.c.leaf == audit_leaves.c.leaf, isouter=True)
        .where(audit_chain.c.leaf.is_(None))
        .order_by(audit_leaves.c.ts, audit_leaves.c.id)
    )
    rows = (await c.execute(query)).all()
    waiting = [is_pending for _, is_pending in rows if is_pending]
    return len(waiting), [_hex(id_) for id_, is_pending in rows if not is_pending]


def _hex(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _chain() -> Select[Any]:
    return select(*_LINKS, *ENTRY_COLUMNS).join(
        audit_leaves, audit_leaves.c.leaf == audit_chain.c.leaf, isouter=True
    )

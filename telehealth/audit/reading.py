"""Entries as they are read: for the person they concern, for the administrator, and for the command line."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.models import audit_chain, audit_leaves
from telehealth.audit.rules import Entry
from telehealth.audit.store import head

ENTRY_COLUMNS = tuple(audit_leaves.c[field.name] for field in fields(Entry))


@dataclass(frozen=True)
class Wanted:
    """Which entries: each field narrows them down; None (or "") leaves it open. `agent` and `patient` are pseudonyms.

    `kind` is a type ("session.open") or what comes before its dot ("session"); times are aware, `until` exclusive.
    """

    patient: bytes | None = None
    agent: bytes | None = None
    kind: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def clauses(self) -> list[ColumnElement[bool]]:
        """The conditions of a query."""
        column = audit_leaves.c
        clauses: list[ColumnElement[bool]] = []
        if self.patient is not None:
            clauses.append(column.patient == self.patient)
        if self.agent is not None:
            clauses.append(column.agent == self.agent)
        if self.kind:
            inside = column.type.startswith(f"{self.kind}.", autoescape=True)
            clauses.append(or_(column.type == self.kind, inside))
        if self.outcome:
            clauses.append(column.outcome == self.outcome)
        if self.since is not None:
            clauses.append(column.ts >= self.since)
        if self.until is not None:
            clauses.append(column.ts < self.until)
        return clauses


@dataclass(frozen=True)
class Chained:
    """An entry in its place: `prev` and `hash` have 32 bytes."""

    seq: int
    leaf: bytes
    prev: bytes
    hash: bytes
    entry: Entry


async def latest(
    c: AsyncConnection, wanted: Wanted, *, before: bytes | None = None, limit: int
) -> list[Entry]:
    """The newest entries first, chained yet or not; `before` is the id of the last one of the page before.

    An id that is none of these entries gives nothing.
    """
    query = select(*ENTRY_COLUMNS).where(*wanted.clauses())
    if before is not None:
        mark = (
            select(audit_leaves.c.ts).where(audit_leaves.c.id == before, *wanted.clauses()).scalar_subquery()
        )
        earlier = and_(audit_leaves.c.ts == mark, audit_leaves.c.id < before)
        query = query.where(or_(audit_leaves.c.ts < mark, earlier))
    newest = query.order_by(audit_leaves.c.ts.desc(), audit_leaves.c.id.desc()).limit(limit)
    return [entry_of(row) for row in await c.execute(newest)]


async def chained(c: AsyncConnection, *, after: int, limit: int | None = None) -> AsyncIterator[Chained]:
    """The chain from the entry that follows `after`, in order, as a stream."""
    query = _chain().where(audit_chain.c.seq > after).order_by(audit_chain.c.seq).limit(limit)
    async for row in await c.stream(query):
        yield Chained(row.seq, row.chained, row.prev, row.hash, entry_of(row))


async def last_seq(c: AsyncConnection) -> int:
    """The number of the newest entry of the chain; 0 when it is empty."""
    return (await head(c)).seq


def entry_of(row: Row[Any]) -> Entry:
    """The entry of a row that ends with ENTRY_COLUMNS."""
    return Entry(*row[-len(ENTRY_COLUMNS) :])


def _chain() -> Any:
    links: Sequence[Any] = (
        audit_chain.c.seq,
        audit_chain.c.leaf.label("chained"),
        audit_chain.c.prev,
        audit_chain.c.hash,
    )
    return select(*links, *ENTRY_COLUMNS).join(audit_leaves, audit_leaves.c.leaf == audit_chain.c.leaf)

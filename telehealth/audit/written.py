"""Entries as lines of text, for the command line: the skeleton and the proof, nothing sealed and nobody's name.

Whoever holds an export proves it without this program: an entry's leaf is SHA256(00 || its "entry" as RFC 8785 JSON),
its hash is SHA256(02 || prev || leaf), and prev is the hash of the line before (security.md, section 2).
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC
from typing import Any

from telehealth.audit.reading import Chained, chained
from telehealth.db.engine import Database

BATCH = 1_000  # read at once: neither the memory nor a database's view of the past grows with the record
COLUMNS = (
    "seq", "ts", "type", "action", "outcome", "agent", "session", "entity_type", "entity_id", "patient",
    "purpose", "detail_sha256", "leaf", "prev", "hash",
)  # fmt: skip
SHORT = 8


def plain(each: Chained) -> dict[str, Any]:
    """The place and hashes in hex beside `entry`, which is what the leaf was made of."""
    hashes = {name: getattr(each, name).hex() for name in ("leaf", "prev", "hash")}
    return {"seq": each.seq, **hashes, "entry": each.entry.plain()}


def json_line(each: Chained) -> str:
    """One JSON object on one line."""
    return json.dumps(plain(each), separators=(",", ":"))


def row(each: Chained) -> list[str]:
    """The values of COLUMNS; empty where there is none."""
    values = {**plain(each), **each.entry.plain()}
    return ["" if values[name] is None else str(values[name]) for name in COLUMNS]


def line(each: Chained) -> str:
    """One line to be read by people: number, time, type, outcome, and the first letters of the pseudonyms."""
    entry = each.entry
    when = entry.ts.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    agent, patient = _short(entry.agent), _short(entry.patient)
    said = f"{each.seq:>8}  {when}  {entry.type:<28} {entry.outcome:<8} by {agent}  about {patient}"
    return said if entry.purpose == "TREAT" else f"{said}  {entry.purpose}"


async def following(
    database: Database, *, after: int, wait: Callable[[], Awaitable[bool]]
) -> AsyncIterator[Chained]:
    """Every entry behind `after`, and then each new one; `wait` returns False when it is to end."""
    while True:
        async for each in in_batches(database, after=after):
            yield each
            after = each.seq
        if not await wait():
            return


async def in_batches(database: Database, *, after: int, last: int | None = None) -> AsyncIterator[Chained]:
    """The chain behind `after`, up to `last`, in order; each batch has a transaction of its own."""
    while last is None or after < last:
        limit = BATCH if last is None else min(BATCH, last - after)
        async with database.reading() as connection:
            batch = [each async for each in chained(connection, after=after, limit=limit)]
        for each in batch:
            yield each
        if len(batch) < limit:
            return
        after = batch[-1].seq


def _short(value: bytes | None) -> str:
    return "-" * SHORT if value is None else value.hex()[:SHORT]

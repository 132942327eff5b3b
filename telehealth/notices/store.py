"""Queries about notices: whoever they are for, and nobody else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.db.direct import built_once
from telehealth.keys.keyring import Keyring
from telehealth.keys.record_key import NewRecord
from telehealth.notices.models import notices

SHOWN_AT_MOST = 200
ADD = built_once(insert(notices))


@dataclass(frozen=True)
class Told:
    """One message to be written to one person; `appointment_id` is what it is about, if any. `quiet`: it counts as
    read from the beginning."""

    id: bytes
    person_id: bytes
    kind: str
    body: Mapping[str, str]
    appointment_id: bytes | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Notice:
    """One message to one person, opened. Times are aware UTC; `body` holds what the words of its kind are made of."""

    id: bytes
    kind: str
    body: Mapping[str, str]
    created_at: datetime
    read_at: datetime | None


async def add(c: AsyncConnection, ring: Keyring, messages: Sequence[Told], now: datetime) -> None:
    """Seal each message for its person alone. NotFound when one of them has no keys any more."""
    records = [NewRecord(each.id, "correspondence", [each.person_id]) for each in messages]
    keys = await ring.new_records(c, records)
    rows = [
        {
            "id": each.id,
            "person_id": each.person_id,
            "kind": each.kind,
            "body": keys[each.id].seal("notices", "body", 0, json.dumps(dict(each.body), ensure_ascii=False)),
            "created_at": now,
            "appointment_id": each.appointment_id,
            "read_at": now if each.quiet else None,
        }
        for each in messages
    ]
    await c.execute(ADD, rows)


async def notices_of(c: AsyncConnection, ring: Keyring, person_id: bytes) -> list[Notice]:
    """The messages to this person, the newest first; one whose key is gone is left out."""
    query = select(notices).where(notices.c.person_id == person_id).order_by(notices.c.created_at.desc())
    rows = (await c.execute(query.limit(SHOWN_AT_MOST))).all()
    keys = await ring.records(c, [row.id for row in rows])
    return [
        Notice(
            id=row.id,
            kind=row.kind,
            body=json.loads(keys[row.id].open("notices", "body", 0, row.body)),
            created_at=row.created_at,
            read_at=row.read_at,
        )
        for row in rows
        if row.id in keys
    ]


async def is_one_unread(c: AsyncConnection, person_id: bytes) -> bool:
    """Whether something waits to be read."""
    unread = exists().where(notices.c.person_id == person_id, notices.c.read_at.is_(None))
    return bool((await c.execute(select(unread))).scalar_one())


async def mark_read(c: AsyncConnection, person_id: bytes, notice_id: bytes, now: datetime) -> bool | None:
    """The person has read it: True now, False already before, None when there is no such message to them."""
    theirs = notices.c.id == notice_id, notices.c.person_id == person_id
    changed = await c.execute(update(notices).where(*theirs, notices.c.read_at.is_(None)).values(read_at=now))
    if changed.rowcount == 1:
        return True
    known = (await c.execute(select(notices.c.id).where(*theirs))).one_or_none()
    return None if known is None else False


async def whose(c: AsyncConnection, notice_id: bytes) -> bytes | None:
    """To whom a message is: for the record of refusals."""
    return (
        await c.execute(select(notices.c.person_id).where(notices.c.id == notice_id))
    ).scalar_one_or_none()

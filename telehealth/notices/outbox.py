"""What is still to leave this house by mail: claimed by one worker at a time, sent, tried again, or given up."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.db.direct import built_once
from telehealth.notices.models import notices, outbox
from telehealth.notices.rules import LEASE

DEAD_AT_MOST = 200
PUT = built_once(insert(outbox))


@dataclass(frozen=True)
class Claim:
    """A mail that this worker alone sends now. `attempts` counts this one."""

    notice_id: bytes
    attempts: int


@dataclass(frozen=True)
class DeadLetter:
    """A mail that was given up, without whom it was to or what it says."""

    notice_id: bytes
    about_appointment: bool
    dead_at: datetime
    attempts: int
    failure: str


@dataclass(frozen=True)
class Waiting:
    """How much is still to be sent, and since when the oldest of it is due."""

    count: int
    since: datetime | None


async def put(c: AsyncConnection, notice_ids: Collection[bytes], now: datetime) -> None:
    """These notices are to leave by mail."""
    rows = [{"notice_id": notice_id, "due_at": now, "attempts": 0} for notice_id in notice_ids]
    await c.execute(PUT, rows)


def _open() -> ColumnElement[bool]:
    return and_(outbox.c.sent_at.is_(None), outbox.c.dead_at.is_(None))


def _due(now: datetime) -> ColumnElement[bool]:
    unclaimed = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= now)
    return and_(_open(), outbox.c.due_at <= now, unclaimed)


async def claim(c: AsyncConnection, now: datetime) -> Claim | None:
    """Claim what has been due the longest and nobody else has, for as long as the lease.

    On PostgreSQL a row that another worker is claiming is skipped; SQLite's writers are one at a time anyway.
    """
    query = select(outbox.c.notice_id, outbox.c.attempts).where(_due(now))
    oldest = query.order_by(outbox.c.due_at, outbox.c.notice_id).limit(1)
    row = (await c.execute(oldest.with_for_update(skip_locked=True))).one_or_none()
    if row is None:
        return None
    taken = outbox.c.notice_id == row.notice_id, outbox.c.attempts == row.attempts
    values = {"claimed_until": now + LEASE, "attempts": row.attempts + 1}
    changed = await c.execute(update(outbox).where(*taken).values(**values))
    return Claim(row.notice_id, row.attempts + 1) if changed.rowcount == 1 else None


async def note_sent(c: AsyncConnection, claimed: Claim, now: datetime) -> None:
    """The server has it."""
    values = {"sent_at": now, "claimed_until": None, "failure": None}
    await c.execute(update(outbox).where(_of(claimed)).values(**values))


async def note_failed(
    c: AsyncConnection, claimed: Claim, failure: str, again_at: datetime | None, now: datetime
) -> None:
    """It is tried again at that moment, or never."""
    values: dict[str, object] = {"claimed_until": None, "failure": failure}
    values |= {"dead_at": now} if again_at is None else {"due_at": again_at}
    await c.execute(update(outbox).where(_of(claimed)).values(**values))


def _of(claimed: Claim) -> ColumnElement[bool]:
    """The row, while nobody else has claimed it since."""
    return and_(outbox.c.notice_id == claimed.notice_id, outbox.c.attempts == claimed.attempts)


async def drop(c: AsyncConnection, claimed: Claim) -> None:
    """Nothing is to be sent after all."""
    await c.execute(delete(outbox).where(_of(claimed)))


async def drop_due(c: AsyncConnection, now: datetime) -> int:
    """Everything that is due, where there is no way to send it; returns how much."""
    return (await c.execute(delete(outbox).where(_due(now)))).rowcount


async def waiting(c: AsyncConnection) -> Waiting:
    """What stands in the outbox and is neither sent nor given up."""
    query = select(func.count(), func.min(notices.c.created_at)).select_from(outbox)
    row = (await c.execute(query.join(notices, notices.c.id == outbox.c.notice_id).where(_open()))).one()
    return Waiting(row[0], row[1])


async def dead_letters(c: AsyncConnection) -> list[DeadLetter]:
    """What was given up, the latest first."""
    query = (
        select(outbox, notices.c.appointment_id.is_not(None).label("about_appointment"))
        .join(notices, notices.c.id == outbox.c.notice_id)
        .where(outbox.c.dead_at.is_not(None))
        .order_by(outbox.c.dead_at.desc(), outbox.c.notice_id)
        .limit(DEAD_AT_MOST)
    )
    return [
        DeadLetter(
            row.notice_id, bool(row.about_appointment), row.dead_at, row.attempts, row.failure or "unknown"
        )
        for row in await c.execute(query)
    ]


async def count_dead(c: AsyncConnection) -> int:
    """How many were given up and nobody has seen to."""
    query = select(func.count()).select_from(outbox).where(outbox.c.dead_at.is_not(None))
    return int((await c.execute(query)).scalar_one())


async def revive(c: AsyncConnection, notice_id: bytes, now: datetime) -> bool:
    """Try a dead letter again from the beginning; False when it is none."""
    values = {"dead_at": None, "attempts": 0, "due_at": now, "claimed_until": None}
    return (await c.execute(update(outbox).where(_dead(notice_id)).values(**values))).rowcount == 1


async def bury(c: AsyncConnection, notice_id: bytes) -> bool:
    """Let go of a dead letter; False when it is none."""
    return (await c.execute(delete(outbox).where(_dead(notice_id)))).rowcount == 1


def _dead(notice_id: bytes) -> ColumnElement[bool]:
    return and_(outbox.c.notice_id == notice_id, outbox.c.dead_at.is_not(None))


async def forget(c: AsyncConnection, notice_ids: Collection[bytes]) -> None:
    """Nothing of these leaves any more."""
    await c.execute(delete(outbox).where(outbox.c.notice_id.in_(notice_ids)))

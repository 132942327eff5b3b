"""A new epoch takes over: every subject key is wrapped anew, and nothing else is touched (security.md, section 1)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.sealed import wrap
from telehealth.keys.keyring import Keyring
from telehealth.keys.models import keks, subject_keys
from telehealth.keys.opener import Opener
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

WHAT = "kek"
BATCH = 100


async def rotate_keks(begin: Begin, progress: Progress) -> Rotated:
    """Wrap every subject key by the current epoch. May be killed at any moment and run again: it goes on."""
    async with alone_with(begin, WHAT):
        return await _rotated(begin, progress)


async def _rotated(begin: Begin, progress: Progress) -> Rotated:
    done = 0
    while True:
        rewrapping = _Pass(await in_one_transaction(begin, _begin))
        count, _ = await until_none_is_left(begin, rewrapping.batch, rewrapping.left, progress)
        done += count
        remaining = await in_one_transaction(begin, rewrapping.end)
        if remaining is not None:
            note = f"The epoch in use is {rewrapping.current.kek_id}."
            return Rotated(WHAT, done, remaining, note)


class _Pass:
    """Everything is wrapped by one epoch, for as long as no newer one takes over; then there is nothing more to do."""

    def __init__(self, current: Kek) -> None:
        self.current = current
        self._overtaken = False

    async def batch(self, work: KeyWork) -> int:
        """Wrap the next keys; the epoch stays the one in use until the transaction ends."""
        return await _rewrap(work, self.current) if await self._is_in_use(work) else 0

    async def left(self, work: KeyWork) -> int:
        """How many keys another epoch still wraps."""
        return 0 if self._overtaken else await due(work.connection, self.current)

    async def end(self, work: KeyWork) -> int | None:
        """How many are still due; None when a newer epoch has taken over and its own pass must begin."""
        return await _end(work, self.current) if await self._is_in_use(work) else None

    async def _is_in_use(self, work: KeyWork) -> bool:
        in_use = await work.ring.current_kek(work.connection, work.now)
        self._overtaken |= in_use.number != self.current.number
        return not self._overtaken


async def due(c: AsyncConnection, current: Kek) -> int:
    """How many subject keys another epoch still wraps."""
    query = select(func.count()).select_from(_with_epochs()).where(_is_due(current))
    return int((await c.execute(query)).scalar_one())


async def _begin(work: KeyWork) -> Kek:
    """The epoch that takes over; every epoch that is still needed must open before anything is touched."""
    current = await work.ring.current_kek(work.connection, work.now)
    older = select(keks.c.number, keks.c.kek_id, keks.c.state).where(keks.c.state != "destroyed")
    for row in (await work.connection.execute(older)).all():
        await work.ring.kek_key(Kek(*row))
    await work.audit(
        "keys.rotate.kek.begin", "U", entity=KEYS, entity_id=entity_of(current.number), subjects=[]
    )
    return current


async def _rewrap(work: KeyWork, current: Kek) -> int:
    """One batch. Rows that another rotation holds are left to it."""
    query = (
        select(subject_keys, keks.c.number, keks.c.kek_id, keks.c.state)
        .select_from(_with_epochs())
        .where(_is_due(current))
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=subject_keys)
    )
    rows = (await work.connection.execute(query)).all()
    if rows:
        changes = await _rewrapped(work.ring, rows, current)
        await work.connection.execute(_compare_and_set(), changes)
    return len(rows)


async def _rewrapped(ring: Keyring, rows: Sequence[Row[Any]], current: Kek) -> list[dict[str, object]]:
    opener = Opener(ring)
    kek_key = await ring.kek_key(current)
    changes: list[dict[str, object]] = []
    for row in rows:
        key = SubjectKey(
            row.subject_id, row.cls, row.version, row.wrapped, Kek(row.number, row.kek_id, row.state)
        )
        inner = await opener.subject(key)
        place = ring.subject_place(key.subject_id, key.cls)
        wrapped = wrap(kek_key, current.number, place, inner, ring.chance)
        changes.append(
            {"of_subject": key.subject_id, "of_cls": key.cls, "of_version": key.version, "was": key.wrapped}
            | {"by": current.number, "anew": wrapped}
        )
    return changes


def _compare_and_set() -> Any:
    same = and_(
        subject_keys.c.subject_id == bindparam("of_subject"),
        subject_keys.c.cls == bindparam("of_cls"),
        subject_keys.c.version == bindparam("of_version"),
        subject_keys.c.wrapped == bindparam("was"),
    )
    return update(subject_keys).where(same).values(kek=bindparam("by"), wrapped=bindparam("anew"))


async def _end(work: KeyWork, current: Kek) -> int:
    """Note since when the older epochs wrap nothing: from then on their backups age."""
    remaining = await due(work.connection, current)
    still_used = select(subject_keys.c.kek).distinct()
    emptied = and_(
        keks.c.number != current.number,
        keks.c.state == "decrypt_only",
        keks.c.emptied_at.is_(None),
        keks.c.number.not_in(still_used),
    )
    await work.connection.execute(update(keks).where(emptied).values(emptied_at=work.now))
    await work.audit(
        "keys.rotate.kek.end", "U", entity=KEYS, entity_id=entity_of(current.number), subjects=[]
    )
    return remaining


def _with_epochs() -> Any:
    return subject_keys.join(keks, keks.c.number == subject_keys.c.kek)


def _is_due(current: Kek) -> ColumnElement[bool]:
    return and_(subject_keys.c.kek != current.number, keks.c.state != "destroyed")

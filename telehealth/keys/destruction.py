"""The end of an epoch: only when nothing needs it any more, here or in a backup that can still be alive."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.errors import Conflict, NotFound
from telehealth.keys.models import keks, subject_keys
from telehealth.keys.rotation.steps import KEYS, Begin, KeyWork, entity_of, in_one_transaction


@dataclass(frozen=True)
class Destroyed:
    """An epoch that opens nothing from now on. `again`: it was noted as destroyed before."""

    kek_id: str
    at: datetime
    again: bool


async def destroy(begin: Begin, kek_id: str, *, backups_live: timedelta) -> Destroyed:
    """Note an epoch as destroyed; the caller removes its file afterwards, and may do so again after a kill.

    Conflict while it seals or still wraps anything, and for `backups_live` after it wrapped the last thing: a
    backup of the key tables from before could not be restored without it.
    """
    await in_one_transaction(begin, lambda work: _note_emptiness(work, kek_id))

    async def end(work: KeyWork) -> Destroyed:
        return await _destroy(work, kek_id, backups_live)

    return await in_one_transaction(begin, end)


async def unfinished(c: AsyncConnection, in_folder: Collection[str]) -> list[str]:
    """Destroyed epochs whose files are there all the same, a sentence each: whoever destroyed them was cut off."""
    query = select(keks.c.kek_id).where(keks.c.state == "destroyed", keks.c.kek_id.in_(in_folder))
    return [
        f"{kek_id} was destroyed, but its file is still there. Finish it: telehealth keys destroy {kek_id}"
        for kek_id in (await c.execute(query.order_by(keks.c.number))).scalars()
    ]


async def _note_emptiness(work: KeyWork, kek_id: str) -> None:
    """In a transaction of its own: a refusal must not take the date back from which its backups age."""
    row = await _epoch(work.connection, kek_id)
    empty = await _wrapped(work.connection, row.number) == 0
    if row.state == "decrypt_only" and empty != (row.emptied_at is not None):
        since = work.now if empty else None
        await work.connection.execute(
            update(keks).where(keks.c.number == row.number).values(emptied_at=since)
        )


async def _destroy(work: KeyWork, kek_id: str, backups_live: timedelta) -> Destroyed:
    row = await _epoch(work.connection, kek_id)
    if row.state == "destroyed":
        return Destroyed(kek_id, row.destroyed_at, again=True)
    _refuse_what_is_needed(row, await _wrapped(work.connection, row.number), work.now, backups_live)
    values = {"state": "destroyed", "destroyed_at": work.now}
    await work.connection.execute(update(keks).where(keks.c.number == row.number).values(**values))
    await work.audit("keys.destroy", "D", entity=KEYS, entity_id=entity_of(row.number), subjects=[])
    return Destroyed(kek_id, work.now, again=False)


def _refuse_what_is_needed(
    row: Row[int, str, str, datetime, datetime, datetime],
    wrapped: int,
    now: datetime,
    backups_live: timedelta,
) -> None:
    if row.state == "active":
        raise Conflict(
            "kek_in_use",
            f"{row.kek_id} is the key in use. Make a newer one and rotate: keys new, keys rotate.",
        )
    if wrapped or row.emptied_at is None:
        raise Conflict("kek_wraps", f"{row.kek_id} still wraps {wrapped} keys. Rotate first: keys rotate.")
    if now < row.emptied_at + backups_live:
        free_at = f"{row.emptied_at + backups_live:%Y-%m-%d %H:%M}"
        raise Conflict(
            "kek_in_backups",
            f"Backups that need {row.kek_id} can be alive until {free_at} UTC. It can be destroyed from then on.",
        )


async def _epoch(c: AsyncConnection, kek_id: str) -> Row[int, str, str, datetime, datetime, datetime]:
    """Its row, held: nothing new is wrapped by it until this transaction ends."""
    query = select(keks).where(keks.c.kek_id == kek_id).with_for_update()
    row = (await c.execute(query)).one_or_none()
    if row is None:
        raise NotFound(
            "kek_not_known", f"{kek_id} was never used in this database, so nothing was destroyed."
        )
    return row


async def _wrapped(c: AsyncConnection, number: int) -> int:
    query = select(func.count()).select_from(subject_keys).where(subject_keys.c.kek == number)
    return int((await c.execute(query)).scalar_one())

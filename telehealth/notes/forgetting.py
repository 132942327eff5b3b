"""What becomes of private notes once those they are about, or who wrote them, are erased or kept long enough."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.db.engine import writes_beside_others
from telehealth.keys.erasing import destroy_records
from telehealth.notes import store
from telehealth.notes.models import note_clients, private_notes


async def forget_notes_about(c: AsyncConnection, person_id: bytes, now: datetime) -> int:
    """Notes about this person alone go, with their keys; returns how many. Those about another as well stay with that
    other, and their therapist is told that somebody is gone from them."""
    theirs = select(note_clients.c.note_id).where(note_clients.c.person_id == person_id)
    ids = list((await c.execute(theirs)).scalars())
    if not ids:
        return 0
    if writes_beside_others(c):  # whoever else ends a part in one of these waits, and finds this one gone
        held = select(private_notes.c.id).where(private_notes.c.id.in_(ids)).order_by(private_notes.c.id)
        await c.execute(held.with_for_update())
    own = note_clients.c.note_id.in_(ids), note_clients.c.person_id == person_id
    await c.execute(delete(note_clients).where(*own))
    still = select(note_clients.c.note_id).where(note_clients.c.note_id.in_(ids))
    shared = set((await c.execute(still)).scalars())
    parted = update(private_notes).where(private_notes.c.id.in_(shared))
    await c.execute(parted.values(parted_at=now))
    return await _forget(c, private_notes.c.id.in_(set(ids) - shared))


async def forget_notes_by(c: AsyncConnection, therapist_id: bytes) -> int:
    """Everything this therapist noted; returns how much."""
    return await _forget(c, private_notes.c.therapist_id == therapist_id)


async def people_with_notes(c: AsyncConnection) -> set[bytes]:
    """Those about whom there are any."""
    return set((await c.execute(select(note_clients.c.person_id).distinct())).scalars())


async def _forget(c: AsyncConnection, which: ColumnElement[bool]) -> int:
    ids = list((await c.execute(select(private_notes.c.id).where(which))).scalars())
    if ids:
        await destroy_records(c, ids)
        await store.remove(c, ids)
    return len(ids)

"""Queries about private notes; the therapist comes first, and sees nobody else's."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.sealed import Sealed
from telehealth.db.engine import insert_unless_there
from telehealth.notes.models import note_clients, private_notes
from telehealth.person import Person


@dataclass(frozen=True)
class Row:
    """The notes about one session as they stand, sealed."""

    id: bytes
    appointment_id: bytes
    therapist_id: bytes
    held_at: datetime
    words: Sealed
    revision: int
    writer: bytes
    turn: int
    changed_at: datetime
    parted_at: datetime | None


async def note_of(person: Person, c: AsyncConnection, appointment_id: bytes) -> Row | None:
    """This therapist's notes about one session, if there are any."""
    mine = private_notes.c.therapist_id == person.id, private_notes.c.appointment_id == appointment_id
    row = (await c.execute(select(private_notes).where(*mine))).one_or_none()
    return None if row is None else Row(**row._mapping)


async def notes_of(person: Person, c: AsyncConnection, *, before: datetime | None, at_most: int) -> list[Row]:
    """All of this therapist's, of the latest session first; only of sessions before a time where one is given."""
    query = select(private_notes).where(private_notes.c.therapist_id == person.id)
    if before is not None:
        query = query.where(private_notes.c.held_at < before)
    latest = query.order_by(private_notes.c.held_at.desc(), private_notes.c.id).limit(at_most)
    return [Row(**row._mapping) for row in await c.execute(latest)]


async def clients_of(c: AsyncConnection, note_ids: Sequence[bytes]) -> dict[bytes, tuple[bytes, ...]]:
    """Whom each of these is about."""
    query = select(note_clients).where(note_clients.c.note_id.in_(note_ids))
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for row in await c.execute(query.order_by(note_clients.c.person_id)):
        found[row.note_id].append(row.person_id)
    return {note_id: tuple(people) for note_id, people in found.items()}


async def add(c: AsyncConnection, row: Row) -> None:
    """Write the first words about a session."""
    await c.execute(insert(private_notes).values(**vars(row)))


async def rewrite(c: AsyncConnection, row: Row) -> None:
    """Other words in place of those of the revision before."""
    before = private_notes.c.id == row.id, private_notes.c.revision == row.revision - 1
    changed = await c.execute(update(private_notes).where(*before).values(**vars(row)))
    if changed.rowcount != 1:
        raise RuntimeError("notes changed although their therapist was locked")


async def tie(c: AsyncConnection, note_id: bytes, client_ids: Collection[bytes]) -> None:
    """They are about these people, too."""
    for client_id in client_ids:
        row = {"note_id": note_id, "person_id": client_id}
        await c.execute(insert_unless_there(c, note_clients), row)


async def remove(c: AsyncConnection, note_ids: Collection[bytes]) -> None:
    """The rows; their keys must be gone already."""
    await c.execute(delete(note_clients).where(note_clients.c.note_id.in_(note_ids)))
    await c.execute(delete(private_notes).where(private_notes.c.id.in_(note_ids)))

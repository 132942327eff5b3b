"""What a therapist does with private notes: open, save as they are typed, and find them again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from telehealth.appointments.store import appointment_of
from telehealth.audit.office import Office, Work
from telehealth.audit.rules import Action
from telehealth.db.engine import lock_parties
from telehealth.errors import Conflict, NotFound
from telehealth.keys.erasing import destroy_records
from telehealth.keys.store import subject_keys_of
from telehealth.notes import rules, store
from telehealth.notes.rules import Kept, Typed
from telehealth.notes.store import Row
from telehealth.people.store import names_of
from telehealth.person import Person

AT_ONCE = 100  # of the list
NOT_FOUND = "There are no such notes of yours. Your list shows which there are."
NOBODY_LEFT = "Whoever came to this session has had their data erased, so nothing more is written about them."


@dataclass(frozen=True)
class Note:
    """One therapist's notes about one session; `number` is that of their last change, 0 where there are none.

    `names` of the clients they are about. `parted_at`: since when one of those is erased.
    """

    appointment_id: bytes
    held_at: datetime
    names: tuple[str, ...]
    words: str
    number: int
    parted_at: datetime | None


@dataclass(frozen=True)
class Saved:
    """`note` as it is kept now. `is_apart`: another page wrote since, so that what was sent is not in it."""

    note: Note
    is_apart: bool


@dataclass(frozen=True)
class Listed:
    """One line of the list: a session with notes."""

    appointment_id: bytes
    held_at: datetime
    names: tuple[str, ...]


@dataclass(frozen=True)
class _Session:
    """What notes are about: when it begins and who comes, by the appointment, or as noted once that is gone."""

    appointment_id: bytes
    held_at: datetime
    client_ids: tuple[bytes, ...]
    row: Row | None


async def note(office: Office, person: Person, appointment_id: bytes) -> Note:
    """One's own notes about a session, empty where there are none yet; NotFound, on record, for who did not hold it."""

    async def act(work: Work) -> Note:
        session = await _session(work, person, appointment_id)
        await _looked(work, session)
        return await _opened(work, session)

    return await office.act(person, act)


async def save(office: Office, person: Person, appointment_id: bytes, typed: Typed) -> Saved:
    """Keep what is typed in place of what was kept, unless another page wrote meanwhile; empty words end the notes.

    NotFound, on record, for who did not hold the session; Conflict "note_about_nobody" once its clients are erased.
    """

    async def act(work: Work) -> Saved:
        session = await _session(work, person, appointment_id)
        await lock_parties(work.connection, [person.id, *session.client_ids])
        session = await _session(work, person, appointment_id)
        kept = await _kept(work, session.row)
        meeting = rules.meet(kept, typed)
        if meeting == "newer":
            await _write(work, person, session, kept, typed)
            session = await _session(work, person, appointment_id)
        elif meeting == "apart":
            await _looked(work, session)
        return Saved(await _opened(work, session), meeting == "apart")

    return await office.act(person, act)


async def mine(
    office: Office, person: Person, before: datetime | None = None
) -> tuple[list[Listed], datetime | None]:
    """The sessions one has notes about, the latest first, and before when the rest begins, if there is more."""

    async def act(work: Work) -> tuple[list[Listed], datetime | None]:
        c = work.connection
        rows = await store.notes_of(person, c, before=before, at_most=AT_ONCE + 1)
        shown = rows[:AT_ONCE]
        clients = await store.clients_of(c, [row.id for row in shown])
        everybody = list(dict.fromkeys(id_ for ids in clients.values() for id_ in ids))
        names = await names_of(c, work.ring, everybody)
        await work.looked(entity="person", entity_id=person.id, subjects=everybody)
        found = [Listed(row.appointment_id, row.held_at, _named(clients[row.id], names)) for row in shown]
        return found, shown[-1].held_at if len(rows) > AT_ONCE else None

    return await office.act(person, act)


def _named(ids: Sequence[bytes], names: dict[bytes, str]) -> tuple[str, ...]:
    return tuple(names[id_] for id_ in ids if id_ in names)


async def _session(work: Work, person: Person, appointment_id: bytes) -> _Session:
    if person.role == "therapist":
        row = await store.note_of(person, work.connection, appointment_id)
        noted = (await store.clients_of(work.connection, [row.id])).get(row.id, ()) if row else ()
        found = await appointment_of(person, work.connection, appointment_id)
        if found is not None:
            clients = tuple(dict.fromkeys([*found.client_ids, *noted]))
            return _Session(appointment_id, found.starts_at, clients, row)
        if row is not None:
            return _Session(appointment_id, row.held_at, noted, row)
    raise NotFound("not_found", NOT_FOUND, about=("appointment", appointment_id))


async def _kept(work: Work, row: Row | None) -> Kept:
    if row is None:
        return Kept()
    key = await work.ring.record(work.connection, row.id)
    return Kept(
        key.open("private_notes", "words", row.revision, row.words), row.revision, row.writer, row.turn
    )


async def _opened(work: Work, session: _Session) -> Note:
    row, names = session.row, await names_of(work.connection, work.ring, session.client_ids)
    return Note(
        appointment_id=session.appointment_id,
        held_at=session.held_at,
        names=_named(session.client_ids, names),
        words=(await _kept(work, row)).words,
        number=0 if row is None else row.revision,
        parted_at=None if row is None else row.parted_at,
    )


async def _looked(work: Work, session: _Session) -> None:
    await work.looked(entity="note", entity_id=session.appointment_id, subjects=session.client_ids)


async def _write(work: Work, person: Person, session: _Session, kept: Kept, typed: Typed) -> None:
    c, row = work.connection, session.row
    if row is not None and not typed.words:
        await destroy_records(c, [row.id])
        await store.remove(c, [row.id])
        await _on_record(work, "note.remove", "D", session)
        return
    keys = await subject_keys_of(c, ["clinical"], session.client_ids)
    if not keys:
        raise Conflict("note_about_nobody", NOBODY_LEFT, about=("appointment", session.appointment_id))
    written = await _sealed(work, person, session, kept.number + 1, typed)
    await (store.add if row is None else store.rewrite)(c, written)
    await store.tie(c, written.id, [key.subject_id for key in keys])
    await _on_record(work, "note.write", "C" if row is None else "U", session)


async def _sealed(work: Work, person: Person, session: _Session, number: int, typed: Typed) -> Row:
    row = session.row
    if row is None:
        note_id = work.chance(16)
        key = await work.ring.new_record(work.connection, note_id, "clinical", [person.id])
    else:
        note_id = row.id
        key = await work.ring.record(work.connection, note_id)
    return Row(
        id=note_id,
        appointment_id=session.appointment_id,
        therapist_id=person.id,
        held_at=session.held_at,
        words=key.seal("private_notes", "words", number, typed.words),
        revision=number,
        writer=typed.writer,
        turn=typed.turn,
        changed_at=work.now,
        parted_at=None if row is None else row.parted_at,
    )


async def _on_record(work: Work, type_: str, action: Action, session: _Session) -> None:
    """Once a quarter of an hour, however often a page saves what is being typed."""
    await work.audit_once(
        type_, action, entity="note", entity_id=session.appointment_id, subjects=session.client_ids
    )

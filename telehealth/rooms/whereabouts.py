"""Where a client is during a session, and whom to call in an emergency: said at the door, read by the therapist alone,
dropped when the session is over."""

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments.models import appointment_clients, appointments
from telehealth.appointments.reading import row_for
from telehealth.appointments.store import Row
from telehealth.audit.office import Office, Work
from telehealth.db.engine import lock_parties
from telehealth.errors import Conflict, NotFound
from telehealth.keys.keyring import Keyring
from telehealth.people.store import names_of
from telehealth.person import Person, Role
from telehealth.rooms import rules, store
from telehealth.rooms.acts import CLOSED
from telehealth.rooms.forgetting import forget_whereabouts
from telehealth.rooms.models import rooms, whereabouts
from telehealth.rooms.rules import Whereabouts

NOTHING = Whereabouts()
NOT_FOUND = "There is nothing at this address."


async def say(office: Office, person: Person, appointment_id: bytes, *, place: str, contact: str) -> None:
    """A client says it for this appointment, in place of what they said before; two empty lines take it back.

    Only while the door is open to them: Conflict "room_early" or "room_over". Invalid "whereabouts_too_long"; NotFound
    for everybody but the clients of it.
    """
    said = rules.whereabouts_from(place, contact)

    async def act(work: Work) -> None:
        await _at_open_door(work, person, appointment_id, "client")
        c = work.connection
        await lock_parties(c, [person.id])
        before = await said_by(c, work.ring, person.id)
        if said == before.get(appointment_id, NOTHING):
            return
        theirs = whereabouts.c.appointment_id == appointment_id, whereabouts.c.person_id == person.id
        await forget_whereabouts(c, *theirs)
        if said != NOTHING:
            await write(work, appointment_id, person.id, said)
        await work.audit(
            "room.whereabouts", "U", entity="appointment", entity_id=appointment_id, subjects=[person.id]
        )

    await office.act(person, act)


async def write(work: Work, appointment_id: bytes, person_id: bytes, said: Whereabouts) -> None:
    """Seal it for whom it is about, under a key of its own."""
    record_id = work.chance(16)
    key = await work.ring.new_record(work.connection, record_id, "booking", [person_id])
    values = {
        "appointment_id": appointment_id,
        "person_id": person_id,
        "record_id": record_id,
        "place": key.seal("whereabouts", "place", 0, said.place),
        "contact": key.seal("whereabouts", "contact", 0, said.contact),
    }
    await work.connection.execute(insert(whereabouts).values(**values))


async def own(office: Office, person: Person, appointment_id: bytes) -> Whereabouts:
    """What this client said for this appointment, for their own page."""
    async with office.database.reading() as connection:
        return (await said_by(connection, office.ring, person.id)).get(appointment_id, NOTHING)


async def named(office: Office, client_ids: Sequence[bytes]) -> list[tuple[str, str]]:
    """Id, in hex digits, and name of each client whom the page of their therapist names already."""
    async with office.database.reading() as connection:
        names = await names_of(connection, office.ring, client_ids)
    return [(id_.hex(), names[id_]) for id_ in client_ids if id_ in names]


async def look(office: Office, person: Person, appointment_id: bytes, client_id: bytes) -> Whereabouts:
    """What a client of this therapist's said, while the room is open; each time is on the client's record.

    Conflict "room_early" or "room_over"; NotFound for everybody but the therapists of it.
    """

    async def act(work: Work) -> Whereabouts:
        row = await _at_open_door(work, person, appointment_id, "therapist")
        if client_id not in row.client_ids:
            raise NotFound("not_found", NOT_FOUND, about=("appointment", appointment_id))
        await work.audit(
            "room.locate", "R", entity="appointment", entity_id=appointment_id, subjects=[client_id]
        )
        return (await said_by(work.connection, work.ring, client_id)).get(appointment_id, NOTHING)

    return await office.act(person, act)


async def _at_open_door(work: Work, person: Person, appointment_id: bytes, role: Role) -> Row:
    about = ("appointment", appointment_id)
    if person.role != role:
        raise NotFound("not_found", NOT_FOUND, about=about)
    row = await row_for(work, person, appointment_id)
    state = rules.door(
        state=row.state,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        ended=await store.room_ended(work.connection, appointment_id),
        host=role == "therapist",
        now=work.now,
    )
    if state != "open":
        raise Conflict(f"room_{state}", CLOSED[state], about=about)
    return row


async def said_by(c: AsyncConnection, ring: Keyring, person_id: bytes) -> dict[bytes, Whereabouts]:
    """What somebody said, opened, by appointment; without what they have no key for any more."""
    query = select(whereabouts).where(whereabouts.c.person_id == person_id)
    rows = (await c.execute(query)).all()
    keys = await ring.readable(c, [row.record_id for row in rows])
    return {
        row.appointment_id: Whereabouts(
            keys[row.record_id].open("whereabouts", "place", 0, row.place),
            keys[row.record_id].open("whereabouts", "contact", 0, row.contact),
        )
        for row in rows
        if row.record_id in keys
    }


async def turn(office: Office) -> int:
    """Drop what is of use no more: the room closed or was ended, the appointment was cancelled or moved away, or the
    client left it. Says how much that was."""
    w, a, part = whereabouts.c, appointments.c, appointment_clients.c
    comes = (part.appointment_id == w.appointment_id) & (part.person_id == w.person_id)
    query = (
        select(w.record_id, a.state, a.starts_at, a.ends_at, rooms.c.ended_at, part.person_id)
        .join_from(whereabouts, appointments, a.id == w.appointment_id)
        .outerjoin(rooms, rooms.c.appointment_id == a.id)
        .outerjoin(appointment_clients, comes)
    )

    async def act(work: Work) -> int:
        over = []
        for row in (await work.connection.execute(query)).all():
            times = {"starts_at": row.starts_at, "ends_at": row.ends_at, "now": work.now}
            door = rules.door(state=row.state, ended=row.ended_at is not None, host=False, **times)
            if door != "open" or row.person_id is None:
                over.append(row.record_id)
        return await forget_whereabouts(work.connection, w.record_id.in_(over)) if over else 0

    return await office.act(None, act)

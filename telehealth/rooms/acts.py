"""What may be done at a room's door: come to it, and ask for a ticket."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from telehealth.appointments import acts as appointments
from telehealth.appointments.acts import Appointment
from telehealth.audit.office import Office, Work
from telehealth.clinic import store as clinic
from telehealth.errors import Conflict, NotFound
from telehealth.person import Person
from telehealth.rooms import rules, store
from telehealth.web.cookies import hash_of, new_secret, text_of

KEEP_TICKETS = timedelta(hours=1)
CLOSED = {
    "early": "The room is not open yet. It opens 15 minutes before your appointment.",
    "over": "This appointment is over, so its room is closed.",
}


@dataclass(frozen=True)
class Approach:
    """Somebody at the door of their own appointment. `next_at`: a client's next one, for the page afterwards.

    Where two come it is None: they may look at one screen, and what one does alone is not the other's to see.
    """

    appointment: Appointment
    door: rules.Door
    host: bool
    next_at: datetime | None


async def approach(office: Office, person: Person, appointment_id: bytes) -> Approach:
    """The appointment and whether its door is open; NotFound for everyone who takes no part in it."""
    if person.role not in ("client", "therapist"):
        async with office.work(person):  # before anything is read, so that no look is on record that was none
            sentence = "There is nothing at this address."
            raise NotFound("not_found", sentence, about=("appointment", appointment_id))
    found = await appointments.appointment(office, person, appointment_id)
    host = person.role == "therapist"
    is_alone = not host and found.service.seats == 1
    async with office.database.reading() as connection:
        ended = await store.room_ended(connection, appointment_id)
        next_at = await store.next_of(connection, person.id, found.ends_at) if is_alone else None
    state = rules.door(
        state=found.state,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        ended=ended,
        host=host,
        now=office.clock(),
    )
    return Approach(found, state, host, next_at)


async def mint_ticket(office: Office, person: Person, appointment_id: bytes) -> str:
    """One ticket for one socket: 43 characters, good for 30 s and once."""
    at_door = await approach(office, person, appointment_id)
    secret = new_secret()

    async def act(work: Work) -> None:
        if at_door.door != "open":
            sentence = CLOSED[at_door.door]
            raise Conflict(f"room_{at_door.door}", sentence, about=("appointment", appointment_id))
        clients = at_door.appointment.client_ids
        seat = await _seat(work, person, appointment_id, clients, host=at_door.host)
        if seat.state == "removed":
            sentence = "You cannot come into this session again. Please write to your therapist."
            raise Conflict("removed", sentence, about=("appointment", appointment_id))
        opened_at = rules.opens_at(at_door.appointment.starts_at, host=at_door.host)
        await store.note_came(work.connection, seat.seat_id, work.now, opened_at)
        expires_at = work.now + rules.TICKET_LIVES
        await store.forget_tickets(work.connection, work.now - KEEP_TICKETS)
        await store.add_ticket(
            work.connection, hash_of(secret, "ticket"), seat.seat_id, person.session, expires_at
        )
        await work.audit(
            "room.ticket",
            "E",
            entity="appointment",
            entity_id=appointment_id,
            subjects=clients,
        )

    await office.act(person, act)
    return text_of(secret)


async def _seat(
    work: Work, person: Person, appointment_id: bytes, clients: Collection[bytes], *, host: bool
) -> store.Seat:
    policies = await clinic.policies(work.connection)
    await store.add_room(
        work.connection, appointment_id, work.chance(16), work.now, ice_policy=policies.ice_policy
    )
    seat = await store.seat_of(work.connection, appointment_id, person.id)
    if seat is None:
        await store.add_seat(work.connection, appointment_id, person.id, work.chance(16), host=host)
        seat = await store.seat_of(work.connection, appointment_id, person.id)
    for client in clients:  # who agreed is expected, and whoever is not there yet has a seat as well
        if await store.seat_of(work.connection, appointment_id, client) is None:
            await store.add_seat(work.connection, appointment_id, client, work.chance(16), host=False)
    if seat is None:  # deleted between two statements of one transaction: cannot be
        raise RuntimeError("a seat just added is not there")
    return seat

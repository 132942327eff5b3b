"""Clients as those see them who book for them: found by name, shown by name and contact, and by nothing else.

The front desk finds every client who can sign in, a therapist those who have or had an appointment with them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, false, or_, select

from telehealth.appointments import names, store
from telehealth.appointments.models import appointment_clients, appointments
from telehealth.appointments.reading import Appointment, opened
from telehealth.audit.office import Office, Work
from telehealth.errors import NotFound
from telehealth.people.models import people
from telehealth.people.store import names_of, profile_of
from telehealth.person import Person

SEARCHED = 5_000
SHOWN = 20  # of those found
SHOWN_OWN = 200
AT_ONCE = 500  # names opened between two breaths of the event loop
NOT_FOUND = "There is no such client. Please find them by their name."


@dataclass(frozen=True)
class Client:
    """Somebody one may book for. `name` is empty where they have not said what to call them."""

    id: bytes
    name: str


@dataclass(frozen=True)
class Found:
    """Who was found, in order of name; `more`: there were others. `beyond`: some clients were not looked through,
    because there are more than SEARCHED."""

    clients: Sequence[Client]
    more: bool
    beyond: bool


@dataclass(frozen=True)
class Card:
    """One client's name and contact, and what they have ahead as its reader may see it. `email` is None where there
    is none, and for everybody but the front desk."""

    id: bytes
    name: str
    email: str | None
    ahead: Sequence[Appointment]


def bookable_by(person: Person) -> Select[Any]:
    """The ids of clients for whom this person may book."""
    query = select(people.c.id).where(people.c.role == "client", people.c.disabled_at.is_(None))
    if person.role == "front_desk":
        return query
    if person.role != "therapist":
        return query.where(false())
    theirs = or_(appointments.c.therapist_id == person.id, appointments.c.co_therapist_id == person.id)
    return query.where(
        exists().where(
            appointment_clients.c.person_id == people.c.id,
            appointment_clients.c.appointment_id == appointments.c.id,
            theirs,
        )
    )


async def search(office: Office, person: Person, typed: str) -> Found:
    """Whose name holds every part of what was typed; each who is shown has been looked at.

    Names are sealed, so they are opened in memory: the SEARCHED newest clients at most. Invalid as `parts_from`.
    """
    parts = names.parts_from(typed)
    known, beyond = await _names(office, person)
    hits = _by_name({id_: name for id_, name in known.items() if names.has_all(name, parts)})
    return await _shown(office, person, hits, SHOWN, beyond=beyond)


async def own(office: Office, person: Person) -> Found:
    """A therapist's own clients, in order of name."""
    known, beyond = await _names(office, person)
    return await _shown(office, person, _by_name(known), SHOWN_OWN, beyond=beyond)


async def client(office: Office, person: Person, client_id: bytes) -> Card:
    """One client's page; NotFound, on record, for whoever may not book for them."""

    async def act(work: Work) -> Card:
        await check_client(work, person, client_id)
        c = work.connection
        name, email = await profile_of(c, work.ring, client_id)
        rows = await store.appointments_of(person, c, client_id=client_id)
        alive = [row for row in rows if row.state in ("asked", "booked") and row.ends_at > work.now]
        ahead = await opened(work, person, alive)
        subjects = list(dict.fromkeys([client_id, *(id_ for each in ahead for id_ in each.client_ids)]))
        await work.looked(entity="person", entity_id=client_id, subjects=subjects)
        return Card(client_id, name or "", email if person.role == "front_desk" else None, ahead)

    return await office.act(person, act)


async def check(office: Office, person: Person, client_id: bytes) -> None:
    """Before a form is read: NotFound, on record, unless this person may book for that client."""
    async with office.work(person) as work:
        await check_client(work, person, client_id)


async def check_client(work: Work, person: Person, client_id: bytes) -> None:
    """NotFound, on record, unless this person may book for that client."""
    query = bookable_by(person).where(people.c.id == client_id)
    if (await work.connection.execute(query)).one_or_none() is None:
        raise NotFound("client_not_found", NOT_FOUND, about=("person", client_id))


async def _names(office: Office, person: Person) -> tuple[dict[bytes, str], bool]:
    """The names of the newest clients, and whether there are more of them."""
    newest = bookable_by(person).where(people.c.name.is_not(None))
    query = newest.order_by(people.c.created_at.desc(), people.c.id).limit(SEARCHED + 1)
    found: dict[bytes, str] = {}
    async with office.database.reading() as connection:
        ids = list((await connection.execute(query)).scalars())
        for start in range(0, min(len(ids), SEARCHED), AT_ONCE):
            some = ids[start : min(start + AT_ONCE, SEARCHED)]
            found |= await names_of(connection, office.ring, some)
    return found, len(ids) > SEARCHED


def _by_name(known: Mapping[bytes, str]) -> list[Client]:
    return [Client(id_, known[id_]) for id_ in sorted(known, key=lambda id_: (names.folded(known[id_]), id_))]


async def _shown(
    office: Office, person: Person, found: Sequence[Client], most: int, *, beyond: bool
) -> Found:
    shown = found[:most]

    async def act(work: Work) -> None:
        await work.looked(entity="person", entity_id=person.id, subjects=[each.id for each in shown])

    await office.act(person, act)
    return Found(shown, len(found) > most, beyond)

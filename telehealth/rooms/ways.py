"""How those in one session reach each other: as its therapist chose, else as the practice has it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from telehealth.appointments.reading import row_for
from telehealth.appointments.store import Row
from telehealth.audit.office import Office, Work
from telehealth.clinic import store as clinic
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.person import Person
from telehealth.rooms import rules, store
from telehealth.rooms.acts import CLOSED
from telehealth.rooms.models import rooms

NOT_FOUND = "There is nothing at this address."
NO_CHOICE = "Please choose one of the two."
NO_RELAY = "This service has no relay yet. Whoever runs it can set one up."


@dataclass(frozen=True)
class Given:
    """What a whole installation has: the setting, and whether there is a relay."""

    ice_policy: rules.Ice
    has_relay: bool


@dataclass(frozen=True)
class Way:
    """How those in a session reach each other as things stand; `starts_at` is aware UTC."""

    starts_at: datetime
    ice_policy: rules.Ice
    for_partners: bool


async def way(office: Office, person: Person, appointment_id: bytes, given: Given) -> Way:
    """For its therapist; NotFound for everybody else."""

    async def act(work: Work) -> Way:
        row = await _its_therapists(work, person, appointment_id)
        service = next(
            each for each in await clinic.every_service(work.connection) if each.id == row.service_id
        )
        for_partners = service.seats > 1
        kept = await _kept(work, appointment_id)
        ice_policy = rules.ice_policy(
            kept, given.ice_policy, for_partners=for_partners, has_relay=given.has_relay
        )
        return Way(row.starts_at, ice_policy, for_partners)

    return await office.act(person, act)


async def choose(office: Office, person: Person, appointment_id: bytes, wanted: str, given: Given) -> None:
    """Its therapist chooses, for whoever comes in from then on; on the record of those who come.

    Invalid "not_a_way", Conflict "no_relay" or "room_over"; NotFound for everybody else.
    """
    if wanted not in rules.WAYS:
        raise Invalid("not_a_way", NO_CHOICE, fields={"ice_policy": NO_CHOICE})

    async def act(work: Work) -> None:
        row = await _its_therapists(work, person, appointment_id)
        about, c = ("appointment", appointment_id), work.connection
        if wanted == "relay" and not given.has_relay:
            raise Conflict("no_relay", NO_RELAY, about=about)
        ended = await store.room_ended(c, appointment_id)
        times = {"starts_at": row.starts_at, "ends_at": row.ends_at, "now": work.now}
        if rules.door(state=row.state, ended=ended, host=True, **times) == "over":
            raise Conflict("room_over", CLOSED["over"], about=about)
        if await _kept(work, appointment_id) == wanted:
            return
        await store.add_room(c, appointment_id, work.chance(16), work.now, ice_policy=wanted)
        room = update(rooms).where(rooms.c.appointment_id == appointment_id)
        await c.execute(room.values(ice_policy=wanted))
        await work.audit(
            "room.way", "U", entity="appointment", entity_id=appointment_id, subjects=row.client_ids
        )

    await office.act(person, act)


async def _its_therapists(work: Work, person: Person, appointment_id: bytes) -> Row:
    if person.role != "therapist":
        raise NotFound("not_found", NOT_FOUND, about=("appointment", appointment_id))
    return await row_for(work, person, appointment_id)


async def _kept(work: Work, appointment_id: bytes) -> rules.Ice | None:
    """What was chosen for this session, or for the whole practice where its room was not made yet."""
    query = select(rooms.c.ice_policy).where(rooms.c.appointment_id == appointment_id)
    found = (await work.connection.execute(query)).one_or_none()
    if found is None:
        return (await clinic.policies(work.connection)).ice_policy
    kept: rules.Ice | None = found.ice_policy
    return kept

"""Queries about appointments; the acting person comes first and decides what there is to see."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    false,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments.held import EXPIRED_HOLDS, THAT_HOLD, THEIR_HOLDS
from telehealth.appointments.models import appointment_clients, appointments
from telehealth.availability.models import holds, occupancies
from telehealth.crypto.sealed import Sealed
from telehealth.db.among import Among
from telehealth.db.direct import built_once
from telehealth.emergency.store import clients_open_to
from telehealth.person import Person


@dataclass(frozen=True)
class Words:
    """What one client wrote, sealed under a record key of its own. `takes_part`: not of somebody who was erased and of
    whom a legal hold keeps the words alone."""

    person_id: bytes
    record_id: bytes
    revision: int
    reason: Sealed
    asked_again_at: datetime | None = None
    takes_part: bool = True


@dataclass(frozen=True)
class Row:
    """One appointment as it stands; times are aware UTC."""

    id: bytes
    service_id: bytes
    therapist_id: bytes
    state: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    clients: tuple[Words, ...]
    co_therapist_id: bytes | None = None
    case_id: bytes | None = None
    alone_since: datetime | None = None
    series_id: bytes | None = None
    sequence: int = 0
    cancelled_late: bool = False
    outcome: str | None = None
    clash_at: datetime | None = None
    asked_at: datetime | None = None
    offered_at: datetime | None = None

    @property
    def therapist_ids(self) -> tuple[bytes, ...]:
        """Who sees the clients: one therapist, or two."""
        return tuple(id_ for id_ in (self.therapist_id, self.co_therapist_id) if id_ is not None)

    @property
    def client_ids(self) -> tuple[bytes, ...]:
        """Who takes part."""
        return tuple(words.person_id for words in self.clients if words.takes_part)

    @property
    def unsaid_ids(self) -> tuple[bytes, ...]:
        """Of those, who has not said whether they come at a time that another chose."""
        return tuple(each.person_id for each in self.clients if each.asked_again_at)


ROW = tuple(each.name for each in fields(Row) if each.name != "clients")


@dataclass(frozen=True)
class HeldRow:
    """A held appointment with its hold."""

    id: bytes
    service_id: bytes
    therapist_id: bytes
    co_therapist_id: bytes | None
    starts_at: datetime
    ends_at: datetime
    held_until: datetime
    extended: bool


# Every booking sends these, so they are built once.
ADD = built_once(insert(appointments))
ADD_CLIENT = built_once(insert(appointment_clients))
OCCUPY = built_once(insert(occupancies))
_client = appointment_clients.c
_own_time = and_(
    occupancies.c.appointment_id == _client.appointment_id, occupancies.c.party == _client.person_id
)
CLIENTS = (
    select(appointment_clients, occupancies.c.party)
    .outerjoin(occupancies, _own_time)
    .where(Among(_client.appointment_id, "ids"))
    .order_by(_client.person_id)
)


def _visible_to(person: Person) -> ColumnElement[bool]:
    """Clients see their own, therapists their own, the front desk all; nobody sees a mere hold here."""
    if person.role == "client":
        own = select(appointment_clients.c.appointment_id).where(appointment_clients.c.person_id == person.id)
        return appointments.c.id.in_(own)
    if person.role == "therapist":
        return or_(appointments.c.therapist_id == person.id, appointments.c.co_therapist_id == person.id)
    return true() if person.role == "front_desk" else false()


def _appointments() -> Select[Any]:
    return (
        select(*(appointments.c[name] for name in ROW))
        .where(appointments.c.state != "held")
        .order_by(appointments.c.starts_at, appointments.c.id)
    )


def _appointments_of(person: Person) -> Select[Any]:
    return _appointments().where(_visible_to(person))


async def _rows(c: AsyncConnection, query: Select[Any]) -> list[Row]:
    rows = (await c.execute(query)).mappings().all()
    clients: dict[bytes, list[Words]] = defaultdict(list)
    ids = [row["id"] for row in rows]
    for row in await c.execute(CLIENTS, {"ids": ids}):
        part = row.party is not None or row.asked_again_at is not None
        own = Words(row.person_id, row.record_id, row.revision, row.reason, row.asked_again_at, part)
        clients[row.appointment_id].append(own)
    return [Row(**row, clients=tuple(clients[row["id"]])) for row in rows]


async def appointments_of(
    person: Person,
    c: AsyncConnection,
    *,
    first: datetime | None = None,
    last: datetime | None = None,
    client_id: bytes | None = None,
) -> list[Row]:
    """What this person may see, in order of time; only what starts in [first, last), and only one client's, where
    given. Two statements."""
    query = _appointments_of(person)
    if client_id is not None:
        theirs = select(appointment_clients.c.appointment_id)
        query = query.where(appointments.c.id.in_(theirs.where(appointment_clients.c.person_id == client_id)))
    if first is not None:
        query = query.where(appointments.c.starts_at >= first)
    if last is not None:
        query = query.where(appointments.c.starts_at < last)
    return await _rows(c, query)


async def appointments_open_to(
    person: Person, c: AsyncConnection, client_id: bytes, now: datetime
) -> list[Row]:
    """What stands open to this person of one client's because of an emergency, in order of time; to be read only."""
    open_now = appointment_clients.c.person_id.in_(clients_open_to(person, now))
    theirs = select(appointment_clients.c.appointment_id).where(
        appointment_clients.c.person_id == client_id, open_now
    )
    return await _rows(c, _appointments().where(appointments.c.id.in_(theirs)))


async def appointment_of(person: Person, c: AsyncConnection, appointment_id: bytes) -> Row | None:
    """One appointment, if this person may see it."""
    rows = await _rows(c, _appointments_of(person).where(appointments.c.id == appointment_id))
    return rows[0] if rows else None


async def clients_of(c: AsyncConnection, appointment_id: bytes) -> list[bytes]:
    """Whom an appointment concerns."""
    query = select(appointment_clients.c.person_id).where(
        appointment_clients.c.appointment_id == appointment_id
    )
    return list((await c.execute(query.order_by(appointment_clients.c.person_id))).scalars())


async def add(c: AsyncConnection, values: dict[str, Any]) -> None:
    """Write an appointment."""
    await c.execute(ADD, values)


async def add_client(c: AsyncConnection, appointment_id: bytes, words: Words) -> None:
    """Somebody takes part."""
    values = {name: value for name, value in vars(words).items() if name != "takes_part"}
    await c.execute(ADD_CLIENT, {"appointment_id": appointment_id, **values})


async def occupy(
    c: AsyncConnection, appointment_id: bytes, taken: Mapping[bytes, tuple[datetime, datetime]], *, state: str
) -> None:
    """Take these parties' time; the database refuses an overlap (IntegrityError, `db.engine.is_overlap`)."""
    of = {"appointment_id": appointment_id, "state": state}
    rows = [of | {"party": each, "starts_at": taken[each][0], "ends_at": taken[each][1]} for each in taken]
    if rows:
        await c.execute(OCCUPY, rows)


async def move(
    c: AsyncConnection, appointment_id: bytes, *, was: str, becomes: str, **values: object
) -> bool:
    """Change the state of an appointment that is still as expected; its occupied times follow. False otherwise."""
    expected = appointments.c.id == appointment_id, appointments.c.state == was
    changed = await c.execute(update(appointments).where(*expected).values(state=becomes, **values))
    if changed.rowcount != 1:
        return False
    taken = update(occupancies).where(occupancies.c.appointment_id == appointment_id)
    await c.execute(taken.values(state=becomes))
    return True


async def holds_of(person: Person | None, c: AsyncConnection, holder: bytes) -> list[HeldRow]:
    """Every hold of a browser or person, expired ones too."""
    rows = await c.execute(THEIR_HOLDS, {"holder": holder, "person_id": _id_of(person)})
    return [HeldRow(**row._mapping) for row in rows]


async def hold_of(person: Person | None, c: AsyncConnection, holder: bytes, hold_id: bytes) -> HeldRow | None:
    """A hold, if it is theirs."""
    theirs = {"holder": holder, "person_id": _id_of(person), "hold_id": hold_id}
    row = (await c.execute(THAT_HOLD, theirs)).one_or_none()
    return None if row is None else HeldRow(**row._mapping)


def _id_of(person: Person | None) -> bytes:
    return b"" if person is None else person.id  # b"" is nobody's


async def add_hold(
    c: AsyncConnection,
    hold_id: bytes,
    *,
    held_until: datetime,
    holder: bytes,
    address: bytes | None,
    person_id: bytes | None,
) -> None:
    """What a held appointment hangs on."""
    row = {"appointment_id": hold_id, "held_until": held_until, "extended": False}
    await c.execute(insert(holds), row | {"holder": holder, "address": address, "person_id": person_id})


async def extend_hold(c: AsyncConnection, hold_id: bytes, held_until: datetime) -> None:
    """Keep it longer, once."""
    query = update(holds).where(holds.c.appointment_id == hold_id, holds.c.extended.is_(False))
    await c.execute(query.values(held_until=held_until, extended=True))


async def drop_hold(c: AsyncConnection, hold_id: bytes) -> None:
    """The hold is over because its time is booked now."""
    await c.execute(delete(holds).where(holds.c.appointment_id == hold_id))


async def live_holds_from(c: AsyncConnection, address: bytes, now: datetime) -> int:
    """How many times visitors at one address hold now."""
    query = select(holds.c.appointment_id).where(holds.c.address == address, holds.c.held_until > now)
    return len((await c.execute(query)).all())


async def expired_holds(
    c: AsyncConnection,
    therapist_ids: Sequence[bytes],
    during: tuple[datetime, datetime],
    *,
    now: datetime,
    before: datetime,
) -> list[bytes]:
    """Expired holds on these therapists' time: those in the way of `during`, and those that expired before `before`."""
    asked = {"ids": therapist_ids, "now": now, "before": before, "start": during[0], "end": during[1]}
    return list((await c.execute(EXPIRED_HOLDS, asked)).scalars())


async def forget(c: AsyncConnection, held: Sequence[bytes]) -> None:
    """Remove held appointments: nothing refers to them yet. What was booked meanwhile keeps its time."""
    if held:
        theirs = occupancies.c.appointment_id.in_(held), occupancies.c.state == "held"
        await c.execute(delete(holds).where(holds.c.appointment_id.in_(held)))
        await c.execute(delete(occupancies).where(*theirs))
        still_held = appointments.c.state == "held"
        await c.execute(delete(appointments).where(appointments.c.id.in_(held), still_held))

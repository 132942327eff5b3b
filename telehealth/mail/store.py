"""Queries for mails: one notice, whom it is to, and the appointment it is about."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments.models import appointment_clients, appointments
from telehealth.crypto.index import NotIndexable
from telehealth.keys.keyring import Keyring
from telehealth.notices.models import notices
from telehealth.people.finding import people_at
from telehealth.people.models import people

STAFF = ("therapist", "front_desk", "administrator")


@dataclass(frozen=True)
class Told:
    """One notice, opened. `appointment_id` is what it is about, if anything."""

    id: bytes
    person_id: bytes
    kind: str
    body: Mapping[str, str]
    created_at: datetime
    appointment_id: bytes | None


@dataclass(frozen=True)
class Recipient:
    """Whom a mail is to. `shared`: somebody else here has the same address."""

    person_id: bytes
    address: str
    shared: bool


@dataclass(frozen=True)
class Meeting:
    """What mails need of an appointment; times are aware UTC. `for_two`: of a couple, not of one person alone.
    `unsaid_ids`: clients who have not said whether they come at a time that another of them chose."""

    id: bytes
    service_id: bytes
    state: str
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    therapist_ids: tuple[bytes, ...]
    client_ids: tuple[bytes, ...]
    for_two: bool
    unsaid_ids: tuple[bytes, ...] = ()

    @property
    def coming_ids(self) -> tuple[bytes, ...]:
        """Everybody who comes, as far as they have said."""
        return tuple(id_ for id_ in self.party_ids if id_ not in self.unsaid_ids)

    @property
    def party_ids(self) -> tuple[bytes, ...]:
        """Everybody who meets."""
        return (*self.client_ids, *self.therapist_ids)


async def told(c: AsyncConnection, ring: Keyring, notice_id: bytes) -> Told | None:
    """A notice, opened; None when it or its key is gone."""
    row = (await c.execute(select(notices).where(notices.c.id == notice_id))).one_or_none()
    keys = await ring.records(c, [notice_id])
    if row is None or notice_id not in keys:
        return None
    body = json.loads(keys[notice_id].open("notices", "body", 0, row.body))
    return Told(row.id, row.person_id, row.kind, body, row.created_at, row.appointment_id)


async def recipient(c: AsyncConnection, ring: Keyring, person_id: bytes) -> Recipient | None:
    """Somebody's confirmed address; None without one, for a closed account, and once its key is gone.

    Only an address that the provider has verified is ever kept (`people/oidc.py`).
    """
    query = select(people.c.email, people.c.revision).where(
        people.c.id == person_id, people.c.disabled_at.is_(None), people.c.email.is_not(None)
    )
    row = (await c.execute(query)).one_or_none()
    keys = await ring.records(c, [person_id])
    if row is None or person_id not in keys:
        return None
    address = keys[person_id].open("people", "email", row.revision, row.email)
    try:
        known = await people_at(c, ring, address)
    except NotIndexable:  # it has no normal form to be compared by, so it might be anybody's
        return Recipient(person_id, address, shared=True)
    return Recipient(person_id, address, shared=any(id_ != person_id for id_ in known))


async def roles_of(c: AsyncConnection, ids: Sequence[bytes]) -> dict[bytes, str]:
    """The role of each of these people whose account is open."""
    query = select(people.c.id, people.c.role).where(people.c.id.in_(ids), people.c.disabled_at.is_(None))
    return {row.id: row.role for row in await c.execute(query)}


async def meeting(c: AsyncConnection, appointment_id: bytes) -> Meeting | None:
    """One appointment; None for a mere hold."""
    found = await _meetings(c, appointments.c.id == appointment_id)
    return found[0] if found else None


async def meetings_ahead(c: AsyncConnection, since: datetime, until: datetime) -> list[Meeting]:
    """The booked appointments that begin in (since, until], in order of time. Two statements."""
    ahead = (appointments.c.starts_at > since, appointments.c.starts_at <= until)
    return await _meetings(c, appointments.c.state == "booked", *ahead)


async def _meetings(c: AsyncConnection, *which: Any) -> list[Meeting]:
    query = select(appointments).where(appointments.c.state != "held", *which)
    rows = (await c.execute(query.order_by(appointments.c.starts_at, appointments.c.id))).all()
    clients: dict[bytes, list[bytes]] = {row.id: [] for row in rows}
    unsaid: dict[bytes, list[bytes]] = {row.id: [] for row in rows}
    a = appointment_clients.c
    taking_part = select(a.appointment_id, a.person_id, a.asked_again_at).where(a.appointment_id.in_(clients))
    for row in await c.execute(taking_part.order_by(a.person_id)):
        clients[row.appointment_id].append(row.person_id)
        if row.asked_again_at is not None:
            unsaid[row.appointment_id].append(row.person_id)
    return [
        Meeting(
            id=row.id,
            service_id=row.service_id,
            state=row.state,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            created_at=row.created_at,
            therapist_ids=tuple(id_ for id_ in (row.therapist_id, row.co_therapist_id) if id_ is not None),
            client_ids=tuple(clients[row.id]),
            for_two=row.case_id is not None or len(clients[row.id]) > 1,
            unsaid_ids=tuple(unsaid[row.id]),
        )
        for row in rows
    ]

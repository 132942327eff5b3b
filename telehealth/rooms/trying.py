"""Checks and probes: tickets and entries that are about nobody, beside those of the rooms.

A check leads somebody who is signed in to an echo; a probe leads two machines of the practice into a room of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from signaling.admission import Entry
from telehealth.audit.office import Office, Work
from telehealth.clinic import store as clinic
from telehealth.person import Person
from telehealth.rooms import rules, store
from telehealth.rooms.acts import KEEP_TICKETS
from telehealth.rooms.admission import RoomAdmission, asked
from telehealth.rooms.models import tickets
from telehealth.web.cookies import hash_of, new_secret, text_of


async def mint_check_ticket(office: Office, person: Person) -> str:
    """One ticket for a device check: 43 characters, good for 30 s and once. It is about nobody's record."""
    secret = new_secret()

    async def act(work: Work) -> None:
        await _add(work, secret, {"kind": "check", "session": person.session})

    await office.act(person, act)
    return text_of(secret)


async def mint_probe_tickets(office: Office) -> tuple[str, str]:
    """A host's and a guest's ticket to a room that is made for the two, each good for 30 s and once."""
    host, guest = new_secret(), new_secret()

    async def act(work: Work) -> None:
        probe = {"kind": "probe", "probe_id": work.chance(16)}
        await _add(work, host, {**probe, "host": True})
        await _add(work, guest, {**probe, "host": False})

    await office.act(None, act)
    return text_of(host), text_of(guest)


async def _add(work: Work, secret: bytes, values: dict[str, object]) -> None:
    await store.forget_tickets(work.connection, work.now - KEEP_TICKETS)
    row = {"hash": hash_of(secret, "ticket"), "expires_at": work.now + rules.TICKET_LIVES, **values}
    await work.connection.execute(insert(tickets).values(**row))


@dataclass(frozen=True)
class Ticket:
    """A ticket of ours: `session` is a check's, `probe_id` and `host` are a probe's."""

    kind: Literal["check", "probe"]
    session: bytes | None
    probe_id: bytes | None
    host: bool | None


async def _used(c: AsyncConnection, ticket_hash: bytes, now: datetime) -> Ticket | None:
    live = tickets.c.used_at.is_(None) & (tickets.c.expires_at > now) & (tickets.c.kind != "session")
    change = update(tickets).where(tickets.c.hash == ticket_hash, live).values(used_at=now)
    row = (
        await c.execute(change.returning(*(tickets.c[name] for name in Ticket.__dataclass_fields__)))
    ).one_or_none()
    return None if row is None else Ticket(**row._mapping)


class TryingAdmission:
    """Implements `signaling.admission.Admission`: what is about an appointment is for `rooms` to answer."""

    def __init__(self, rooms: RoomAdmission) -> None:
        self.rooms = rooms

    async def redeem(self, ticket: bytes) -> Entry | None:
        """Most tickets are to a room, so those are looked for first."""
        return await self.rooms.redeem(ticket) or await asked(
            self.rooms.office, lambda work: self._redeem(work, ticket)
        )

    async def _redeem(self, work: Work, secret: bytes) -> Entry | None:
        ticket = await _used(work.connection, hash_of(secret, "ticket"), work.now)
        if ticket is None:
            return None
        if ticket.session is not None and not await _stands(work, ticket.session):
            return None
        is_probe = ticket.probe_id is not None
        room = (ticket.probe_id or work.chance(16)).hex()
        # One check for each login session; the two of a probe each have a seat of their own.
        seat = work.chance(16) if ticket.session is None else hash_of(ticket.session, "check")[:16]
        policies = await clinic.policies(work.connection)
        entry = Entry(
            room=room,
            seat=seat.hex(),
            name="Probe" if is_probe else "",
            host=bool(ticket.host),
            admitted=True,
            kind=ticket.kind,
            call=room,
            locked=False,
            starts_at=work.now,
            opens_at=work.now,
            closes_at=work.now + (rules.PROBE_LASTS if is_probe else rules.CHECK_LASTS),
            ice_policy=policies.ice_policy or self.rooms.ice_policy,
        )
        if ticket.session is not None:
            self.rooms.remember(entry, ticket.session, work.now)
        return entry

    async def may_stay(self, entry: Entry) -> bool:
        """A check while its login session stands; a probe until its room closes."""
        if entry.kind == "session":
            return await self.rooms.may_stay(entry)
        session = self.rooms.session_of(entry.seat)
        if entry.kind == "probe":
            return self.rooms.office.clock() < entry.closes_at
        return session is not None and await asked(self.rooms.office, lambda work: _stands(work, session))

    async def admit(self, host: Entry, seat: str, reason: str) -> bool:
        """Nobody waits at the door of a probe."""
        return host.kind == "session" and await self.rooms.admit(host, seat, reason)

    async def send_back(self, host: Entry, seat: str) -> bool:
        """Nor is anybody sent back to it."""
        return host.kind == "session" and await self.rooms.send_back(host, seat)

    async def part(self, host: Entry, groups: Mapping[str, int]) -> int:
        """A probe is one group."""
        return await self.rooms.part(host, groups) if host.kind == "session" else 0

    async def remove(self, host: Entry, seat: str) -> bool:
        """Nobody is sent out of a probe."""
        return host.kind == "session" and await self.rooms.remove(host, seat)

    async def lock(self, host: Entry, locked: bool) -> None:
        """A probe's room has no lock."""
        if host.kind == "session":
            await self.rooms.lock(host, locked)

    async def end(self, host: Entry) -> None:
        """A probe ends without a word to anybody."""
        if host.kind == "session":
            await self.rooms.end(host)

    async def present(self, entry: Entry, present: bool) -> None:
        """Nobody's presence in a probe is kept."""
        if entry.kind == "session":
            await self.rooms.present(entry, present)


async def _stands(work: Work, session: bytes) -> bool:
    person_id = await store.person_of(work.connection, session)
    return person_id is not None and await store.session_stands(work.connection, session, person_id, work.now)

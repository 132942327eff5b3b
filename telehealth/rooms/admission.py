"""What the signaling server may ask of us: the `signaling.admission` interface over our tables.

Seats, locks and used tickets are rows changed conditionally, so that two replicas cannot disagree.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from signaling.admission import Entry, Expected, Unanswered
from telehealth.audit.office import Office, Work
from telehealth.clinic import store as clinic
from telehealth.errors import Unavailable
from telehealth.people import store as people
from telehealth.person import Person
from telehealth.rooms import outcomes, rules, store
from telehealth.rooms.forgetting import forget_whereabouts
from telehealth.rooms.models import whereabouts
from telehealth.web.cookies import hash_of

log = structlog.get_logger()
T = TypeVar("T")
Change = Callable[[Work, bytes], Awaitable[bool]]
SWEPT_EVERY = timedelta(minutes=5)
UNNAMED = "Guest"


async def asked(office: Office, act: Callable[[Work], Awaitable[T]]) -> T:
    """One transaction for one question; a database that is away is no answer, not a no."""
    try:
        return await office.act(None, act)
    except (SQLAlchemyError, OSError, Unavailable) as error:
        log.warning("admission unanswered", error=type(error).__name__)
        raise Unanswered from error


class RoomAdmission:
    """Implements `signaling.admission.Admission`. `ice_policy` is the setting's, where a room has none; `has_relay`:
    whether there is a relay that partners can use."""

    def __init__(self, office: Office, *, ice_policy: rules.Ice, has_relay: bool = False) -> None:
        self.office = office
        self.ice_policy = ice_policy
        self.has_relay = has_relay
        self._sessions: dict[str, bytes] = {}  # seat id → login session, for the sockets of this process
        self._closes_at: dict[str, datetime] = {}  # when the room of each of these seats closes
        self._swept_at: datetime | None = None

    def seats_of(self, sessions: Collection[bytes]) -> set[str]:
        """The seats of this process that were taken in these login sessions."""
        return {seat for seat, session in self._sessions.items() if session in sessions}

    def session_of(self, seat: str) -> bytes | None:
        """The login session in which this seat was taken in this process."""
        return self._sessions.get(seat)

    async def redeem(self, ticket: bytes) -> Entry | None:
        """Use a ticket once; None when it is unknown, expired, used, or its holder may not come in.

        A ticket that was one of ours is refused on the record of those whose session it is.
        """
        hashed = hash_of(ticket, "ticket")

        async def act(work: Work) -> Entry | None:
            used = await store.use_ticket(work.connection, hashed, work.now)
            if used is None:
                await self._refused(work, await store.seat_of_ticket(work.connection, hashed))
                return None
            seat_id, session = used
            seat = await store.seat(work.connection, seat_id)
            if seat is None or not await self._stands(work, seat, session):
                await self._refused(work, seat_id)
                return None
            entry = await self._entry(work, seat)
            self.remember(entry, session, work.now)
            await work.audit(
                "room.enter",
                "E",
                entity="appointment",
                entity_id=seat.appointment_id,
                subjects=await store.guests_of(work.connection, seat.appointment_id),
            )
            return entry

        return await asked(self.office, act)

    async def _refused(self, work: Work, seat_id: bytes | None) -> None:
        seat = None if seat_id is None else await store.seat(work.connection, seat_id)
        if seat is None:
            return
        guests = await store.guests_of(work.connection, seat.appointment_id)
        work.actor = Person(seat.person_id, "therapist" if seat.host else "client")
        await work.refused("appointment", seat.appointment_id, guests)

    def remember(self, entry: Entry, session: bytes, now: datetime) -> None:
        """Whose session this seat hangs on; seats of rooms that closed a while ago are forgotten, now and then."""
        if self._swept_at is None or now - self._swept_at >= SWEPT_EVERY:
            self._swept_at = now
            for seat in [seat for seat, at in self._closes_at.items() if now - at >= SWEPT_EVERY]:
                del self._closes_at[seat], self._sessions[seat]
        self._sessions[entry.seat], self._closes_at[entry.seat] = session, entry.closes_at

    async def may_stay(self, entry: Entry) -> bool:
        """Asked every minute: does the login session stand, is the seat kept, is the room open?"""
        session = self._sessions.get(entry.seat)
        if session is None:
            return False

        async def act(work: Work) -> bool:
            seat = await store.seat(work.connection, bytes.fromhex(entry.seat))
            if seat is None or not await self._stands(work, seat, session):
                return False
            await store.session_seen(work.connection, session, work.now)
            return True

        return await asked(self.office, act)

    async def admit(self, host: Entry, seat: str, reason: str) -> bool:
        """Let somebody in, unless they were removed meanwhile; why without the others is on everybody's record."""

        async def act(work: Work, seat_id: bytes) -> bool:
            was = ("outside", "admitted")
            return await store.change_seat(work.connection, seat_id, was=was, becomes="admitted")

        return await self._change(
            host, seat, "room.admit", act, detail={"reason": reason} if reason else None
        )

    async def send_back(self, host: Entry, seat: str) -> bool:
        """Send somebody who was let in back to the door."""

        async def act(work: Work, seat_id: bytes) -> bool:
            return await store.send_back(work.connection, seat_id)

        return await self._change(host, seat, "room.back", act)

    async def part(self, host: Entry, groups: Mapping[str, int]) -> int:
        """Have some speak apart from the others, or bring all together."""

        async def act(work: Work) -> int:
            by_seat = {bytes.fromhex(seat): group for seat, group in groups.items()}
            grouping = await store.part(work.connection, bytes.fromhex(host.room), by_seat)
            await self._audited(work, host, "room.part" if groups else "room.gather")
            return grouping

        return await asked(self.office, act)

    async def remove(self, host: Entry, seat: str) -> bool:
        """Send somebody out for good."""

        async def act(work: Work, seat_id: bytes) -> bool:
            was = ("outside", "admitted")
            return await store.change_seat(work.connection, seat_id, was=was, becomes="removed")

        return await self._change(host, seat, "room.remove", act)

    async def lock(self, host: Entry, locked: bool) -> None:
        """Lock or unlock the door."""

        async def act(work: Work) -> None:
            await store.set_locked(work.connection, bytes.fromhex(host.room), locked=locked)
            await self._audited(work, host, "room.lock" if locked else "room.unlock")

        await asked(self.office, act)

    async def end(self, host: Entry) -> None:
        """End the session for everyone; how it went is known from then on, and where they were is dropped."""

        async def act(work: Work) -> None:
            appointment_id = bytes.fromhex(host.room)
            if not await store.end_room(work.connection, appointment_id, work.now):
                return
            await forget_whereabouts(work.connection, whereabouts.c.appointment_id == appointment_id)
            await outcomes.derive(work, appointment_id)
            await self._audited(work, host, "room.end")

        await asked(self.office, act)

    async def present(self, entry: Entry, present: bool) -> None:
        """Somebody is really in the room now, or has really gone; from then on their session may grow idle."""
        session = self._sessions.get(entry.seat)

        async def act(work: Work) -> None:
            await store.note_presence(
                work.connection, bytes.fromhex(entry.seat), present=present, now=work.now
            )
            if session is not None:
                await store.session_seen(work.connection, session, work.now)

        await asked(self.office, act)

    async def _change(
        self, host: Entry, seat: str, type_: str, change: Change, *, detail: Mapping[str, str] | None = None
    ) -> bool:
        """`change` one guest's seat of this room, and put it on record where it changed."""

        async def act(work: Work) -> bool:
            found = await store.seat(work.connection, bytes.fromhex(seat))
            if found is None or found.appointment_id.hex() != host.room or found.host:
                return False
            if not await change(work, found.seat_id):
                return False
            await self._audited(work, host, type_, detail)
            return True

        return await asked(self.office, act)

    async def _audited(
        self, work: Work, host: Entry, type_: str, detail: Mapping[str, str] | None = None
    ) -> None:
        appointment_id = bytes.fromhex(host.room)
        seat = await store.seat(work.connection, bytes.fromhex(host.seat))
        if seat is not None:
            work.actor = Person(seat.person_id, "therapist", self._sessions.get(host.seat, b""))
        await work.audit(
            type_,
            "U",
            entity="appointment",
            entity_id=appointment_id,
            subjects=await store.guests_of(work.connection, appointment_id),
            detail=detail,
        )

    async def _stands(self, work: Work, seat: store.Seat, session: bytes) -> bool:
        door = rules.door(
            state=seat.appointment_state,
            starts_at=seat.starts_at,
            ends_at=seat.ends_at,
            ended=seat.ended_at is not None,
            host=seat.host,
            now=work.now,
        )
        if door != "open" or seat.state == "removed" or not await store.takes_part(work.connection, seat):
            return False
        return await store.session_stands(work.connection, session, seat.person_id, work.now)

    async def _entry(self, work: Work, seat: store.Seat) -> Entry:
        work.actor = Person(seat.person_id, "therapist" if seat.host else "client")
        return Entry(
            room=seat.appointment_id.hex(),
            seat=seat.seat_id.hex(),
            name=await self._name(work, seat),
            host=seat.host,
            admitted=seat.state == "admitted",
            kind="session",
            call=seat.call_id.hex(),
            locked=seat.locked,
            starts_at=seat.starts_at,
            opens_at=rules.opens_at(seat.starts_at, host=seat.host),
            closes_at=rules.closes_at(seat.ends_at),
            ice_policy=rules.ice_policy(
                seat.ice_policy, self.ice_policy, for_partners=seat.for_partners, has_relay=self.has_relay
            ),
            group=seat.apart,
            grouping=seat.grouping,
            expected=await self._expected(work, seat.appointment_id),
        )

    async def _expected(self, work: Work, appointment_id: bytes) -> tuple[Expected, ...]:
        """Who agreed to take part, where that is more than one."""
        found = await store.expected_in(work.connection, appointment_id)
        if len(found) < 2:
            return ()
        names = await people.names_of(work.connection, work.ring, [person for _, person in found])
        return tuple(Expected(seat.hex(), names.get(person, UNNAMED)) for seat, person in found)

    async def _name(self, work: Work, seat: store.Seat) -> str:
        if seat.host:
            therapist = await clinic.therapist(work.connection, seat.person_id)
            return therapist.name
        names: Mapping[bytes, str] = await people.names_of(work.connection, work.ring, [seat.person_id])
        return names.get(seat.person_id, UNNAMED)

"""The live rooms of this process: the only shared mutable state. Asks admission, then lets the room decide."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from signaling import protocol
from signaling.admission import Admission, Entry, Unanswered
from signaling.checks import Checks
from signaling.connection import Connection
from signaling.errors import NORMAL, Refused, Violation
from signaling.greeting import Ice
from signaling.occupant import Occupant, Send
from signaling.room import Room


@dataclass
class Live:
    """A room with the sockets of those in it."""

    room: Room
    connections: dict[str, Connection] = field(default_factory=dict)


class Hub:
    """`ice` gives {"servers", "policy"} for an entry; `clock` is aware UTC."""

    def __init__(
        self,
        admission: Admission,
        *,
        ice: Callable[[Entry], Ice],
        clock: Callable[[], datetime],
        away_seconds: float,
        checks: Checks | None = None,
    ) -> None:
        self.admission = admission
        self.ice = ice
        self.clock = clock
        self.away_seconds = away_seconds
        self.checks = checks
        self._vigils: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self._rooms: dict[str, Live] = {}

    async def enter(self, connection: Connection, ticket: bytes) -> None:
        """Redeem a ticket and take the seat; an older socket of the same seat is closed."""
        try:
            entry = await self.admission.redeem(ticket)
        except Unanswered as error:
            raise Violation("unavailable") from error
        if entry is None:
            raise Violation("ticket_refused")
        if entry.kind == "check":
            self._checks_of(entry).enter(connection, entry)
            return
        live = self._rooms.setdefault(entry.room, Live(Room(entry)))
        sends = live.room.enter(entry, self.ice(entry), self.clock())
        older = live.connections.pop(entry.seat, None)
        if older is not None:
            older.shut("seat_taken_over")
        connection.entry = entry
        live.connections[entry.seat] = connection
        self._send(live, sends)
        if live.room.is_inside(entry.seat):
            await self._present(entry, present=True)

    def waiting_in(self, rooms: Iterable[str]) -> dict[str, list[tuple[str, str, datetime]]]:
        """Who waits at the doors of these rooms in this process: seat, name, and since when, by room."""
        live = {room: self._rooms[room] for room in rooms if room in self._rooms}
        return {room: each.room.at_the_door() for room, each in live.items() if each.room.at_the_door()}

    async def handle(self, connection: Connection, message: protocol.Incoming) -> None:
        """One message of somebody who has joined. Raises Refused or Violation."""
        entry = connection.entry
        if entry is None or isinstance(message, protocol.Join):
            raise Violation("join_first")
        if entry.kind == "check":
            await self._checks_of(entry).handle(connection, message)
            return
        live = self._live(connection, entry)
        connection.rate.take(live.room.peers_of(entry.seat))
        match message:
            case protocol.Offer() | protocol.Answer() | protocol.Candidates():
                count = protocol.candidates_in(message)
                self._send(live, live.room.relay(entry.seat, message, count))
            case protocol.Media(microphone=microphone, camera=camera):
                self._send(live, live.room.media(entry.seat, microphone=microphone, camera=camera))
            case protocol.Knock():
                self._send(live, live.room.knock(entry.seat, self.clock()))
            case protocol.Signal(kind=kind):
                self._send(live, live.room.signal(entry.seat, kind))
            case protocol.Refuse(seat=seat, text=text):
                self._send(live, live.room.refuse(entry.seat, seat, text, self.clock()))
            case protocol.Leave():
                connection.is_polite = True
                connection.close(NORMAL)
            case _:
                await self._preside(live, entry, message)

    def _checks_of(self, entry: Entry) -> Checks:
        if self.checks is None:
            raise Violation("unavailable")
        return self.checks

    def _live(self, connection: Connection, entry: Entry) -> Live:
        live = self._rooms.get(entry.room)
        if live is None or live.connections.get(entry.seat) is not connection:
            raise Violation("seat_taken_over")  # its own close is on the way already
        return live

    async def _preside(self, live: Live, host: Entry, message: protocol.Incoming) -> None:
        """What only the host may do, and what the database must agree to first."""
        try:
            match message:
                case protocol.Admit(seat=seat, reason=reason):
                    await self._admit(live, host, seat, reason)
                case protocol.AdmitAll(reason=reason):
                    await self._admit_all(live, host, reason)
                case protocol.Back(seat=seat):
                    await self._back(live, host, seat)
                case protocol.Groups(apart=apart):
                    await self._part(live, host, apart)
                case protocol.Remove(seat=seat):
                    live.room.check_remove(host.seat, seat)
                    if not await self.admission.remove(host, seat):
                        raise Refused("no_such_seat")
                    await self._out(live, seat)
                case protocol.Lock(locked=locked):
                    live.room.check_host(host.seat)
                    await self.admission.lock(host, locked)
                    self._send(live, live.room.lock(locked))
                case _:
                    live.room.check_host(host.seat)
                    await self.admission.end(host)
                    await self.end(host.room)
        except Unanswered as error:
            raise Refused("unavailable") from error

    async def _admit(self, live: Live, host: Entry, seat: str, reason: str) -> None:
        live.room.check_admit(host.seat, seat, reason)
        guest = live.room.occupants[seat].entry
        if not await self.admission.admit(host, seat, reason):
            raise Refused("no_such_seat")
        live.room.check_host(host.seat)
        self._send(live, live.room.let_in(seat, self.ice(guest), self.clock()))
        await self._present(guest, present=True)

    async def _admit_all(self, live: Live, host: Entry, reason: str) -> None:
        """One after the other, the first to knock first, as far as there are places."""
        live.room.check_host(host.seat)
        for seat in live.room.waiting_seats():
            if seat in live.room.waiting_seats():  # who waited a moment ago may be gone
                await self._admit(live, host, seat, reason)

    async def _back(self, live: Live, host: Entry, seat: str) -> None:
        live.room.check_guest_inside(host.seat, seat)
        entry = live.room.occupants[seat].entry
        if not await self.admission.send_back(host, seat):
            raise Refused("no_such_seat")
        self._send(live, live.room.sent_back(seat, self.clock()))
        await self._present(entry, present=False)

    async def _part(self, live: Live, host: Entry, apart: list[list[str]]) -> None:
        groups = {seat: number for number, seats in enumerate(apart, 1) for seat in seats}
        live.room.check_groups(host.seat, groups)
        grouping = await self.admission.part(host, groups)
        self._send(live, live.room.grouped(groups, grouping))

    async def _out(self, live: Live, seat: str) -> None:
        entry = live.room.occupants[seat].entry if live.room.is_inside(seat) else None
        self._send(live, live.room.removed(seat))
        if entry is not None:
            await self._present(entry, present=False)

    async def end(self, room: str) -> None:
        """Close a room for everyone in it."""
        live = self._rooms.pop(room, None)
        if live is None:
            return
        inside = [each.entry for each in live.room.occupants.values() if each.state == "inside"]
        self._send(live, live.room.end())
        for entry in inside:
            await self._present(entry, present=False)

    async def drop(self, connection: Connection) -> None:
        """A socket is gone. Nothing happens when its seat has another one already."""
        entry = connection.entry
        if entry is not None and entry.kind == "check":
            self._checks_of(entry).drop(connection)
            return
        live = self._rooms.get(entry.room) if entry is not None else None
        if entry is None or live is None or live.connections.get(entry.seat) is not connection:
            return
        del live.connections[entry.seat]
        if self._is_closed:
            return  # that socket was closed by us; nobody is gone, and the next server will be asked
        if live.room.is_inside(entry.seat) and not connection.is_polite:
            vigil = asyncio.create_task(self._await_return(live, live.room.occupants[entry.seat]))
            self._vigils.add(vigil)
            vigil.add_done_callback(self._vigils.discard)
        else:
            await self._gone(live, entry)

    async def _await_return(self, live: Live, away: Occupant) -> None:
        """Whoever lost the socket has a while to come back, as another occupant; media go on meanwhile."""
        await asyncio.sleep(self.away_seconds)
        if live.room.occupants.get(away.entry.seat) is away:
            await self._gone(live, away.entry)

    async def _gone(self, live: Live, entry: Entry) -> None:
        was_inside = live.room.is_inside(entry.seat)
        self._send(live, live.room.leave(entry.seat))
        if live.room.is_empty() and self._rooms.get(entry.room) is live:
            del self._rooms[entry.room]
        if was_inside:
            await self._present(entry, present=False)

    async def expel(self, connection: Connection) -> None:
        """Somebody may not stay: the session has run out, or the right to be here is gone.

        Their browser asks for a new ticket then, and is told there what is so: signed out, cancelled, removed.
        """
        entry = connection.entry
        if entry is not None and entry.kind == "check":
            connection.shut("ticket_refused")
            return
        if entry is None or (live := self._rooms.get(entry.room)) is None:
            return
        if self.clock() >= entry.closes_at:
            await self.end(entry.room)
        elif live.connections.get(entry.seat) is connection:
            del live.connections[entry.seat]
            connection.shut("ticket_refused")
            await self._gone(live, entry)

    async def close(self) -> None:
        """The server goes down: nobody is waited for here; they come back to the next one."""
        self._is_closed = True
        for vigil in self._vigils:
            vigil.cancel()
        await asyncio.gather(*self._vigils, return_exceptions=True)
        if self.checks is not None:
            await self.checks.close()

    async def _present(self, entry: Entry, *, present: bool) -> None:
        with suppress(Unanswered):  # the outcome is worth less than the call
            await self.admission.present(entry, present)

    def _send(self, live: Live, sends: list[Send]) -> None:
        for each in sends:
            connection = live.connections.get(each.to)
            if connection is None:
                continue
            connection.send(each.frame)
            if each.close:
                connection.shut(each.close)
                live.connections.pop(each.to, None)

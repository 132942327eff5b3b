"""The live rooms of this process: the only shared mutable state. Asks admission, then lets the room decide."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from signaling import protocol
from signaling.admission import Admission, Entry, Unanswered
from signaling.bus import AnyMessage, Bus, Ended, LocalBus, SentBack
from signaling.checks import Checks
from signaling.connection import Connection
from signaling.elsewhere import Elsewhere
from signaling.errors import NORMAL, Violation
from signaling.greeting import Ice
from signaling.live import Live
from signaling.occupant import Occupant
from signaling.presiding import Presiding
from signaling.room import Room

Notes = list[tuple[Entry, bool]]  # who is in the room from now on, or is not


class Hub:
    """`ice` gives {"servers", "policy"} for an entry; `clock` is aware UTC, `seconds` monotonic."""

    def __init__(
        self,
        admission: Admission,
        *,
        ice: Callable[[Entry], Ice],
        clock: Callable[[], datetime],
        away_seconds: float,
        bus: Bus | None = None,
        seconds: Callable[[], float] = time.monotonic,
        checks: Checks | None = None,
    ) -> None:
        self.admission = admission
        self.ice = ice
        self.clock = clock
        self.away_seconds = away_seconds
        self.checks = checks
        bus = bus or LocalBus()
        self.own = bus.own
        self.rooms: dict[str, Live] = {}
        self.elsewhere = Elsewhere(self, bus, seconds)
        self._presiding = Presiding(self)
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self.relayed = 0  # messages passed on since the start

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
        live = self.live(entry)
        sends = live.room.enter(entry, self.ice(entry), self.clock())
        live.take_over(entry.seat)
        connection.entry = entry
        live.connections[entry.seat] = connection
        live.send(sends)
        self.elsewhere.welcome(live, connection)
        self.elsewhere.tell_seat(live, entry.seat)
        if live.room.is_inside(entry.seat):
            await self._present(entry, present=True)

    def live(self, entry: Entry) -> Live:
        """The room of an entry, opened where it was not."""
        live = self.rooms.get(entry.room)
        if live is None:
            live = self.rooms[entry.room] = Live(entry.room, Room(entry))
            live.room.divided = self.elsewhere.is_divided
        return live

    def waiting_in(self, rooms: Iterable[str]) -> dict[str, list[tuple[str, str, datetime]]]:
        """Who waits at the doors of these rooms, in whichever process: seat, name, and since when, by room."""
        live = {room: self.rooms[room] for room in rooms if room in self.rooms}
        return {room: each.room.at_the_door() for room, each in live.items() if each.room.at_the_door()}

    def counts(self) -> tuple[int, int, int]:
        """Rooms open here, sockets in them, and messages passed on since the start."""
        return len(self.rooms), sum(len(live.connections) for live in self.rooms.values()), self.relayed

    async def handle(self, connection: Connection, message: protocol.Incoming) -> None:
        """One message of somebody who has joined. Raises Refused or Violation."""
        entry = connection.entry
        if entry is None or isinstance(message, protocol.Join):
            raise Violation("join_first")
        if entry.kind == "check":
            await self._checks_of(entry).handle(connection, message)
            return
        live = self.rooms.get(entry.room)
        if live is None or live.connections.get(entry.seat) is not connection:
            raise Violation("seat_taken_over")  # its own close is on the way already
        connection.rate.take(live.room.peers_of(entry.seat))
        match message:
            case protocol.Offer() | protocol.Answer() | protocol.Candidates():
                count = protocol.candidates_in(message)
                self.elsewhere.say(live, live.room.relay(entry.seat, message, count))
                self.relayed += 1
            case protocol.Media(microphone=microphone, camera=camera):
                live.send(live.room.media(entry.seat, microphone=microphone, camera=camera))
                self.elsewhere.tell_seat(live, entry.seat)
            case protocol.Differ(to=to):
                self.elsewhere.say(live, live.room.differ(entry.seat, to))
            case protocol.Ping():
                connection.say("pong")
            case protocol.Knock():
                live.send(live.room.knock(entry.seat, self.clock()))
                self.elsewhere.tell_seat(live, entry.seat)
            case protocol.Signal(kind=kind):
                self.elsewhere.say(live, live.room.signal(entry.seat, kind))
            case protocol.Leave():
                connection.is_polite = True
                connection.close(NORMAL)
            case _:
                await self._presiding.preside(live, entry, message)

    def _checks_of(self, entry: Entry) -> Checks:
        if self.checks is None:
            raise Violation("unavailable")
        return self.checks

    def tell(self, message: AnyMessage, to: str = "") -> None:
        """To all other processes, or to one."""
        self.elsewhere.bus.tell(message, to)

    def let_in(self, live: Live, seat: str) -> Notes:
        """The door opens for one who waits, and whom this process serves."""
        entry = live.room.occupants[seat].entry
        live.send(live.room.let_in(seat, self.ice(entry), self.clock()))
        self.elsewhere.tell_seat(live, seat)
        return [(entry, True)]

    def turn_away(self, live: Live, seat: str, text: str) -> None:
        """Not now, for one whom this process serves."""
        live.send(live.room.turned_away(seat, text, self.clock()))
        self.elsewhere.tell_seat(live, seat)

    def send_back(self, live: Live, seat: str) -> Notes:
        """To the door again; whoever serves them tells the others how they are now."""
        occupant = live.room.occupants.get(seat)
        was_inside = live.room.is_inside(seat)
        live.send(live.room.sent_back(seat, self.clock()))
        if occupant is None or occupant.home:
            return []
        self.elsewhere.tell_seat(live, seat)
        return [(occupant.entry, False)] if was_inside else []

    def crowd_out(self, live: Live, seat: str) -> Notes:
        """One too many is in, since two servers each had a last place: a guest waits at the door again, and a host's
        socket is closed."""
        occupant, connection = live.room.occupants[seat], live.connections.get(seat)
        if not occupant.entry.host:
            if connection is not None:
                connection.refuse("room_full")
            self.tell(SentBack(self.own, live.id, seat))
            return self.send_back(live, seat)
        if connection is not None:
            connection.shut("room_full")
            del live.connections[seat]
        self.leave(live, occupant)
        return self._no_more([occupant])

    def remove(self, live: Live, seat: str) -> Notes:
        """Out for good."""
        occupant = live.room.occupants.get(seat)
        live.send(live.room.removed(seat))
        return self._no_more([] if occupant is None else [occupant])

    def end(self, room: str) -> Notes:
        """Close a room for everyone in it."""
        live = self.rooms.pop(room, None)
        if live is None:
            return []
        occupants = list(live.room.occupants.values())
        live.send(live.room.end())
        return self._no_more(occupants)

    def _no_more(self, occupants: list[Occupant]) -> Notes:
        """Whom of these this process served, it serves no more: older news of them may still be under way."""
        ours = [each for each in occupants if not each.home]
        for occupant in ours:
            self.elsewhere.tell_gone(occupant)
        return [(each.entry, False) for each in ours if each.state == "inside"]

    async def note(self, notes: Notes) -> None:
        """Put down who is really in the room now, or has really gone."""
        for entry, present in notes:
            await self._present(entry, present=present)

    async def drop(self, connection: Connection) -> None:
        """A socket is gone. Nothing happens when its seat has another one already."""
        entry = connection.entry
        if entry is not None and entry.kind == "check":
            self._checks_of(entry).drop(connection)
            return
        self.elsewhere.drop(connection)
        live = self.rooms.get(entry.room) if entry is not None else None
        if entry is None or live is None or live.connections.get(entry.seat) is not connection:
            return
        del live.connections[entry.seat]
        if self._is_closed:
            return  # that socket was closed by us; nobody is gone, and the next server will be asked
        occupant = live.room.occupants[entry.seat]
        if occupant.state == "inside" and not connection.is_polite:
            self.spawn(self.await_return(live, occupant))
        else:
            await self.gone(live, occupant)

    async def await_return(self, live: Live, away: Occupant) -> None:
        """Whoever lost the socket has a while to come back, as another occupant; media go on meanwhile."""
        await asyncio.sleep(self.away_seconds)
        if live.room.occupants.get(away.entry.seat) is away:
            await self.gone(live, away)

    async def gone(self, live: Live, occupant: Occupant) -> None:
        """Somebody has left, here or with a process that is no more."""
        self.leave(live, occupant)
        if not occupant.home:
            self.elsewhere.tell_gone(occupant)
        if occupant.state == "inside":
            await self._present(occupant.entry, present=False)

    def leave(self, live: Live, occupant: Occupant) -> None:
        """Tell those whom this process serves; an empty room is closed."""
        live.send(live.room.leave(occupant.entry.seat))
        if live.room.is_empty() and self.rooms.get(live.id) is live:
            del self.rooms[live.id]

    async def expel(self, connection: Connection) -> None:
        """Somebody may not stay: the session has run out, or the right to be here is gone.

        Their browser asks for a new ticket then, and is told there what is so: signed out, cancelled, removed.
        """
        entry = connection.entry
        if entry is not None and entry.kind == "check":
            connection.shut("ticket_refused")
            return
        if entry is None or (live := self.rooms.get(entry.room)) is None:
            return
        if self.clock() >= entry.closes_at:
            self.tell(Ended(self.own, entry.room))
            await self.note(self.end(entry.room))
        elif live.connections.get(entry.seat) is connection:
            del live.connections[entry.seat]
            connection.shut("ticket_refused")
            await self.gone(live, live.room.occupants[entry.seat])

    def spawn(self, act: Coroutine[Any, Any, None]) -> None:
        """What goes on beside the sockets, until the server goes down."""
        task = asyncio.create_task(act)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """The server goes down: nobody is waited for here; they come back to the next one."""
        self._is_closed = True
        await self.elsewhere.close()
        if self.checks is not None:
            await self.checks.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _present(self, entry: Entry, *, present: bool) -> None:
        with suppress(Unanswered):  # the outcome is worth less than the call
            await self.admission.present(entry, present)

"""What other processes serve: their occupants as copies in our rooms, and ours told to them.

Each seat is as the process says that has its socket, so that no two can disagree about it for long. A process that is
silent for a while has lost its sockets; whoever was inside has as long to come back as after any lost socket.
"""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from signaling import bus as says
from signaling.bus import AnyMessage, Bus
from signaling.connection import Connection
from signaling.errors import Refused
from signaling.live import Live
from signaling.occupant import Occupant, Send
from signaling.room import Room

if TYPE_CHECKING:
    from signaling.hub import Hub, Notes

SILENT_SECONDS = 6.0


class Elsewhere:
    """`seconds` is a monotonic clock. `asked` is called with what another process wants asked about."""

    def __init__(self, hub: "Hub", bus: Bus, seconds: Callable[[], float]) -> None:
        self.bus = bus
        self.asked: Callable[[Collection[bytes]], None] = lambda about: None
        self._hub = hub
        self._seconds = seconds
        self._heard_at: dict[str, float] = {}
        self._told: set[Connection] = set()  # that the others cannot be reached
        bus.listen(self._hear, self._reach)

    @property
    def is_divided(self) -> bool:
        """Whether there may be others who cannot be reached."""
        return not self.bus.is_united

    async def close(self) -> None:
        """This process goes down, and the others are to know at once."""
        self.bus.tell(says.Bye(self.bus.own))
        await self.bus.close()

    # — ours, told to the others —

    def tell_seat(self, live: Live, seat: str) -> None:
        """How somebody is now whom this process serves."""
        self.bus.tell(self._seated(live.room, live.room.occupants[seat]))

    def tell_gone(self, occupant: Occupant) -> None:
        """Whom this process served is gone."""
        entry = occupant.entry
        self.bus.tell(says.Gone(self.bus.own, entry.room, entry.seat, occupant.turn))

    def say(self, live: Live, sends: list[Send]) -> None:
        """Frames that only these seats can know: what follows from how somebody is, each process tells its own."""
        live.send(sends)
        for each in sends:
            home = live.room.occupants[each.to].home
            if home:
                self.bus.tell(says.Said(self.bus.own, live.id, each.to, each.frame), home)

    def welcome(self, live: Live, connection: Connection) -> None:
        """Whoever joins while others cannot be reached is told so."""
        if self.is_divided:
            connection.say("servers", united=False)
            self._told.add(connection)

    def drop(self, connection: Connection) -> None:
        """This socket is gone."""
        self._told.discard(connection)

    def _seated(self, room: Room, occupant: Occupant) -> says.Seated:
        group = room.groups.get(occupant.entry.seat, 0)
        entry = replace(occupant.entry, locked=room.locked, group=group, grouping=room.grouping)
        media = (occupant.microphone, occupant.camera)
        refused_at = room.refused_at.get(entry.seat)
        return says.Seated(
            self.bus.own, entry, occupant.state, occupant.since, *media, occupant.turn, refused_at
        )

    # — theirs, heard by us —

    def _reach(self, united: bool) -> None:
        for live in self._hub.rooms.values():
            live.room.divided = not united
            live.send(live.room.tell_waiting())
        if not united:
            self._ask_about_everybody()
            return
        self._heard_at = dict.fromkeys(self._heard_at, self._seconds())
        self.bus.tell(says.Hello(self.bus.own))
        self.bus.tell(
            says.All(self.bus.own, self._all())
        )  # to those who were back before us, and asked in vain
        for connection in self._told:
            connection.say("servers", united=True)
        self._told.clear()

    def _ask_about_everybody(self) -> None:
        """What the others decide from now on is heard of from the database alone."""
        for live in self._hub.rooms.values():
            for connection in live.connections.values():
                connection.in_question.ring()

    def _hear(self, message: AnyMessage) -> None:
        home = message.home
        if home == self.bus.own:
            self._look_around()
            return
        if isinstance(message, says.Bye):
            self._lose(home)
            return
        is_new = home not in self._heard_at  # or was silent for a while
        self._heard_at[home] = self._seconds()
        if is_new and not isinstance(message, says.All):
            self.bus.tell(says.Hello(self.bus.own), home)
        match message:
            case says.Hello():
                self.bus.tell(says.All(self.bus.own, self._all()), home)
            case says.All(seated=seated):
                self._replace(home, seated)
            case says.Seated():
                self._seat(message)
            case says.Ask(about=about):
                self.asked(about)
            case says.Beat():
                pass
            case _:
                self._about_room(message)

    def _all(self) -> list[says.Seated]:
        rooms = [live.room for live in self._hub.rooms.values()]
        return [
            self._seated(room, each) for room in rooms for each in room.occupants.values() if not each.home
        ]

    def _replace(self, home: str, seated: list[says.Seated]) -> None:
        """That process serves these, and nobody else any more."""
        kept = {(each.entry.room, each.entry.seat) for each in seated}
        for live, occupant in self._of(home):
            if (live.id, occupant.entry.seat) not in kept:
                self._hub.leave(live, occupant)
        for each in seated:
            self._seat(each)

    def _seat(self, said: says.Seated) -> None:
        copy = Occupant(said.entry, said.state, said.since, home=said.home, turn=said.turn)
        copy.microphone, copy.camera = said.microphone, said.camera
        live = self._hub.live(said.entry)
        seat = said.entry.seat
        known = live.room.occupants.get(seat)
        if known is not None and (known.turn, known.home or self.bus.own) > (copy.turn, copy.home):
            if not known.home:
                self.tell_seat(live, seat)  # this person came to us after that
            return
        live.take_over(seat)
        if said.refused_at is not None:
            live.room.refused_at[seat] = said.refused_at
        live.send(live.room.mirror(copy))
        if known is not None and not known.home:
            self.tell_gone(known)  # where this news is older, ours of that seat may still be under way
        for one in live.room.crowded_out():
            if not live.room.occupants[one].home:
                self._note(self._hub.crowd_out(live, one))

    def _about_room(self, message: says.AboutRoom) -> None:
        live = self._hub.rooms.get(message.room)
        if live is None:
            return
        match message:
            case says.Gone(seat=seat, turn=turn):
                occupant = live.room.occupants.get(seat)
                if occupant is not None and (occupant.home, occupant.turn) == (message.home, turn):
                    self._hub.leave(live, occupant)
            case says.Said(to=to, frame=frame):
                live.send([Send(to, frame)])
            case says.Locked(locked=locked):
                live.send(live.room.lock(locked))
            case says.Grouped(groups=groups, grouping=grouping):
                live.send(live.room.grouped(groups, grouping))
            case says.Deed():
                self._do(live, message)
            case says.SentBack(seat=seat):
                self._note(self._hub.send_back(live, seat))
            case says.Removed(seat=seat):
                self._note(self._hub.remove(live, seat))
            case says.Ended():
                self._note(self._hub.end(live.id))

    def _note(self, notes: "Notes") -> None:
        if notes:
            self._hub.spawn(self._hub.note(notes))

    def _do(self, live: Live, deed: says.Deed) -> None:
        """A host elsewhere has decided; where it is not so any more, nothing happens."""
        occupant = live.room.occupants.get(deed.seat)
        if occupant is None or occupant.home:
            return
        with suppress(Refused):
            if deed.kind == "let_in":
                self._note(self._hub.let_in(live, deed.seat))
            else:
                self._hub.turn_away(live, deed.seat, deed.text)

    def _look_around(self) -> None:
        """Who was silent for too long is no more. Asked at each of our own beats."""
        now = self._seconds()
        for home in [home for home, at in self._heard_at.items() if now - at > SILENT_SECONDS]:
            self._lose(home)

    def _lose(self, home: str) -> None:
        self._heard_at.pop(home, None)
        for live, occupant in self._of(home):
            if occupant.state == "inside":
                self._hub.spawn(self._hub.await_return(live, occupant))
            else:
                self._hub.leave(live, occupant)

    def _of(self, home: str) -> list[tuple[Live, Occupant]]:
        rooms = self._hub.rooms.values()
        return [(live, each) for live in rooms for each in live.room.occupants.values() if each.home == home]

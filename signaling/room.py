"""One room: (state, event) → messages to send. All rules of knocking, admitting, relaying and leaving. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from signaling import protocol
from signaling.admission import Entry
from signaling.errors import Refused, Violation
from signaling.greeting import Ice, welcome
from signaling.occupant import Occupant, Send
from signaling.seating import Seating

KNOCK_AGAIN = timedelta(seconds=10)


class Room(Seating):
    """Who is in it, who waits, and whether the door is locked."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry)
        self.locked = entry.locked
        self.refused_at: dict[str, datetime] = {}  # by whichever process
        self._sent_back: set[str] = set()  # and not let in again

    def enter(self, entry: Entry, ice: Ice, now: datetime) -> list[Send]:
        """A socket with a good ticket: the host and who was admitted before come straight in, others stand outside."""
        if entry.seat in self._removed:  # after this ticket was looked up
            raise Violation("removed")
        inside = entry.host or (entry.admitted and entry.seat not in self._sent_back)
        if inside and self._is_full_for(entry):
            raise Violation("room_full")
        missing = self.missing()
        self._learn(entry)
        back = self.occupants.pop(entry.seat, None)
        occupant = Occupant(entry, "inside" if inside else "outside", now, turn=int(now.timestamp() * 1e6))
        if back is not None:
            occupant.microphone, occupant.camera = back.microphone, back.camera
            occupant.turn = max(occupant.turn, back.turn + 1)
        welcome = Send(entry.seat, self._welcome(occupant, ice))
        self.occupants[entry.seat] = occupant
        return [welcome, *self._announce(back, occupant, anew=True), *self._tell_missing(missing)]

    def mirror(self, copy: Occupant) -> list[Send]:
        """Somebody whom another process serves is here, as it says; whom this one serves hear what has changed."""
        seat = copy.entry.seat
        if seat in self._removed:  # this was said before the other process heard of it
            return []
        missing = self.missing()
        self._learn(copy.entry)
        if copy.state == "inside":
            self._sent_back.discard(seat)
        before = self.occupants.pop(seat, None)
        self.occupants[seat] = copy
        same_socket = before is not None and before.turn == copy.turn
        sends = self._announce(before, copy, anew=not same_socket)
        if not sends and copy.state == "inside":
            sends = self._media(copy)
        return [*sends, *self._tell_missing(missing)]

    def _welcome(self, occupant: Occupant, ice: Ice) -> bytes:
        return welcome(
            occupant.entry,
            ice,
            occupant.state,
            locked=self.locked,
            around=self._around(occupant.entry.seat) if occupant.state == "inside" else None,
            waiting=[each.waiting() for each in self._waiting()],
            missing=self._named_missing(),
        )

    def leave(self, seat: str) -> list[Send]:
        """Somebody is gone. What was admitted stays admitted."""
        missing = self.missing()
        occupant = self.occupants.pop(seat, None)
        return [*self._announce(occupant, None), *self._tell_missing(missing)]

    def knock(self, seat: str, now: datetime) -> list[Send]:
        """A guest asks to come in."""
        occupant = self.occupants[seat]
        if occupant.state == "inside":
            raise Refused("already_inside")
        if self.locked:
            raise Refused("locked")
        refused_at = self.refused_at.get(seat)
        if refused_at is not None and now < refused_at + KNOCK_AGAIN:
            raise Refused("knock_too_soon")
        told = Send(seat, protocol.encode("waiting", host=self._host_is_in()))
        if occupant.state == "waiting":
            return [told]
        return [told, *self._becomes(occupant, "waiting", now)]

    def signal(self, seat: str, kind: str) -> list[Send]:
        """A word from the door to the hosts inside; whoever said it learns whether one was there to hear it."""
        if self.is_inside(seat):
            raise Refused("already_inside")
        heard = Send(seat, protocol.encode("signalled", heard=self._host_is_in()))
        return [*self._to_hosts("signal", seat=seat, name=self.occupants[seat].entry.name, kind=kind), heard]

    def check_admit(self, host: str, seat: str, reason: str) -> None:
        """Whether the host may let this seat in now; asked before and after the database was."""
        self.check_host(host)
        self.check_let_in(seat)
        if self.missing() and not reason and not any(not each.entry.host for each in self._inside()):
            raise Refused("reason_needed")

    def check_waits(self, seat: str) -> None:
        """Whether this seat has knocked and waits."""
        if seat not in self.occupants or self.occupants[seat].state != "waiting":
            raise Refused("no_such_seat")

    def check_let_in(self, seat: str) -> None:
        """Whether this seat waits, and there is a place for it."""
        self.check_waits(seat)
        if self._is_full_for(self.occupants[seat].entry):
            raise Refused("room_full")

    def let_in(self, seat: str, ice: Ice, now: datetime) -> list[Send]:
        """The door opens for one who waits."""
        self.check_let_in(seat)
        self._sent_back.discard(seat)
        told = Send(seat, protocol.encode("admitted", ice=ice, **self._around(seat)))
        return [told, *self._becomes(self.occupants[seat], "inside", now)]

    def turned_away(self, seat: str, text: str, now: datetime) -> list[Send]:
        """Not now; may knock again after ten seconds."""
        self.check_waits(seat)
        self.refused_at[seat] = now
        told = Send(seat, protocol.encode("refused", text=text))
        return [told, *self._becomes(self.occupants[seat], "outside", now)]

    def check_guest_inside(self, host: str, seat: str) -> None:
        """Whether the host may send this seat back to the door."""
        self.check_remove(host, seat)
        if not self.is_inside(seat):
            raise Refused("no_such_seat")

    def sent_back(self, seat: str, now: datetime) -> list[Send]:
        """Out of the room, but not gone: they wait at the door as if they had knocked."""
        self._sent_back.add(seat)  # where a ticket was looked up a moment ago, too
        sends: list[Send] = []
        if self.is_inside(seat):
            told = Send(seat, protocol.encode("back", host=self._host_is_in()))
            sends = [told, *self._becomes(self.occupants[seat], "waiting", now)]
        self.groups.pop(seat, None)
        return sends

    def check_remove(self, host: str, seat: str) -> None:
        """Whether the host may send this seat out."""
        self.check_host(host)
        if seat not in self.occupants or self.occupants[seat].entry.host:
            raise Refused("no_such_seat")

    def removed(self, seat: str) -> list[Send]:
        """Out for good, with the others told."""
        self._removed.add(seat)
        missing = self.missing()
        self.expected = tuple(each for each in self.expected if each.seat != seat)
        told = [Send(seat, protocol.encode("removed"), close="removed")] if seat in self.occupants else []
        return [*told, *self.leave(seat), *self._tell_missing(missing)]

    def check_groups(self, host: str, groups: Mapping[str, int]) -> None:
        """Whether the host may have these seats speak apart."""
        self.check_host(host)
        if not all(self.is_inside(seat) for seat in groups):
            raise Refused("no_such_seat")

    def grouped(self, groups: Mapping[str, int], grouping: int) -> list[Send]:
        """Who speaks with whom from now on; everybody inside is told who can hear them. Older news change nothing."""
        if grouping <= self.grouping:
            return []
        self.groups, self.grouping = dict(groups), grouping
        for occupant in self._inside():
            hearing = {each.entry.seat for each in self._hearing(occupant.entry.seat)}
            occupant.candidates = {seat: n for seat, n in occupant.candidates.items() if seat in hearing}
        return [self._groups_for(each) for each in self._inside()]

    def lock(self, locked: bool) -> list[Send]:
        """Lock or unlock; everyone inside sees it."""
        self.locked = locked
        return self._to_inside("locked", locked=locked)

    def end(self) -> list[Send]:
        """Over for everyone, those who wait included."""
        frame = protocol.encode("ended")
        sends = [Send(seat, frame, close="ended") for seat in self.occupants]
        self.occupants.clear()
        return sends

    def relay(self, seat: str, message: protocol.Relayed, candidates: int) -> list[Send]:
        """Pass a description or candidates on to another seat; `candidates` is how many it carries."""
        self._check_hears(seat, message.to)
        counts = self.occupants[seat].candidates
        sent = candidates + counts.get(message.to, 0) if candidates else 0
        if sent > protocol.CANDIDATES_PER_NEGOTIATION:
            raise Violation("too_many_candidates")
        counts[message.to] = sent
        return [Send(message.to, protocol.relayed(message, seat))]

    def differ(self, seat: str, to: str) -> list[Send]:
        """The safety words of these two were not the same: the other page hears it by this way, too."""
        self._check_hears(seat, to)
        return [Send(to, protocol.encode("differ", seat=seat))]

    def _check_hears(self, seat: str, to: str) -> None:
        if not self.is_inside(seat):
            raise Refused("not_inside")
        if to == seat or not self.is_inside(to) or not self._hear(seat, to):
            raise Refused("no_such_seat")
        if not self.is_within_reach(to):
            raise Refused("divided")

    def media(self, seat: str, *, microphone: bool, camera: bool) -> list[Send]:
        """Those who hear this seat see whether it sends sound and picture."""
        if not self.is_inside(seat):
            raise Refused("not_inside")
        occupant = self.occupants[seat]
        occupant.microphone, occupant.camera = microphone, camera
        return self._media(occupant)

    def check_host(self, seat: str) -> None:
        """Whether this seat may preside; nobody may who is gone."""
        occupant = self.occupants.get(seat)  # may be gone, since the database was asked meanwhile
        if occupant is None or not occupant.entry.host:
            raise Refused("not_host")

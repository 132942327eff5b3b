"""One room: (state, event) → messages to send. All rules of knocking, admitting, relaying and leaving. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from signaling import protocol
from signaling.admission import Entry
from signaling.errors import Refused, Violation

KNOCK_AGAIN = timedelta(seconds=10)
Ice = dict[str, Any]


@dataclass(frozen=True)
class Send:
    """One frame for one seat; `close` is the error code with which its socket is closed afterwards."""

    to: str
    frame: bytes
    close: str = ""


@dataclass
class Occupant:
    """Somebody with an open socket, or somebody inside who lost it a moment ago."""

    entry: Entry
    state: Literal["outside", "waiting", "inside"]
    since: datetime
    microphone: bool = False
    camera: bool = False
    candidates: dict[str, int] = field(default_factory=dict)  # by peer, in the negotiation under way

    def participant(self) -> dict[str, Any]:
        """How the others inside see this seat."""
        return {
            "seat": self.entry.seat,
            "name": self.entry.name,
            "role": "host" if self.entry.host else "guest",
            "microphone": self.microphone,
            "camera": self.camera,
        }

    def waiting(self) -> dict[str, Any]:
        """How the host sees somebody at the door."""
        return {"seat": self.entry.seat, "name": self.entry.name, "since": self.since}


class Room:
    """Who is in it, who waits, and whether the door is locked."""

    def __init__(self, entry: Entry) -> None:
        self.locked = entry.locked
        self.occupants: dict[str, Occupant] = {}
        self._refused_at: dict[str, datetime] = {}
        self._removed: set[str] = set()

    def is_empty(self) -> bool:
        """Whether nobody is here, not even somebody who may come back in a moment."""
        return not self.occupants

    def at_the_door(self) -> list[tuple[str, str, datetime]]:
        """Who has knocked and waits: seat, name, and since when."""
        return [(each.entry.seat, each.entry.name, each.since) for each in self._waiting()]

    def is_inside(self, seat: str) -> bool:
        """Whether this seat takes part now."""
        occupant = self.occupants.get(seat)
        return occupant is not None and occupant.state == "inside"

    def enter(self, entry: Entry, ice: Ice, now: datetime) -> list[Send]:
        """A socket with a good ticket: the host and who was admitted before come straight in, others stand outside."""
        if entry.seat in self._removed:  # after this ticket was looked up
            raise Violation("removed")
        inside = entry.host or entry.admitted
        if inside and self._is_full_for(entry):
            raise Violation("room_full")
        back = self.occupants.pop(entry.seat, None)
        occupant = Occupant(entry, "inside" if inside else "outside", now)
        if back is not None:
            occupant.microphone, occupant.camera = back.microphone, back.camera
        sends = [Send(entry.seat, self._welcome(occupant, ice))]
        if back is not None and back.state == "waiting":
            sends += self._to_hosts("gone", seat=entry.seat)
        self.occupants[entry.seat] = occupant
        return sends + (self._joined(occupant) if inside else [])

    def _welcome(self, occupant: Occupant, ice: Ice) -> bytes:
        entry = occupant.entry
        inside = occupant.state == "inside"
        return protocol.encode(
            "welcome",
            version=protocol.VERSION,
            seat=entry.seat,
            role="host" if entry.host else "guest",
            state=occupant.state,
            room={
                "locked": self.locked,
                "opens_at": entry.opens_at,
                "closes_at": entry.closes_at,
                "starts_at": entry.starts_at,
            },
            call=entry.call,
            ice=ice if inside else None,
            participants=[each.participant() for each in self._inside()] if inside else [],
            waiting=[each.waiting() for each in self._waiting()] if entry.host else [],
        )

    def _joined(self, occupant: Occupant) -> list[Send]:
        sends = self._to_inside("joined", but=occupant.entry.seat, **occupant.participant())
        return sends + (self._tell_waiting() if occupant.entry.host else [])

    def leave(self, seat: str) -> list[Send]:
        """Somebody is gone. What was admitted stays admitted."""
        occupant = self.occupants.pop(seat, None)
        if occupant is None:
            return []
        if occupant.state == "waiting":
            return self._to_hosts("gone", seat=seat)
        if occupant.state == "outside":
            return []
        for each in self.occupants.values():
            each.candidates.pop(seat, None)
        return self._to_inside("left", seat=seat) + (self._tell_waiting() if occupant.entry.host else [])

    def knock(self, seat: str, now: datetime) -> list[Send]:
        """A guest asks to come in."""
        occupant = self.occupants[seat]
        if occupant.state == "inside":
            raise Refused("already_inside")
        if self.locked:
            raise Refused("locked")
        refused_at = self._refused_at.get(seat)
        if refused_at is not None and now < refused_at + KNOCK_AGAIN:
            raise Refused("knock_too_soon")
        told = Send(seat, protocol.encode("waiting", host=self._host_is_in()))
        if occupant.state == "waiting":
            return [told]
        occupant.state, occupant.since = "waiting", now
        return [told, *self._to_hosts("knocking", **occupant.waiting())]

    def check_admit(self, host: str, seat: str) -> None:
        """Whether the host may let this seat in now; asked before and after the database was."""
        self.check_host(host)
        if seat not in self.occupants or self.occupants[seat].state != "waiting":
            raise Refused("no_such_seat")
        if self._is_full_for(self.occupants[seat].entry):
            raise Refused("room_full")

    def admitted(self, host: str, seat: str, ice: Ice) -> list[Send]:
        """The door opens for one who waits."""
        self.check_admit(host, seat)
        occupant = self.occupants[seat]
        others = [each.participant() for each in self._inside()]
        occupant.state = "inside"
        told = Send(seat, protocol.encode("admitted", ice=ice, participants=others))
        return [told, *self._to_hosts("gone", seat=seat), *self._joined(occupant)]

    def refuse(self, host: str, seat: str, text: str, now: datetime) -> list[Send]:
        """Not now; may knock again after ten seconds."""
        self.check_host(host)
        occupant = self.occupants.get(seat)
        if occupant is None or occupant.state != "waiting":
            raise Refused("no_such_seat")
        occupant.state = "outside"
        self._refused_at[seat] = now
        return [Send(seat, protocol.encode("refused", text=text)), *self._to_hosts("gone", seat=seat)]

    def check_remove(self, host: str, seat: str) -> None:
        """Whether the host may send this seat out."""
        self.check_host(host)
        if seat not in self.occupants or self.occupants[seat].entry.host:
            raise Refused("no_such_seat")

    def removed(self, seat: str) -> list[Send]:
        """Out for good, with the others told."""
        self._removed.add(seat)
        sends = [Send(seat, protocol.encode("removed"), close="removed")] if seat in self.occupants else []
        return sends + self.leave(seat)

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
        if not self.is_inside(seat):
            raise Refused("not_inside")
        if message.to == seat or not self.is_inside(message.to):
            raise Refused("no_such_seat")
        counts = self.occupants[seat].candidates
        sent = candidates + counts.get(message.to, 0) if candidates else 0
        if sent > protocol.CANDIDATES_PER_NEGOTIATION:
            raise Violation("too_many_candidates")
        counts[message.to] = sent
        return [Send(message.to, protocol.relayed(message, seat))]

    def media(self, seat: str, *, microphone: bool, camera: bool) -> list[Send]:
        """The others see whether this seat sends sound and picture."""
        if not self.is_inside(seat):
            raise Refused("not_inside")
        occupant = self.occupants[seat]
        occupant.microphone, occupant.camera = microphone, camera
        return self._to_inside("media", but=seat, seat=seat, microphone=microphone, camera=camera)

    def peers_of(self, seat: str) -> int:
        """How many others are inside; at least 1, so that limits per peer let a lonely one knock."""
        return max(1, sum(1 for each in self._inside() if each.entry.seat != seat))

    def _inside(self) -> list[Occupant]:
        return [each for each in self.occupants.values() if each.state == "inside"]

    def _waiting(self) -> list[Occupant]:
        return [each for each in self.occupants.values() if each.state == "waiting"]

    def _is_full_for(self, entry: Entry) -> bool:
        """Guests leave one place free, so that a therapist who was away is never locked out by a full room."""
        others = [each.entry for each in self._inside() if each.entry.seat != entry.seat]
        if entry.host:
            return len(others) >= protocol.MAX_SEATS
        hosts = sum(1 for each in others if each.host)
        return len(others) - hosts >= protocol.MAX_SEATS - max(1, hosts)

    def _host_is_in(self) -> bool:
        return any(each.entry.host for each in self._inside())

    def check_host(self, seat: str) -> None:
        """Whether this seat may preside; nobody may who is gone."""
        occupant = self.occupants.get(seat)  # may be gone, since the database was asked meanwhile
        if occupant is None or not occupant.entry.host:
            raise Refused("not_host")

    def _to_inside(self, kind: str, *, but: str = "", **fields: Any) -> list[Send]:
        frame = protocol.encode(kind, **fields)
        return [Send(each.entry.seat, frame) for each in self._inside() if each.entry.seat != but]

    def _to_hosts(self, kind: str, **fields: Any) -> list[Send]:
        frame = protocol.encode(kind, **fields)
        return [Send(each.entry.seat, frame) for each in self._inside() if each.entry.host]

    def _tell_waiting(self) -> list[Send]:
        frame = protocol.encode("waiting", host=self._host_is_in())
        return [Send(each.entry.seat, frame) for each in self._waiting()]

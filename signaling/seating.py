"""Who is where in a room, who can hear whom, and who must be told when that changes. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from signaling import protocol
from signaling.admission import Entry, Expected
from signaling.occupant import Occupant, Send, State


class Seating:
    """The occupants of a room by seat, and the groups of those who speak apart; whoever is in none is in group 0."""

    def __init__(self, entry: Entry) -> None:
        self.occupants: dict[str, Occupant] = {}
        self.expected: tuple[Expected, ...] = entry.expected
        self.groups: dict[str, int] = {}
        self.grouping = entry.grouping
        self.divided = False  # whether what other processes serve cannot be reached now
        self._removed: set[str] = set()

    def is_empty(self) -> bool:
        """Whether nobody is here, not even somebody who may come back in a moment."""
        return not self.occupants

    def at_the_door(self) -> list[tuple[str, str, datetime]]:
        """Who has knocked and waits: seat, name, and since when."""
        return [(each.entry.seat, each.entry.name, each.since) for each in self._waiting()]

    def waiting_seats(self) -> list[str]:
        """The seats of those who wait, the first to knock first."""
        return [each.entry.seat for each in sorted(self._waiting(), key=lambda each: each.since)]

    def is_inside(self, seat: str) -> bool:
        """Whether this seat takes part now."""
        occupant = self.occupants.get(seat)
        return occupant is not None and occupant.state == "inside"

    def missing(self) -> list[Expected]:
        """Who agreed to take part, and is neither inside nor at the door."""
        return [each for each in self.expected if each.seat not in self.occupants]

    def peers_of(self, seat: str) -> int:
        """How many others are inside; at least 1, so that limits per peer let a lonely one knock."""
        return max(1, sum(1 for each in self._inside() if each.entry.seat != seat))

    def _learn(self, entry: Entry) -> None:
        """What the database knew when a ticket was used; what this room heard since then stands."""
        self.expected = tuple(each for each in entry.expected if each.seat not in self._removed)
        if entry.grouping >= self.grouping:
            self.grouping = entry.grouping
            self.groups[entry.seat] = entry.group

    def _hear(self, one: str, other: str) -> bool:
        return self.groups.get(one, 0) == self.groups.get(other, 0)

    def _hearing(self, seat: str) -> list[Occupant]:
        return [each for each in self._others(seat) if self._hear(seat, each.entry.seat)]

    def _around(self, seat: str) -> dict[str, Any]:
        """Those inside as this seat sees them: who hears it, and who does not."""
        hearing = [each.participant() for each in self._hearing(seat)]
        apart = [
            each.apart(self.groups.get(each.entry.seat, 0))
            for each in self._others(seat)
            if not self._hear(seat, each.entry.seat)
        ]
        return {"participants": hearing, "apart": apart}

    def _groups_for(self, occupant: Occupant) -> Send:
        seat = occupant.entry.seat
        return Send(seat, protocol.encode("groups", **self._around(seat)))

    def _becomes(self, occupant: Occupant, state: State, now: datetime) -> list[Send]:
        before = replace(occupant)
        occupant.state, occupant.since = state, now
        return self._announce(before, occupant)

    def _announce(self, before: Occupant | None, after: Occupant | None, *, anew: bool = False) -> list[Send]:
        """What the others hear when a seat is not as it was; `anew` when it has another socket."""
        was, is_now = (None if each is None else each.state for each in (before, after))
        sends: list[Send] = []
        if before is not None and was == "waiting" and (anew or is_now != "waiting"):
            sends += self._to_hosts("gone", seat=before.entry.seat)
        if before is not None and was == "inside" and is_now != "inside":
            sends += self._left(before)
        if after is not None and is_now == "waiting" and (anew or was != "waiting"):
            sends += self._to_hosts("knocking", **after.waiting())
        if after is not None and is_now == "inside" and (anew or was != "inside"):
            sends += self._joined(after)
        return sends

    def _joined(self, occupant: Occupant) -> list[Send]:
        frame = protocol.encode("joined", **occupant.participant())
        return self._told_by_hearing(occupant, frame)

    def _left(self, occupant: Occupant) -> list[Send]:
        seat = occupant.entry.seat
        for each in self.occupants.values():
            each.candidates.pop(seat, None)
        return self._told_by_hearing(occupant, protocol.encode("left", seat=seat))

    def _told_by_hearing(self, occupant: Occupant, frame: bytes) -> list[Send]:
        """`frame` to those who hear the occupant; to the others inside, who is in the room now."""
        seat = occupant.entry.seat
        sends = [
            Send(each.entry.seat, frame) if self._hear(seat, each.entry.seat) else self._groups_for(each)
            for each in self._others(seat)
        ]
        return sends + (self.tell_waiting() if occupant.entry.host else [])

    def _media(self, occupant: Occupant) -> list[Send]:
        fields = {"microphone": occupant.microphone, "camera": occupant.camera}
        frame = protocol.encode("media", seat=occupant.entry.seat, **fields)
        return [Send(each.entry.seat, frame) for each in self._hearing(occupant.entry.seat)]

    def _named_missing(self) -> list[dict[str, str]]:
        return [{"seat": each.seat, "name": each.name} for each in self.missing()]

    def _tell_missing(self, before: list[Expected]) -> list[Send]:
        return [] if self.missing() == before else self._to_hosts("missing", seats=self._named_missing())

    def _inside(self) -> list[Occupant]:
        return [each for each in self.occupants.values() if each.state == "inside"]

    def _others(self, seat: str) -> list[Occupant]:
        return [each for each in self._inside() if each.entry.seat != seat]

    def _waiting(self) -> list[Occupant]:
        return [each for each in self.occupants.values() if each.state == "waiting"]

    def _is_full_for(self, entry: Entry) -> bool:
        return _has_no_place(entry, [each.entry for each in self._others(entry.seat)])

    def crowded_out(self) -> list[str]:
        """Who came in last where more are in than there is place for: two processes may each have given away the last
        one. From the same occupants each of them finds the same."""
        found: list[str] = []
        others: list[Entry] = []
        for each in sorted(self._inside(), key=lambda each: (each.since, each.entry.seat)):
            if _has_no_place(each.entry, others):
                found.append(each.entry.seat)
            else:
                others.append(each.entry)
        return found

    def _host_is_in(self) -> bool:
        """Whether a host is inside who hears of whoever is at the door."""
        return any(each.entry.host and self.is_within_reach(each.entry.seat) for each in self._inside())

    def is_within_reach(self, seat: str) -> bool:
        """Whether what is said to this seat arrives: another process serves it, perhaps, that cannot be reached."""
        return not self.divided or not self.occupants[seat].home

    def _to_inside(self, kind: str, /, **fields: Any) -> list[Send]:
        frame = protocol.encode(kind, **fields)
        return [Send(each.entry.seat, frame) for each in self._inside()]

    def _to_hosts(self, kind: str, /, **fields: Any) -> list[Send]:
        frame = protocol.encode(kind, **fields)
        return [Send(each.entry.seat, frame) for each in self._inside() if each.entry.host]

    def tell_waiting(self) -> list[Send]:
        """Whether a host is there, said to all who wait."""
        frame = protocol.encode("waiting", host=self._host_is_in())
        return [Send(each.entry.seat, frame) for each in self._waiting()]


def _has_no_place(entry: Entry, others: list[Entry]) -> bool:
    """Guests leave one place free, so that a therapist who was away is never locked out by a full room."""
    if entry.host:
        return len(others) >= protocol.MAX_SEATS
    hosts = sum(1 for each in others if each.host)
    return len(others) - hosts >= protocol.MAX_SEATS - max(1, hosts)

"""An admission in memory, for one process alone: who holds a ticket comes in as its entry says."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from signaling.admission import Entry

LONG = timedelta(hours=12)


@dataclass
class InMemory:
    """`tickets` are 32 bytes each, good once. What hosts decide is kept by seat and forgotten with the process."""

    tickets: dict[bytes, Entry] = field(default_factory=dict)
    admitted: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)  # rooms
    ended: set[str] = field(default_factory=set)  # rooms
    groups: dict[str, dict[str, int]] = field(default_factory=dict)  # by room
    groupings: dict[str, int] = field(default_factory=dict)  # by room

    async def redeem(self, ticket: bytes) -> Entry | None:
        """Use a ticket once."""
        entry = self.tickets.pop(ticket, None)
        if entry is None or not await self.may_stay(entry):
            return None
        return replace(
            entry,
            admitted=entry.host or entry.seat in self.admitted,
            locked=entry.room in self.locked,
            group=self.groups.get(entry.room, {}).get(entry.seat, 0),
            grouping=self.groupings.get(entry.room, 0),
        )

    async def may_stay(self, entry: Entry) -> bool:
        """Until the room closes or ends, or a host says otherwise."""
        is_over = entry.room in self.ended or datetime.now(UTC) >= entry.closes_at
        return not is_over and entry.seat not in self.removed

    async def admit(self, host: Entry, seat: str, reason: str) -> bool:
        """Let a seat in."""
        if seat not in self.removed:
            self.admitted.add(seat)
        return seat in self.admitted

    async def send_back(self, host: Entry, seat: str) -> bool:
        """It must be let in again."""
        was_in = seat in self.admitted
        self.admitted.discard(seat)
        self.groups.get(host.room, {}).pop(seat, None)
        return was_in

    async def part(self, host: Entry, groups: Mapping[str, int]) -> int:
        """These speak apart."""
        self.groups[host.room] = dict(groups)
        self.groupings[host.room] = self.groupings.get(host.room, 0) + 1
        return self.groupings[host.room]

    async def remove(self, host: Entry, seat: str) -> bool:
        """Out for good."""
        self.admitted.discard(seat)
        self.removed.add(seat)
        return True

    async def lock(self, host: Entry, locked: bool) -> None:
        """Nobody new may knock."""
        (self.locked.add if locked else self.locked.discard)(host.room)

    async def end(self, host: Entry) -> None:
        """Over for everyone."""
        self.ended.add(host.room)

    async def present(self, entry: Entry, present: bool) -> None:
        """Nobody asks who was there."""


def entry(room: str, name: str, *, host: bool = False) -> Entry:
    """A seat in a room that is open from now on for 12 hours; the same names give the same ids."""
    now = datetime.now(UTC)
    return Entry(
        room=_id(room),
        seat=_id(room, name),
        name=name,
        host=host,
        admitted=host,
        kind="session",
        call=_id(room, "", "call"),
        locked=False,
        starts_at=now,
        opens_at=now,
        closes_at=now + LONG,
        ice_policy="all",
    )


def _id(*names: str) -> str:
    return sha256("\x00".join(names).encode()).hexdigest()[:32]

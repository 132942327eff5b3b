"""The interface through which a service decides who may be in which room; signaling knows nothing else of people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True)
class Expected:
    """Somebody who agreed to take part: the seat they have, or will have, and their name."""

    seat: str
    name: str


@dataclass(frozen=True)
class Entry:
    """What a ticket is good for. `room`, `seat` and `call` are 32 hex digits; times are aware UTC.

    `admitted` says that this seat was let in before, so that it comes straight back; `group`, with whom it speaks (0:
    all who are not apart), as of the room's `grouping`, which counts changes. `expected` are the guests who agreed.
    """

    room: str
    seat: str
    name: str
    host: bool
    admitted: bool
    kind: Literal["session", "check", "probe"]
    call: str
    locked: bool
    starts_at: datetime
    opens_at: datetime
    closes_at: datetime
    ice_policy: Literal["all", "relay"]
    group: int = 0
    grouping: int = 0
    expected: tuple[Expected, ...] = ()


class Unanswered(Exception):
    """The question cannot be answered now. That is no refusal: who is in the room stays for ten minutes."""


class Admission(Protocol):
    """Every method may raise Unanswered; state lives in the service's database, changed conditionally."""

    async def redeem(self, ticket: bytes) -> Entry | None:
        """Use a ticket (32 bytes) once. None for unknown, used, expired and forbidden alike."""
        ...

    async def may_stay(self, entry: Entry) -> bool:
        """Asked every minute and after a reconnect."""
        ...

    async def admit(self, host: Entry, seat: str, reason: str) -> bool:
        """Let a seat in; False when it may not come in any more. `reason`: why some who agreed are not there."""
        ...

    async def send_back(self, host: Entry, seat: str) -> bool:
        """A seat that was let in must be let in again, and is apart from nobody; False when it was not in."""
        ...

    async def part(self, host: Entry, groups: Mapping[str, int]) -> int:
        """Seats speak in these groups from now on, all others in group 0; the new count of such changes."""
        ...

    async def remove(self, host: Entry, seat: str) -> bool:
        """Send a seat out for good; False when there is none to send."""
        ...

    async def lock(self, host: Entry, locked: bool) -> None:
        """Nobody who is not admitted yet may knock while the room is locked."""
        ...

    async def end(self, host: Entry) -> None:
        """End the session for everyone."""
        ...

    async def present(self, entry: Entry, present: bool) -> None:
        """Somebody is really in the room now, or has really gone."""
        ...

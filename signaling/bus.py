"""Rooms across processes: what they tell one another, and how it gets there within one process.

Valkey's part stands in `valkey.py`. Messages only: what processes must agree on is asked of admission.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from signaling.admission import Entry
from signaling.occupant import State


class Message(Struct, tag=True, frozen=True):
    """What one process tells others; `home` is who says it."""

    home: str


class Hello(Message, frozen=True):
    """Who is there? Every other process answers with `All`."""


class Beat(Message, frozen=True):
    """Still here; said every few seconds."""


class Bye(Message, frozen=True):
    """This process goes down: its sockets are lost."""


class Seated(Message, frozen=True):
    """Somebody whom that process serves, as they are now."""

    entry: Entry
    state: State
    since: datetime
    microphone: bool
    camera: bool
    turn: int
    refused_at: datetime | None = None  # when a host last said "not now"


class All(Message, frozen=True):
    """Everybody whom that process serves; nobody else."""

    seated: list[Seated]


class Gone(Message, frozen=True):
    """That process serves this seat no more, and nobody waits for it to come back."""

    room: str
    seat: str
    turn: int


class Deed(Message, frozen=True):
    """A host has decided about somebody at the door whom the other process serves."""

    room: str
    seat: str
    kind: Literal["let_in", "turned_away"]
    text: str = ""


class Said(Message, frozen=True):
    """A frame for a seat that the other process serves."""

    room: str
    to: str
    frame: bytes


class SentBack(Message, frozen=True):
    """A guest must be let in again."""

    room: str
    seat: str


class Removed(Message, frozen=True):
    """A guest is out for good."""

    room: str
    seat: str


class Locked(Message, frozen=True):
    """The door was locked or unlocked."""

    room: str
    locked: bool


class Grouped(Message, frozen=True):
    """Who speaks apart."""

    room: str
    groups: dict[str, int]
    grouping: int


class Ended(Message, frozen=True):
    """The session is over for everyone."""

    room: str


class Ask(Message, frozen=True):
    """Something about these has changed (the service knows what they are): ask whether their seats may stay."""

    about: list[bytes]


AboutRoom = Gone | Deed | Said | SentBack | Removed | Locked | Grouped | Ended
AnyMessage = Hello | Beat | Bye | Seated | All | AboutRoom | Ask
Hear = Callable[[AnyMessage], None]
Reach = Callable[[bool], None]


class Bus(Protocol):
    """`own` names this process; `is_united` says whether the others can be reached."""

    own: str
    is_united: bool

    def listen(self, hear: Hear, reach: Reach) -> None:
        """`hear` is to get what others say, and every beat; `reach`, whether the others can be reached."""
        ...

    def open(self) -> None:
        """Begin, in a running event loop."""
        ...

    def tell(self, message: AnyMessage, to: str = "") -> None:
        """To all others, or to one. Never waits; what cannot be sent is dropped, and made good by `All` later."""
        ...

    async def close(self) -> None:
        """Say what is still to be said, and let go."""
        ...


@dataclass
class Exchange:
    """Joins buses within one process."""

    buses: "dict[str, LocalBus]" = field(default_factory=dict)


class LocalBus:
    """The bus of one process, alone or with others of the same exchange (in tests, so that no server is needed)."""

    def __init__(self, own: str = "here", exchange: Exchange | None = None) -> None:
        self.own = own
        self.is_united = True
        self._exchange = exchange or Exchange()
        self._hear: Hear | None = None
        self._reach: Reach | None = None

    def listen(self, hear: Hear, reach: Reach) -> None:
        """Nobody is out of reach within one process."""
        self._hear, self._reach = hear, reach

    def open(self) -> None:
        """Hear the others of the exchange."""
        self._exchange.buses[self.own] = self
        if self._reach is not None:
            self._reach(True)

    def tell(self, message: AnyMessage, to: str = "") -> None:
        """At once."""
        for own, bus in list(self._exchange.buses.items()):
            if own != self.own and to in ("", own) and bus._hear is not None:
                bus._hear(message)

    async def close(self) -> None:
        """Leave the exchange."""
        self._exchange.buses.pop(self.own, None)

"""Somebody in a room or at its door, and what is sent to them. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from signaling.admission import Entry

State = Literal["outside", "waiting", "inside"]


@dataclass(frozen=True)
class Send:
    """One frame for one seat; `close` is the error code with which its socket is closed afterwards."""

    to: str
    frame: bytes
    close: str = ""


@dataclass
class Occupant:
    """Somebody with an open socket, or somebody inside who lost it a moment ago.

    `home` is the process that serves the socket, empty for this one; `turn` grows with every socket of a seat.
    """

    entry: Entry
    state: State
    since: datetime
    microphone: bool = False
    camera: bool = False
    candidates: dict[str, int] = field(default_factory=dict)  # by peer, in the negotiation under way
    home: str = ""
    turn: int = 0

    def participant(self) -> dict[str, Any]:
        """How those who can hear this seat see it."""
        return {**self._named(), "microphone": self.microphone, "camera": self.camera}

    def apart(self, group: int) -> dict[str, Any]:
        """How those inside who cannot hear this seat see it."""
        return {**self._named(), "group": group}

    def _named(self) -> dict[str, Any]:
        role = "host" if self.entry.host else "guest"
        return {"seat": self.entry.seat, "name": self.entry.name, "role": role}

    def waiting(self) -> dict[str, Any]:
        """How the host sees somebody at the door."""
        return {"seat": self.entry.seat, "name": self.entry.name, "since": self.since}

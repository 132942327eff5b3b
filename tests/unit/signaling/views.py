"""What a page knows from the messages alone, so that it can be compared with how it is."""

from dataclasses import dataclass, field
from typing import Any

AROUND = {"welcome", "admitted", "groups"}
OTHERS = AROUND | {"joined", "left", "media", "offer", "answer", "candidates"}


@dataclass
class View:
    """One seat's page: who hears it, who is apart, and who waits at the door."""

    seat: str
    state: str = "outside"
    hears: set[str] = field(default_factory=set)
    apart: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)

    def read(self, message: dict[str, Any]) -> None:
        """One message of the server. AssertionError for one that this page must not get."""
        kind = message["type"]
        if kind == "welcome":
            self.__init__(self.seat, message["state"])  # type: ignore[misc] # all is told anew
            self.waiting = {each["seat"] for each in message["waiting"]}
            self.missing = {each["seat"] for each in message["missing"]}
        if kind == "admitted":
            self.state = "inside"
        if kind in AROUND:
            self.hears = {each["seat"] for each in message["participants"]}
            self.apart = {each["seat"] for each in message["apart"]}
        if kind in OTHERS:
            assert self.state == "inside" or not self.hears | self.apart, message
        self._read_change(kind, message)

    def _read_change(self, kind: str, message: dict[str, Any]) -> None:
        match kind:
            case "joined":
                assert self.state == "inside", message
                self.hears.add(message["seat"])
                self.apart.discard(message["seat"])
            case "left":
                assert message["seat"] in self.hears, message
                self.hears.discard(message["seat"])
            case "media" | "offer" | "answer" | "candidates":
                assert message.get("from", message.get("seat")) in self.hears, message
            case "waiting" if self.state != "inside":
                self.state = "waiting"
            case "back":
                self.state, self.hears, self.apart = "waiting", set(), set()
            case "refused":
                self.state = "outside"
            case "knocking":
                self.waiting.add(message["seat"])
            case "gone":
                self.waiting.discard(message["seat"])
            case "missing":
                self.missing = {each["seat"] for each in message["seats"]}

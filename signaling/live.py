"""A room that is open in this process, with the sockets of those in it whom this process serves."""

from dataclasses import dataclass, field

from signaling.connection import Connection
from signaling.occupant import Send
from signaling.room import Room


@dataclass
class Live:
    """Occupants without a connection are away for a moment, or served by another process."""

    id: str
    room: Room
    connections: dict[str, Connection] = field(default_factory=dict)

    def send(self, sends: list[Send]) -> None:
        """To those whom this process serves; whoever is away misses it."""
        for each in sends:
            connection = self.connections.get(each.to)
            if connection is None:
                continue
            connection.send(each.frame)
            if each.close:
                connection.shut(each.close)
                self.connections.pop(each.to, None)

    def take_over(self, seat: str) -> None:
        """The seat was opened elsewhere: an older socket is closed."""
        older = self.connections.pop(seat, None)
        if older is not None:
            older.shut("seat_taken_over")

    def has_others(self) -> bool:
        """Whether another process serves somebody in this room."""
        return any(each.home for each in self.room.occupants.values())

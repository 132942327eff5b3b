"""Several processes of one service within one: hubs over one clerk, joined by an exchange."""

import asyncio
import base64
import json
from typing import Any

from signaling import protocol
from signaling.bus import Exchange, LocalBus
from signaling.connection import Connection
from signaling.hub import Hub
from tests.live.clerk import ROOM, Clerk, seat_of
from tests.patience import within


class CutBus(LocalBus):
    """A bus whose line can be cut."""

    def cut(self) -> None:
        self.is_united = False
        self._exchange.buses.pop(self.own)
        assert self._reach is not None
        self._reach(False)

    def mend(self) -> None:
        self.is_united = True
        self.open()

    def tell(self, message: Any, to: str = "") -> None:
        if self.is_united:
            super().tell(message, to)


class Replica:
    """One process; its sockets are queues that only tests read."""

    def __init__(self, own: str, exchange: Exchange, clerk: Clerk, seconds: list[float]) -> None:
        self.clerk = clerk
        self.bus = CutBus(own, exchange)
        self.hub = Hub(
            clerk,
            ice=lambda entry: {"servers": [], "policy": entry.ice_policy},
            clock=clerk.clock,
            away_seconds=0.0,
            bus=self.bus,
            seconds=lambda: seconds[0],
        )
        self.bus.open()

    async def join(self, name: str) -> Connection:
        connection = Connection(clock=lambda: 0.0)
        await self.hub.enter(connection, base64.urlsafe_b64decode(self.clerk.mint(name) + "="))
        return connection

    async def say(self, connection: Connection, message: protocol.Incoming) -> None:
        await self.hub.handle(connection, message)
        await settled(self.hub)

    def state_of(self, name: str) -> str:
        live = self.hub.rooms.get(ROOM)
        occupant = None if live is None else live.room.occupants.get(seat_of(name))
        return "gone" if occupant is None else occupant.state


class Two:
    """East and west, over one clerk."""

    def __init__(self) -> None:
        self.seconds = [0.0]
        self.clerk = Clerk()
        exchange = Exchange()
        self.east, self.west = (Replica(own, exchange, self.clerk, self.seconds) for own in ("east", "west"))

    async def settle(self) -> None:
        await settled(self.east.hub, self.west.hub)
        await settled(self.east.hub, self.west.hub)

    def cut(self) -> None:
        """Neither hears the other any more."""
        self.east.bus.cut()
        self.west.bus.cut()

    async def mend(self) -> None:
        """They do again."""
        self.west.bus.mend()
        self.east.bus.mend()
        await self.settle()

    async def let_in(self, mara: Connection, name: str) -> Connection:
        """Somebody comes to the west, knocks, and is let in from the east."""
        guest = await self.west.join(name)
        await self.west.say(guest, protocol.Knock())
        await self.east.say(mara, protocol.Admit(seat=seat_of(name)))
        await self.settle()
        heard(mara), heard(guest)
        return guest


async def settled(*hubs: Hub) -> None:
    """Until nothing goes on beside the sockets."""
    await asyncio.sleep(0)
    for hub in hubs:
        async with within("what a server does beside its sockets"):
            while hub._tasks:
                await asyncio.gather(*hub._tasks)


def heard(connection: Connection) -> list[dict[str, Any]]:
    """What was said to a socket since this was last asked; a close code as {"closed": code}."""
    found = []
    while not connection.queue.empty():
        item = connection.queue.get_nowait()
        found.append({"closed": item} if isinstance(item, int) else json.loads(item))
    return found


def types(connection: Connection) -> list[Any]:
    """Their types; for a close, its code."""
    return [each.get("type", each.get("closed")) for each in heard(connection)]

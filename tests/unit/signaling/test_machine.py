"""Whatever five people do on two servers, in whatever order news arrive: each page knows what is so, and nobody hears
whom they must not. When all news have arrived both servers agree."""

import asyncio
import json
from collections import deque
from contextlib import suppress
from itertools import count
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec import Raw

from signaling import protocol
from signaling.bus import Exchange, LocalBus
from signaling.connection import Connection
from signaling.errors import Refused, Violation, close_code_of
from signaling.hub import Hub
from signaling.occupant import Occupant
from tests.live.clerk import ROOM, Clerk, seat_of
from tests.patience import within
from tests.unit.signaling.replicas import Replica
from tests.unit.signaling.views import View

NAMES = ("Mara", "Anna", "Ben", "Cleo", "Dora")
SEATS = [seat_of(name) for name in NAMES]
SOMEBODY, SERVER = st.sampled_from(NAMES), st.sampled_from(["east", "west"])
TURNS = 1000
SEAT = st.sampled_from(SEATS)
BODY = Raw(b'{"sdp":"v=0"}')
MESSAGE = st.one_of(
    st.builds(protocol.Knock),
    st.builds(protocol.Admit, seat=SEAT, reason=st.sampled_from(["", "Late."])),
    st.builds(protocol.AdmitAll),
    st.builds(protocol.Refuse, seat=SEAT),
    st.builds(protocol.Back, seat=SEAT),
    st.builds(protocol.Remove, seat=st.just(SEATS[4])),
    st.lists(SEAT, unique=True, max_size=3).map(
        lambda seats: protocol.Groups(
            apart=[[seat] for seat in seats[:1]] + ([seats[1:]] if seats[1:] else [])
        )
    ),
    st.builds(protocol.End),
    st.builds(protocol.Lock, locked=st.booleans()),
    st.builds(protocol.Signal, kind=st.just("not_safe")),
    st.builds(protocol.Offer, to=SEAT, body=st.just(BODY)),
    st.builds(protocol.Differ, to=SEAT),
    st.builds(protocol.Ping),
    st.builds(protocol.Media, microphone=st.booleans(), camera=st.booleans()),
)


class SlowBus(LocalBus):
    """News wait until they are delivered; those of one server keep their order."""

    def __init__(self, own: str, exchange: Exchange, news: "deque[tuple[str, Any]]") -> None:
        super().__init__(own, exchange)
        self.news = news

    def tell(self, message: Any, to: str = "") -> None:
        self.news.append((to, message))

    def deliver(self) -> None:
        to, message = self.news.popleft()
        super().tell(message, to)


class Sockets(RuleBasedStateMachine):
    """One room, two servers, at most one open socket for each person."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clerk = Clerk(agreed=("Anna", "Ben"))
        exchange, seconds = Exchange(), [0.0]
        self.servers: dict[str, Replica] = {}
        for own in ("east", "west"):
            replica = Replica(own, exchange, self.clerk, seconds)
            bus = SlowBus(own, exchange, deque())
            replica.hub = Hub(
                self.clerk,
                ice=lambda entry: {"servers": [], "policy": entry.ice_policy},
                clock=self.clerk.clock,
                away_seconds=0.0,
                bus=bus,
            )
            bus.open()
            replica.bus = bus  # type: ignore[assignment] # this one is slow
            self.servers[own] = replica
        self.open: dict[str, tuple[str, Connection]] = {}
        self.views: dict[Connection, View] = {}

    def run(self, act: Any) -> Any:
        """Until nothing goes on beside the sockets."""

        async def acted() -> Any:
            found = await act
            for server in self.servers.values():
                async with within("what a server does beside its sockets"):
                    while server.hub._tasks:
                        await asyncio.gather(*server.hub._tasks)
            return found

        return self.loop.run_until_complete(acted())

    @rule(name=SOMEBODY, own=SERVER)
    def join(self, name: str, own: str) -> None:
        """Somebody opens a page, perhaps a second one; time goes on a little."""
        self.clerk.clock.advance(seconds=1)
        self.clerk.ended = False  # after an end another session may begin, of which old news still arrive
        server = self.servers[own]
        with suppress(Violation):
            connection = self.run(server.join(name))
            self.open[name] = (own, connection)
            self.views[connection] = View(seat_of(name))

    @rule(name=SOMEBODY, is_polite=st.booleans())
    def go(self, name: str, is_polite: bool) -> None:
        """A page is closed, or its line is lost."""
        own, connection = self.open.pop(name, ("", None))
        if connection is not None:
            connection.is_polite, connection.is_open = is_polite, False
            self.run(self.servers[own].hub.drop(connection))

    @rule(name=SOMEBODY, message=MESSAGE)
    def say(self, name: str, message: protocol.Incoming) -> None:
        """Somebody says something that makes sense, or none."""
        own, connection = self.open.get(name, ("", None))
        if connection is None:
            return
        self.clerk.clock.advance(seconds=4)
        close_code = None
        try:
            self.run(self.servers[own].hub.handle(connection, message))
        except Refused as error:
            close_code = close_code_of(error)
        assert close_code in (None, 4409)  # where the seat was opened on the other server meanwhile

    @rule(own=SERVER, count=st.integers(1, 4))
    def deliver(self, own: str, count: int) -> None:
        """Some news of one server arrive."""
        bus: Any = self.servers[own].bus
        for _ in range(min(count, len(bus.news))):
            self.run(self._delivered(bus))

    async def _delivered(self, bus: Any) -> None:
        bus.deliver()

    @rule()
    def settle(self) -> None:
        """All news arrive: both servers say the same of everybody."""
        buses: list[Any] = [server.bus for server in self.servers.values()]
        for turn in count():
            if not any(bus.news for bus in buses):
                break
            assert turn < TURNS, "the servers never stop telling each other news"
            for bus in buses:
                if bus.news:
                    self.run(self._delivered(bus))
        east, west = (self.said(own) for own in self.servers)
        assert east == west
        assert sum(state == "inside" for state, _, _ in east.values()) <= protocol.MAX_SEATS

    def said(self, own: str) -> dict[str, tuple[str, str, int]]:
        """Where everybody is, as one server says: state, server and group."""
        live = self.servers[own].hub.rooms.get(ROOM)
        if live is None:
            return {}
        return {
            seat: (each.state, each.home or own, live.room.groups.get(seat, 0))
            for seat, each in live.room.occupants.items()
        }

    @invariant()
    def every_page_knows_what_is_so(self) -> None:
        """As far as its own server has heard; a page whose socket was closed knows nothing any more."""
        for connection, view in list(self.views.items()):
            while not connection.queue.empty():
                item = connection.queue.get_nowait()
                if isinstance(item, bytes):
                    view.read(json.loads(item))
            if not connection.is_open:
                del self.views[connection]
        for own, connection in self.open.values():
            if connection in self.views:
                self.compare(self.servers[own].hub, self.views[connection])

    def compare(self, hub: Hub, view: View) -> None:
        """A page with the room of its server."""
        room = hub.rooms[ROOM].room
        occupants = room.occupants
        assert occupants[view.seat].state == view.state
        if view.state != "inside":
            return
        inside = {seat for seat, each in occupants.items() if each.state == "inside"} - {view.seat}
        hears = {seat for seat in inside if room.groups.get(seat, 0) == room.groups.get(view.seat, 0)}
        assert (view.hears, view.apart) == (hears, inside - hears)
        if occupants[view.seat].entry.host:
            assert view.waiting == {seat for seat, each in occupants.items() if each.state == "waiting"}
            assert view.missing == {each.seat for each in room.missing()}

    @invariant()
    def the_room_holds_no_more_than_it_may(self) -> None:
        """Four on one server; while news are under way two servers may each let somebody in."""
        for server in self.servers.values():
            live = server.hub.rooms.get(ROOM)
            local = (
                [] if live is None else [each for each in live.room.occupants.values() if self.is_in(each)]
            )
            assert len(local) <= protocol.MAX_SEATS

    def is_in(self, occupant: Occupant) -> bool:
        return occupant.state == "inside" and not occupant.home

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.loop.close()


TestSockets = Sockets.TestCase
TestSockets.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)

"""What two things at once may do to a room: the next step comes before a task of ours has begun."""

import asyncio
import base64

import pytest

from signaling import protocol
from signaling.admission import Entry
from signaling.bus import LocalBus
from signaling.connection import Connection
from signaling.errors import Violation
from signaling.hub import Hub
from tests.live.clerk import ROOM, Clerk, seat_of


class Service:
    """A hub whose sockets are queues nobody reads."""

    def __init__(self) -> None:
        self.clerk = Clerk()
        self.hub = Hub(
            self.clerk,
            ice=lambda entry: {"servers": [], "policy": entry.ice_policy},
            clock=self.clerk.clock,
            away_seconds=0.0,
            bus=LocalBus(),
            seconds=lambda: 0.0,
        )

    async def join(self, name: str) -> Connection:
        connection = Connection(clock=lambda: 0.0)
        await self.hub.enter(connection, base64.urlsafe_b64decode(self.clerk.mint(name) + "="))
        return connection

    def is_inside(self, name: str) -> bool:
        live = self.hub.rooms.get(ROOM)
        return live is not None and live.room.is_inside(seat_of(name))

    async def settle(self) -> None:
        """Let everybody who is awaited come back, or be gone."""
        async with asyncio.timeout(5):
            await asyncio.gather(*self.hub._tasks)


@pytest.fixture
def service() -> Service:
    return Service()


async def test_who_is_back_before_the_waiting_began_keeps_the_seat(service: Service) -> None:
    first = await service.join("Mara")
    await service.hub.drop(first)
    await service.join("Mara")
    await service.settle()
    assert service.is_inside("Mara")


async def test_who_is_not_back_is_gone(service: Service) -> None:
    await service.hub.drop(await service.join("Mara"))
    await service.settle()
    assert not service.is_inside("Mara")


async def test_an_end_before_the_waiting_began_leaves_nobody_to_wait_for(service: Service) -> None:
    await service.hub.drop(await service.join("Mara"))
    await service.hub.note(service.hub.end(ROOM))
    await service.settle()
    assert service.clerk.presence == [("Mara", True), ("Mara", False)]


async def test_a_guest_removed_while_a_ticket_was_looked_up_does_not_slip_in(service: Service) -> None:
    mara = await service.join("Mara")
    service.clerk.admitted.add(seat_of("Anna"))
    await service.join("Anna")
    looked_up = service.clerk.redeem

    async def removed_meanwhile(ticket: bytes) -> Entry | None:
        found = await looked_up(ticket)
        await service.hub.handle(mara, protocol.Remove(seat=seat_of("Anna")))
        return found

    service.clerk.redeem = removed_meanwhile  # type: ignore[method-assign] # the moment in between
    with pytest.raises(Violation, match="removed"):
        await service.join("Anna")
    assert not service.is_inside("Anna")


async def test_who_was_sent_away_for_a_while_may_come_back_with_a_good_ticket(service: Service) -> None:
    await service.join("Mara")
    service.clerk.admitted.add(seat_of("Anna"))
    anna = await service.join("Anna")
    await service.hub.expel(anna)
    assert not service.is_inside("Anna")
    await service.join("Anna")
    assert service.is_inside("Anna")


async def test_an_old_socket_whose_session_ran_out_does_not_cost_the_new_one_its_seat(
    service: Service,
) -> None:
    older = await service.join("Mara")
    await service.join("Mara")
    await service.hub.expel(older)
    assert service.is_inside("Mara")


async def test_a_full_room_has_no_place_for_a_fifth(service: Service) -> None:
    await service.join("Mara")
    for name in ("Anna", "Ben", "Cleo", "Dora"):
        service.clerk.admitted.add(seat_of(name))
    for name in ("Anna", "Ben", "Cleo"):
        await service.join(name)
    with pytest.raises(Violation, match="room_full"):
        await service.join("Dora")


async def test_a_message_over_an_older_socket_is_refused(service: Service) -> None:
    older = await service.join("Mara")
    await service.join("Mara")
    with pytest.raises(Violation, match="seat_taken_over"):
        await service.hub.handle(older, protocol.Lock(locked=True))
    assert not service.clerk.locked

"""As many as a room holds: two partners and two therapists, or three guests and one; a fifth is told so."""

from contextlib import AsyncExitStack

import pytest

from tests.live.conftest import Door, OpenDoor
from tests.live.talker import Talker, kinds


async def everybody_in(
    door: Door, stack: AsyncExitStack, hosts: tuple[str, ...], guests: tuple[str, ...]
) -> list[Talker]:
    """Hosts come straight in; each sees who knocks, and they open in turn."""
    door.clerk.hosts = hosts
    inside = [await stack.enter_async_context(door.joined(name)) for name in hosts]
    for place, name in enumerate(guests):
        guest = await stack.enter_async_context(door.joined(name))
        await guest.say("knock")
        for host in inside[: len(hosts)]:
            assert (await host.hear("knocking"))["seat"] == guest.seat
        await inside[place % len(hosts)].say("admit", seat=guest.seat)
        await guest.hear("admitted")
        inside.append(guest)
    return inside


@pytest.mark.parametrize(
    ("hosts", "guests"),
    [(("Mara",), ("Anna", "Ben")), (("Mara", "Nora"), ("Anna", "Ben")), (("Mara",), ("Anna", "Ben", "Cleo"))],
)
async def test_each_hears_every_other(
    open_door: OpenDoor, hosts: tuple[str, ...], guests: tuple[str, ...]
) -> None:
    async with open_door() as door, AsyncExitStack() as stack:
        inside = await everybody_in(door, stack, hosts, guests)
        for one in inside:
            for other in inside:
                if other is not one:
                    await one.say("offer", to=other.seat, body={"sdp": f"v=0 {one.seat}"})
                    heard = await other.hear("offer")
                    assert (heard["from"], heard["body"]) == (one.seat, {"sdp": f"v=0 {one.seat}"})
        assert all("error" not in kinds(each) for each in inside)


@pytest.mark.parametrize(
    ("hosts", "guests"), [(("Mara", "Nora"), ("Anna", "Ben")), (("Mara",), ("Anna", "Ben", "Cleo"))]
)
async def test_for_a_fifth_there_is_no_place_and_the_four_go_on(
    open_door: OpenDoor, hosts: tuple[str, ...], guests: tuple[str, ...]
) -> None:
    async with open_door() as door, AsyncExitStack() as stack:
        inside = await everybody_in(door, stack, hosts, guests)
        dora = await stack.enter_async_context(door.joined("Dora"))
        await dora.say("knock")
        await dora.hear("waiting")
        await inside[0].hear("knocking")
        await inside[0].say("admit", seat=dora.seat)
        assert await inside[0].hear_error() == "room_full"
        door.clerk.admitted.add(dora.seat)  # let in before the room was full, and back now
        async with door.visitor() as back:
            await back.say("join", ticket=door.clerk.mint("Dora"), version=1)
            assert await back.hear("error") == {
                "type": "error",
                "code": "room_full",
                "text": "Four people are in the room already.",
            }
            assert await back.closed() == 4423
        await inside[-1].say("media", microphone=True, camera=True)
        assert (await inside[0].hear("media"))["seat"] == inside[-1].seat

"""Two real peers meet through the door: offer, answer, candidates, DTLS, and each sees and hears the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.live.conftest import ORIGIN, Door, OpenDoor, let_in
from tests.live.media import AMPLITUDE
from tests.live.peer import Link, Peer
from tests.live.talker import kinds

FRAMES = 30


class Bright(Peer):
    luma = 200


class Dark(Peer):
    luma = 60


@asynccontextmanager
async def call(door: Door) -> AsyncIterator[tuple[Peer, Peer]]:
    async with Bright.connected(door.url, ORIGIN) as mara, Dark.connected(door.url, ORIGIN) as anna:
        await mara.join(door.clerk.mint("Mara"))
        await anna.join(door.clerk.mint("Anna"))
        await let_in(mara, anna)
        await mara.hear("candidates")
        await anna.hear("candidates")
        yield mara, anna


async def assert_sees_and_hears(link: Link, other: type[Peer]) -> None:
    """A second of both, decoded, and it is the other's picture and the other's tone."""
    before = min(len(link.pictures), len(link.sounds))
    await link.frames(before + FRAMES)
    assert link.pictures[-1] == pytest.approx(other.luma, abs=12)
    assert max(link.sounds) > AMPLITUDE / 4
    assert link.connection.connectionState == "connected"
    assert link.connection.sctp is None
    assert all(each.sender.transport.state == "connected" for each in link.connection.getTransceivers())


async def test_two_peers_see_and_hear_each_other(open_door: OpenDoor) -> None:
    async with open_door() as door, call(door) as (mara, anna):
        assert "offer" not in kinds(mara)
        assert kinds(anna)[-2:] == ["offer", "candidates"]
        await assert_sees_and_hears(mara.links[anna.seat], Dark)
        await assert_sees_and_hears(anna.links[mara.seat], Bright)


async def test_media_go_on_while_signaling_is_away(open_door: OpenDoor) -> None:
    async with open_door() as door, call(door) as (mara, anna):
        await mara.links[anna.seat].frames(1)
        await anna.lose()
        await assert_sees_and_hears(mara.links[anna.seat], Dark)
        await assert_sees_and_hears(anna.links[mara.seat], Bright)
        assert "left" not in kinds(mara)


async def test_a_flood_beside_the_call_leaves_it_alone(open_door: OpenDoor) -> None:
    async with open_door(seconds=lambda: 0.0) as door, call(door) as (mara, anna):
        await mara.links[anna.seat].frames(1)
        async with door.joined("Ben") as ben:
            for _ in range(100):
                await ben.say("media", microphone=True, camera=True)
            assert await ben.closed() == 4429
        await assert_sees_and_hears(mara.links[anna.seat], Dark)
        await assert_sees_and_hears(anna.links[mara.seat], Bright)


async def test_who_comes_back_negotiates_anew(open_door: OpenDoor) -> None:
    async with open_door() as door, call(door) as (mara, anna):
        await mara.links[anna.seat].frames(1)
        await anna.lose()
        async with Dark.connected(door.url, ORIGIN) as back:
            await back.join(door.clerk.mint("Anna"))
            await back.hear("candidates")
            await mara.hear("candidates")
            await assert_sees_and_hears(back.links[mara.seat], Bright)
            await assert_sees_and_hears(mara.links[back.seat], Dark)

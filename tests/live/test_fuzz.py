"""Whatever comes over sockets beside a call in progress: the call does not notice, and nothing of it stays."""

import asyncio
import gc
import json
import logging
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from signaling import protocol
from signaling.connection import Connection
from signaling.errors import CLOSE_CODES
from tests.live.clerk import seat_of
from tests.live.conftest import ORIGIN, Door, OpenDoor, let_in
from tests.live.peer import Peer
from tests.live.talker import SECONDS, Talker, kinds

SEATS = [seat_of("Mara"), seat_of("Anna"), seat_of("Eve"), "ff" * 16, "", None, 7]
VALUES = st.one_of(
    st.sampled_from(SEATS),
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=20),
    st.just([]),
    st.just({}),
)
BODIES = st.one_of(
    VALUES,
    st.fixed_dictionaries({"sdp": st.text(max_size=200)}),
    st.lists(st.fixed_dictionaries({"candidate": st.text(max_size=50)}), max_size=3),
)
FIELDS = ("seat", "to", "body", "text", "reason", "locked", "apart", "kind", "microphone", "camera", "ticket")
MESSAGES = st.builds(
    lambda type_, fields: json.dumps({"type": type_, **fields}),
    st.sampled_from([*sorted(protocol.TYPES), "welcome", "__proto__", ""]),
    st.dictionaries(st.sampled_from(FIELDS), BODIES, max_size=3),
)
RIGHT = st.sampled_from(
    [
        '{"type":"knock"}',
        '{"type":"signal","kind":"not_safe"}',
        '{"type":"admit_all"}',
        '{"type":"end"}',
        '{"type":"groups","apart":[]}',
        json.dumps({"type": "remove", "seat": seat_of("Anna")}),
        json.dumps({"type": "back", "seat": seat_of("Anna")}),
        json.dumps({"type": "offer", "to": seat_of("Anna"), "body": {"sdp": "v=0"}}),
    ]
)
FRAMES = st.lists(
    st.one_of(RIGHT, MESSAGES, st.text(max_size=40), st.binary(max_size=40)), min_size=1, max_size=6
)
CLOSES = {1000, 1009, *CLOSE_CODES.values()}
JOINED, UNHANDLED = "Eve", logging.ERROR


async def attack(door: Door, has_joined: bool, frames: list[str | bytes]) -> None:
    """Somebody at the door, or before it, who says anything at all."""
    async with door.visitor() as eve:
        if has_joined:
            await eve.join(door.clerk.mint(JOINED))
        try:
            for frame in frames:
                await eve.socket.send(frame)
        except ConnectionClosed:
            pass  # an earlier frame was one too many
        await eve.socket.close()
        assert await eve.closed() in CLOSES
        others = {
            "joined",
            "left",
            "media",
            "offer",
            "answer",
            "candidates",
            "knocking",
            "gone",
            "signal",
            "groups",
        }
        assert not others & set(kinds(eve))  # who stands outside learns nothing of the others


async def settled(door: Door) -> None:
    """Until the server has let go of every socket but those of the call."""
    async with asyncio.timeout(SECONDS):
        while len(door.signaling._writers) > 2:
            await asyncio.wait(door.signaling._writers, return_when=asyncio.FIRST_COMPLETED)


def kept() -> dict[str, int]:
    """What of ours is in memory."""
    gc.collect()
    return {
        kind.__name__: sum(isinstance(each, kind) for each in gc.get_objects())
        for kind in (Connection, Talker)
    }


def test_a_call_does_not_notice_whatever_is_said_beside_it(
    open_door: OpenDoor, caplog: pytest.LogCaptureFixture
) -> None:
    unhandled: list[dict[str, Any]] = []
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        loop.set_exception_handler(lambda _, context: unhandled.append(context))
        everything = AsyncExitStack()
        door = runner.run(everything.enter_async_context(open_door()))
        mara, anna = (
            runner.run(everything.enter_async_context(Peer.connected(door.url, ORIGIN))) for _ in range(2)
        )

        async def call() -> None:
            await mara.join(door.clerk.mint("Mara"))
            await anna.join(door.clerk.mint("Anna"))
            await let_in(mara, anna)
            await mara.hear("candidates")
            await mara.links[anna.seat].frames(3)

        try:
            runner.run(call())
            link = mara.links[anna.seat]
            before, pictures = kept(), len(link.pictures)

            @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
            @given(has_joined=st.booleans(), frames=FRAMES)
            def attacks(has_joined: bool, frames: list[str | bytes]) -> None:
                runner.run(attack(door, has_joined, frames))

            attacks()
            runner.run(settled(door))
            runner.run(link.frames(min(len(link.pictures), len(link.sounds)) + 5))
            assert len(link.pictures) > pictures
            assert not {"left", "back", "ended", "removed", "error"} & {*kinds(mara), *kinds(anna)}
            assert kept() == before
            [live] = door.signaling.hub.rooms.values()
            assert set(live.room.occupants) == {mara.seat, anna.seat}
        finally:
            runner.run(everything.aclose())  # threads of a call that goes on keep the process
    assert unhandled == []
    assert [record for record in caplog.records if record.levelno >= UNHANDLED] == []

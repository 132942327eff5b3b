"""What breaks the protocol closes the socket of whoever broke it, and nobody else notices."""

from typing import Any

import pytest

from tests.live.conftest import OpenDoor
from tests.live.talker import Talker, kinds

SEAT = "b2" * 16


async def closed_after(talker: Talker, frame: str | bytes) -> tuple[int | None, list[Any]]:
    """Send one frame; returns the close code and the codes of the errors said."""
    await talker.socket.send(frame)
    code = await talker.closed()
    return code, [message["code"] for message in talker.heard if message["type"] == "error"]


@pytest.mark.parametrize(
    ("frame", "close_code", "error"),
    [
        ('{"type":"shout"}', 4400, "unknown_type"),
        ('{"type":"knock","name":"Anna"}', 4400, "unknown_field"),
        ('{"type":"lock"}', 4400, "malformed"),
        ("knock", 4400, "malformed"),
        ("", 4400, "malformed"),
        (b'{"type":"leave"}', 4400, "malformed"),
        ('{"type":"offer","to":"' + SEAT + '","body":{"sdp":"' + "x" * 32769 + '"}}', 1009, "too_large"),
        (
            '{"type":"candidates","to":"' + SEAT + '","body":[{"candidate":"' + "x" * 1025 + '"}]}',
            1009,
            "too_large",
        ),
        ('{"type":"refuse","seat":"' + SEAT + '","text":"' + "x" * 201 + '"}', 4400, "malformed"),
        ('{"type":"groups","apart":[["' + SEAT + '"],["' + SEAT + '"]]}', 4400, "malformed"),
    ],
    ids=[
        "unknown type",
        "unknown field",
        "missing field",
        "no JSON",
        "empty",
        "binary",
        "description too large",
        "candidate too large",
        "sentence too long",
        "a seat in two groups",
    ],
)
async def test_a_violation_closes_with_its_code(
    open_door: OpenDoor, frame: str | bytes, close_code: int, error: str
) -> None:
    async with open_door() as door, door.meeting() as (mara, anna):
        assert await closed_after(anna, frame) == (close_code, [error])
        await mara.say("lock", locked=True)
        await mara.hear("locked")
        assert "left" not in kinds(mara)


async def test_a_frame_over_64_kib_is_closed_by_the_server_itself(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (_, anna):
        assert await closed_after(anna, '{"type":"knock"}' + " " * 65536) == (1009, [])


async def test_a_frame_of_64_kib_is_read(open_door: OpenDoor) -> None:
    async with open_door() as door, door.joined("Mara") as mara:
        await mara.socket.send('{"type":"lock","locked":true}'.ljust(65536))
        await mara.hear("locked")


async def test_a_flood_closes_the_flooder_and_the_call_does_not_notice(open_door: OpenDoor) -> None:
    async with open_door(seconds=lambda: 0.0) as door, door.meeting() as (mara, anna):
        for _ in range(71):
            await anna.say("media", microphone=True, camera=True)
        assert await anna.closed() == 4429
        assert await anna.hear_error() == "too_fast"
        async with door.joined("Anna") as back:
            assert back.heard[0]["state"] == "inside"
            await mara.hear("joined")
        assert "left" not in kinds(mara)[: kinds(mara).index("joined", 4)]


async def test_the_sixty_first_candidate_closes(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna):
        await anna.say("candidates", to=mara.seat, body=[{"candidate": "c"}] * 60)
        await mara.hear("candidates")
        await anna.say("candidates", to=mara.seat, body=[{"candidate": "c"}])
        assert await anna.closed() == 4400
        assert await anna.hear_error() == "too_many_candidates"


async def test_an_error_never_repeats_what_was_sent(open_door: OpenDoor) -> None:
    async with open_door() as door, door.joined("Mara") as mara:
        await mara.socket.send('{"type":"a secret","secret":"a secret"}')
        await mara.closed()
        assert "secret" not in str(mara.heard)

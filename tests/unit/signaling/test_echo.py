"""The echo of a check, called by a real connection on loopback: sound and data come back, pictures are not taken."""

import asyncio

import pytest
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from signaling.echo import CHANNEL, FRAME_CHARACTERS, Echo, is_reachable
from signaling.protocol import Candidate
from tests.live.media import Picture, Tone, loudness

ICE = {"servers": [], "policy": "all"}
SECONDS = 30


async def test_sound_and_data_come_back_and_pictures_do_not() -> None:
    caller = RTCPeerConnection(RTCConfiguration([], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    echo = Echo(ICE, lambda _: True)
    heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    listening: list[asyncio.Task[None]] = []

    async def listen(track: MediaStreamTrack) -> None:
        while not heard.done():
            loud = loudness(await track.recv())  # type: ignore[arg-type]
            if loud > 0.05:
                heard.set_result(loud)

    def hear(track: MediaStreamTrack) -> None:
        if track.kind == "audio":
            listening.append(asyncio.create_task(listen(track)))

    caller.on("track", hear)
    caller.addTrack(Tone())
    caller.addTrack(Picture(128))
    channel = caller.createDataChannel(CHANNEL[0], negotiated=True, id=CHANNEL[1])
    replies: asyncio.Queue[str] = asyncio.Queue()
    channel.on("message", replies.put_nowait)

    def say() -> None:
        for each in ("x" * (FRAME_CHARACTERS + 1), "one", "two"):
            channel.send(each)

    channel.on("open", say)
    try:
        async with asyncio.timeout(SECONDS):
            await caller.setLocalDescription(await caller.createOffer())
            answer = await echo.answer(caller.localDescription.sdp)
            picture = answer[answer.index("m=video") : answer.index("m=application")]
            assert "a=inactive" in picture
            await caller.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            assert [await replies.get(), await replies.get()] == ["one", "two"]
            assert await heard > 0.05
    finally:
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        await echo.close()
        await caller.close()


@pytest.mark.parametrize("sdp", ["", "v=0\r\n", "nonsense", "m=audio 9 RTP/AVP 0\r\n" * 3])
async def test_what_is_no_offer_is_a_value_error(sdp: str) -> None:
    echo = Echo(ICE)
    with pytest.raises(ValueError, match="not an offer"):
        await echo.answer(sdp)
    await echo.close()


async def test_no_packet_goes_where_it_may_not() -> None:
    asked: list[str] = []

    def may_reach(address: str) -> bool:
        asked.append(address)
        return False

    echo = Echo(ICE, may_reach)
    line = "candidate:1 1 udp 2130706431 10.0.0.1 5000 typ host"
    await echo.reach([Candidate(candidate=each, sdpMid="0") for each in (line, "", "candidate:nonsense")])
    await echo.close()
    assert asked == ["10.0.0.1"]


@pytest.mark.parametrize(
    ("address", "reachable"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.0.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("0b6a1f3e-1c2d.local", False),
    ],
)
def test_only_the_open_internet_is_reached_by_number(address: str, reachable: bool) -> None:
    assert is_reachable(address) == reachable

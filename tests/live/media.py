"""A picture of one brightness and a square tone, so that the other side can tell that it was really ours."""

import asyncio
import fractions

from aiortc.mediastreams import MediaStreamTrack, VideoStreamTrack
from av import AudioFrame, VideoFrame

RATE, SAMPLES = 48000, 960  # 20 ms
AMPLITUDE = 8000


class Picture(VideoStreamTrack):
    """160x120, 30 frames a second, grey of one luminance (0 to 255)."""

    def __init__(self, luma: int) -> None:
        super().__init__()
        self.luma = luma

    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        frame = VideoFrame(160, 120, "yuv420p")
        for plane, value in zip(frame.planes, (self.luma, 128, 128), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = pts, time_base
        return frame


class Tone(MediaStreamTrack):
    """500 Hz, mono, 20 ms at a time."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._pts = 0
        self._started = 0.0

    async def recv(self) -> AudioFrame:
        loop = asyncio.get_running_loop()
        self._started = self._started or loop.time()
        await asyncio.sleep(
            max(0.0, self._started + self._pts / RATE - loop.time())
        )  # the pace of real sound
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        wave = [AMPLITUDE if at % 96 < 48 else -AMPLITUDE for at in range(SAMPLES)]
        frame.planes[0].update(b"".join(sample.to_bytes(2, "little", signed=True) for sample in wave))
        frame.pts, frame.sample_rate = self._pts, RATE
        frame.time_base = fractions.Fraction(1, RATE)
        self._pts += SAMPLES
        return frame


def luminance(frame: VideoFrame) -> float:
    """Mean of the Y plane, whose rows may be longer than the picture is wide."""
    plane, row = bytes(frame.planes[0]), frame.planes[0].line_size
    picture = b"".join(plane[at * row : at * row + frame.width] for at in range(frame.height))
    return sum(picture) / len(picture)


def loudness(frame: AudioFrame) -> float:
    """Loudest sample, of 32767."""
    sound = memoryview(bytes(frame.planes[0])).cast("h")
    return float(max(abs(sample) for sample in sound))

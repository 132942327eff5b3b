"""What somebody sees of a veiled person, frame by frame, and what was ever given to a sender."""

from playwright.async_api import Page

from tests.browser.asking import answer
from tests.browser.media import WATCH_CONNECTIONS

# Every track that was ever given to a sender, and every one that came from a camera.
WATCH_SENT = """
  window.__given = [];
  window.__cameras = [];
  window.__microphones = 0;
  const give = (track) => track?.kind === 'video' && window.__given.push(track.id);
  const ways = [[RTCRtpSender, 'replaceTrack'], [RTCPeerConnection, 'addTrack'], [RTCPeerConnection, 'addTransceiver']];
  for (const [owner, name] of ways) {
    const plain = owner.prototype[name];
    owner.prototype[name] = function (track, ...rest) { give(track); return plain.call(this, track, ...rest); };
  }
  const open = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = async function (wanted) {
    const stream = await open.call(this, wanted);
    window.__microphones += stream.getAudioTracks().length;
    if (stream.getVideoTracks().length) window.__camera = stream.getVideoTracks()[0];
    for (const track of stream.getVideoTracks()) {
      window.__cameras.push(track.id);
      const clone = track.clone;
      track.clone = function () { const made = clone.call(this); window.__cameras.push(made.id); return made; };
    }
    return stream;
  };
"""

# Every frame that arrives, each with `step`, the largest difference between neighbours among 320x180 pixels (0 to 255):
# 32 samples spread out over a row give a tenth of what lies between two of them, a plain edge gives all. `rest` is what
# remains, on average, beside the frame's own 32x18 average spread out again; `contrast` is how far the pixels are from
# the mean brightness.
WATCH_FRAMES = """
  window.__frames = [];
  const [width, height] = [320, 180];
  const drawn = (source, wide, high, quality) => {
    const brush = new OffscreenCanvas(wide, high).getContext('2d', { willReadFrequently: true });
    brush.imageSmoothingQuality = quality;
    brush.drawImage(source, 0, 0, wide, high);
    return brush;
  };
  const detail = (video) => {
    const whole = drawn(video, width, height, 'high');
    const soft = drawn(drawn(whole.canvas, 32, 18, 'high').canvas, width, height, 'low');
    const green = (brush) => brush.getImageData(0, 0, width, height).data.filter((_, at) => at % 4 === 1);
    const [a, b] = [green(whole), green(soft)];
    const mean = a.reduce((sum, each) => sum + each / a.length, 0);
    const found = { step: 0, rest: 0, contrast: 0 };
    for (let at = 0; at < a.length; at += 1) {
      found.rest += Math.abs(a[at] - b[at]) / a.length;
      found.contrast += Math.abs(a[at] - mean) / a.length;
      if ((at + 1) % width) found.step = Math.max(found.step, Math.abs(a[at + 1] - a[at]));
      if (at + width < a.length) found.step = Math.max(found.step, Math.abs(a[at + width] - a[at]));
    }
    return found;
  };
  const assign = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject');
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { ...assign, set(stream) {
    assign.set.call(this, stream);
    if (!stream || this.muted) return;
    const look = () => {
      if (this.srcObject !== stream) return;
      window.__frames.push(detail(this));
      this.requestVideoFrameCallback(look);
    };
    this.requestVideoFrameCallback(look);
  } });
"""

SEEN = """async ({ count, least = 0, most = 255 }) => {
  const last = () => window.__frames.at(-1).step;
  const seen = () => window.__frames.length >= count && last() >= least && last() <= most;
  const ends = performance.now() + 20000;
  while (!seen() && performance.now() < ends) await new Promise((go) => setTimeout(go, 50));
  return window.__frames;
}"""


async def watch_sent(page: Page) -> None:
    """To be called before the room is opened, on the page of who sends."""
    await page.add_init_script(WATCH_CONNECTIONS + "{" + WATCH_SENT + "}")


async def watch_frames(page: Page) -> None:
    """To be called before the room is opened, on the page of who sees."""
    await page.add_init_script(WATCH_CONNECTIONS + "{" + WATCH_FRAMES + "}")


async def frames(page: Page, count: int) -> list[dict[str, float]]:
    """The frames that were seen so far, the first included, once there are so many; AssertionError after 20 s."""
    found: list[dict[str, float]] = await answer(page, SEEN, {"count": count})
    assert len(found) >= count
    return found


async def sharp_frame(page: Page, step: float) -> None:
    """Until a frame has so large a step between neighbours; AssertionError after 20 s."""
    found: list[dict[str, float]] = await answer(page, SEEN, {"count": 1, "least": step})
    assert found[-1]["step"] >= step, found[-1]


async def soft_frame(page: Page, step: float) -> None:
    """Until a frame has no larger step between neighbours; AssertionError after 20 s."""
    found: list[dict[str, float]] = await answer(page, SEEN, {"count": 1, "most": step})
    assert found[-1]["step"] <= step, found[-1]


async def take_camera(page: Page) -> None:
    """Something else takes the camera for itself, as a phone call does."""
    await page.evaluate(
        "() => { window.__camera.stop(); window.__camera.dispatchEvent(new Event('ended')); }"
    )


async def camera_of(page: Page) -> str:
    """The device whose picture was opened last."""
    return str(await page.evaluate("window.__camera.getSettings().deviceId"))


async def microphones_opened(page: Page) -> int:
    """How often a microphone was opened so far."""
    return int(await page.evaluate("window.__microphones"))


async def given_plain(page: Page) -> bool:
    """Whether a track that came from a camera was ever given to a sender."""
    return bool(await page.evaluate("window.__given.some((id) => window.__cameras.includes(id))"))

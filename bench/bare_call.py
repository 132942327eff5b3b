"""The row's other side: two bare RTCPeerConnections in one page, the same camera, size and codec."""

from playwright.async_api import Page

ADDRESS = "http://localhost:9/bare"
PAGE = "<!doctype html><title>bare</title><video id=v autoplay playsinline muted></video>"

OPEN_CAMERA = """async (wanted) => {
  window.stream = await navigator.mediaDevices.getUserMedia(wanted);
}"""

ONE_CALL = """async () => {
  const started = performance.now();
  const options = { bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' };
  const near = new RTCPeerConnection(options), far = new RTCPeerConnection(options);
  near.onicecandidate = ({ candidate }) => candidate && far.addIceCandidate(candidate);
  far.onicecandidate = ({ candidate }) => candidate && near.addIceCandidate(candidate);
  const video = document.getElementById('v');
  const first = new Promise((resolve) => {
    far.ontrack = ({ streams, track }) => {
      if (track.kind !== 'video') return;
      video.srcObject = streams[0];
      video.requestVideoFrameCallback(() => resolve(performance.now()));
    };
  });
  for (const track of window.stream.getTracks()) {
    near.addTrack(track, window.stream);
    far.addTrack(track, window.stream);
  }
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription);
  const ended = await first;
  near.close(); far.close(); video.srcObject = null;
  return ended - started;
}"""


async def open_bare_page(page: Page, wanted: dict[str, object]) -> None:
    """Show the page and open the camera with the same constraints as the room's."""
    await page.route(ADDRESS, lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    await page.goto(ADDRESS)
    await page.evaluate(OPEN_CAMERA, wanted)


async def time_bare_call(page: Page) -> float:
    """Milliseconds from making both connections to the first frame at the far one."""
    return float(await page.evaluate(ONE_CALL))

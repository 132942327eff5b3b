"""Click "Join" to the first remote frame, beside two bare connections in one page.

Two Chromium processes; the camera is open already, the client was admitted before; to the first
requestVideoFrameCallback. Ours and theirs take turns, so that a slow moment of the machine strikes both.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Page

from bench.bare_call import open_bare_page, time_bare_call
from bench.row import Row
from tests.browser.clinic import running_clinic
from tests.browser.visitor import Visitor, running_chromium, visiting

RUNS = 20
PAUSE = 3.0  # seconds: who comes back more often waits for a ticket (`telehealth/web/limits.py`), and not for a picture
GOAL = 1.5
CAMERA: dict[str, object] = {
    "audio": True,
    "video": {"width": {"ideal": 1280}, "height": {"ideal": 720}, "frameRate": {"ideal": 30}},
}
# As many pictures a second as a real one, which the tests do not need.
CAMERAS = ("--use-fake-device-for-media-stream=fps=30", "--use-fake-ui-for-media-stream")
CLICK_TO_FRAME = """() => {
  const [join] = performance.getEntriesByName('room:join');
  const [frame] = performance.getEntriesByName('room:first-frame');
  return frame.startTime - join.startTime;
}"""


async def measure() -> Row:
    """Median of 20 of each."""
    with TemporaryDirectory() as folder, running_clinic(Path(folder) / "data") as clinic:
        async with (
            running_chromium(*CAMERAS) as one,
            running_chromium(*CAMERAS) as other,
            visiting(one, clinic) as therapist,
            visiting(other, clinic) as client,
        ):
            return await _measure(therapist, client)


async def _measure(therapist: Visitor, client: Visitor) -> Row:
    await client.sign_in("first_client")
    await client.go("/appointments")
    path = await client.page.locator('a[href$="/room"]').first.get_attribute("href")
    assert path is not None
    await therapist.sign_in("mara")
    await _enter(therapist, path)
    await _enter(client, path)
    await therapist.page.get_by_role("button", name="Let in").click()
    await _first_frame(client.page)
    bare = await client.context.new_page()
    await open_bare_page(bare, CAMERA)
    ours, theirs = [], []
    for _ in range(RUNS):
        theirs.append(await time_bare_call(bare))
        await asyncio.sleep(PAUSE)
        await client.page.bring_to_front()
        ours.append(await _join_again(client.page))
        await bare.bring_to_front()
    return Row(
        what='click "Join" to first remote frame, two browsers',
        beside="two bare RTCPeerConnections in one page",
        unit="ms",
        ours=ours,
        theirs=theirs,
        goal=GOAL,
    )


async def _enter(visitor: Visitor, path: str) -> None:
    await visitor.go(path)
    await visitor.page.locator("#open-both").click()
    await visitor.page.locator("#enter").click()


async def _join_again(page: Page) -> float:
    """Leave, come back with the camera open, click, and wait for the picture; milliseconds."""
    await page.locator("#leave").click()
    await page.locator('[data-after="left"] [data-come-back]').click()
    await page.locator("#enter").click()
    return await _first_frame(page)


async def _first_frame(page: Page) -> float:
    await page.wait_for_function("() => performance.getEntriesByName('room:first-frame').length === 1")
    return float(await page.evaluate(CLICK_TO_FRAME))

"""Refused, in use, missing: each device trouble has its own plain sentence, and a way on."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.clinic import Clinic
from tests.browser.visitor import Visitor, running_chromium, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")
CAMERA_IN_USE = """
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) =>
    wanted.video ? Promise.reject(new DOMException('in use', 'NotReadableError')) : open(wanted);
"""


async def at_the_door(visitor: Visitor) -> None:
    """On the room's page, after asking for camera and microphone."""
    await visitor.sign_in("first_client")
    await visitor.go("/appointments")
    href = await visitor.page.locator('a[href$="/room"]').first.get_attribute("href")
    assert href is not None
    await visitor.go(href)
    await visitor.page.locator("#open-both").click()


async def test_a_refusal_says_where_to_allow_it_and_lets_one_listen(clinic: Clinic) -> None:
    async with (
        running_chromium("--use-fake-device-for-media-stream", "--deny-permission-prompts") as browser,
        visiting(browser, clinic) as client,
    ):
        await at_the_door(client)
        await expect(client.page.locator("#device-troubles")).to_contain_text(
            re.compile("allow", re.IGNORECASE)
        )
        await client.page.locator("#open-none").click()
        await expect(client.page.get_by_role("button", name="Knock", exact=True)).to_be_visible()


async def test_a_missing_camera_is_named_and_voice_is_offered(clinic: Clinic) -> None:
    async with (
        running_chromium("--use-fake-ui-for-media-stream") as browser,
        visiting(browser, clinic) as client,
    ):
        await at_the_door(client)
        await expect(client.page.locator("#device-troubles")).to_contain_text(
            re.compile("camera", re.IGNORECASE)
        )
        await expect(
            client.page.locator("#open-voice").or_(client.page.locator("#enter")).first
        ).to_be_visible()


async def test_a_camera_in_use_is_named_and_voice_goes_on(chromium: Browser, clinic: Clinic) -> None:
    async with visiting(chromium, clinic) as client:
        await client.page.add_init_script(CAMERA_IN_USE)
        await at_the_door(client)
        await expect(client.page.locator("#device-troubles")).to_contain_text(
            re.compile("another|in use", re.IGNORECASE)
        )
        await expect(client.page.get_by_role("button", name="Knock", exact=True)).to_be_visible()
        await expect(client.page.locator("#mode-voice")).to_be_visible()

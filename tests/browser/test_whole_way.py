"""The whole way of the main job, as two people go it: sign in, book, meet."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.axe import nothing_to_say
from tests.browser.clinic import Clinic
from tests.browser.media import received, wait_for_media, watch
from tests.browser.visitor import PHONE, Visitor, visiting
from tests.browser.window import fits

pytestmark = pytest.mark.asyncio(loop_scope="session")
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
REASON = "Canary reason: we lost the words for closeness"
NEW_NAME = "Canary Wren Dunmore"
NEW_EMAIL = "canary-wren@mail.example"


async def room_url(visitor: Visitor) -> str:
    """The address of the room of this client's next appointment, from their own page."""
    await visitor.go("/appointments")
    href = await visitor.page.locator('a[href$="/room"]').first.get_attribute("href")
    assert href is not None
    return href


async def enter(visitor: Visitor, path: str, button: str) -> None:
    """Open the room's page, turn on the fake devices and go to the door."""
    await watch(visitor.page)
    assert await visitor.go(path) == 200
    await nothing_to_say(visitor.page)
    await visitor.page.locator("#open-both").click()
    await expect(visitor.page.get_by_role("button", name=button, exact=True)).to_be_visible()
    await nothing_to_say(visitor.page)
    await visitor.page.get_by_role("button", name=button, exact=True).click()


async def test_a_visitor_books_a_held_time_through_real_sign_in(chromium: Browser, clinic: Clinic) -> None:
    async with visiting(chromium, clinic) as client:
        await client.go("/")
        assert await client.page.title() == "Linden Practice"
        await client.go("/times?service=individual")
        await client.picture(PICTURES / "times.png")
        await client.page.locator("button[name=choice]").nth(1).click()
        await expect(client.page.locator("main")).to_contain_text("keep it for you")
        held = client.page.url
        await client.page.locator("main").get_by_role("button", name="Sign in").click()
        await client.type_credentials("partner_one")
        assert client.page.url == held
        await client.page.locator("textarea[name=reason]").fill(REASON)
        await client.page.get_by_role("button", name="Book this time").click()
        await client.page.wait_for_url(re.compile(r"/appointments/[0-9a-f]{32}"))
        await client.go("/appointments")
        await expect(client.page.locator("main")).to_contain_text("Individual")


async def test_a_new_person_registers_at_the_provider_and_keeps_the_held_time(
    chromium: Browser, clinic: Clinic
) -> None:
    async with visiting(chromium, clinic, viewport=PHONE) as client:
        await client.go("/times")
        await client.page.locator("button[name=choice]").first.click()
        held = client.page.url
        await client.page.get_by_role("button", name="I am new here").click()
        await client.page.locator("input[name=user_name]").fill("wren")
        await client.page.locator("input[name=emails-0]").fill(NEW_EMAIL)
        for field in ("password1", "password2"):
            await client.page.locator(f"input[name={field}]").fill("a-long-canary-password-1")
        await client.page.locator("[name=action][value=create-profile]").click()
        await client.page.wait_for_url(held)
        await client.page.locator("input[name=name]").fill(NEW_NAME)
        await client.page.locator("textarea[name=reason]").fill(REASON)
        await client.page.get_by_role("button", name="Book this time").click()
        await client.page.wait_for_url(re.compile(r"/appointments/[0-9a-f]{32}"))


async def test_two_people_meet_and_the_therapist_ends_for_both(chromium: Browser, clinic: Clinic) -> None:
    async with (
        visiting(chromium, clinic, color_scheme="dark") as client,
        visiting(chromium, clinic) as therapist,
    ):
        await client.sign_in("first_client")
        path = await room_url(client)
        await enter(client, path, "Knock")
        await expect(client.page.locator("#waiting")).to_contain_text("You are waiting")
        assert (await received(client.page))["bytes"] == 0
        await nothing_to_say(client.page)

        await therapist.sign_in("mara")
        assert therapist.page.url.endswith("/today")
        await enter(therapist, path, "Open the room")
        await expect(therapist.page.locator("#knocks")).to_contain_text("Robin Vale")
        await expect(therapist.page.locator("#status")).to_have_text("Robin Vale knocks.")
        await _signs(client.page, therapist.page, "I am not alone.")
        await therapist.page.get_by_role("button", name="Let in").click()
        await wait_for_media(client.page)
        await wait_for_media(therapist.page)
        await expect(client.page.locator(".room-tile").first).to_have_attribute("data-frame", "shown")
        await client.picture(PICTURES / "room.png")
        await _signs(client.page, therapist.page, "I am not safe here.")

        await client.page.locator("#mute").click()
        await expect(therapist.page.locator(".room-tile").first).to_have_attribute("data-microphone", "off")
        await client.page.locator("#camera").click()
        await expect(therapist.page.locator(".room-tile").first).to_have_attribute("data-camera", "off")
        await _every_panel(therapist.page, client.page)

        await client.page.locator("#leave").click()
        await expect(client.page.locator('[data-after="left"]')).to_be_visible()
        await client.page.locator('[data-after="left"] [data-come-back]').click()
        await client.page.locator("#enter").click()
        await wait_for_media(client.page)

        await therapist.page.locator("#leave").click()
        await nothing_to_say(therapist.page)
        await therapist.page.locator("#end").click()
        for visitor in (client, therapist):
            await expect(visitor.page.locator('[data-after="ended"]')).to_be_visible()
        await nothing_to_say(client.page)
        await client.page.get_by_role("button", name="With gaps").click()
        await expect(client.page.get_by_role("heading", name="What was it?")).to_be_focused()
        await client.page.get_by_role("button", name="The picture").click()
        await expect(client.page.locator('[data-step="thanks"]')).to_be_visible()
        assert await client.go(path) == 200
        await expect(client.page.locator("main")).to_contain_text("This session is over")


async def _every_panel(therapist: Page, client: Page) -> None:
    """Axe-core has nothing to say of what opens over the call, light on a phone and dark on a wide screen."""
    await fits(therapist, 390, 844)
    for opened, closed in (("#people-button", "#close-people"), ("#chat-button", "#close-chat")):
        await therapist.locator(opened).click()
        await nothing_to_say(therapist)
        await therapist.locator(closed).click()
    await client.locator("#chat-button").click()
    await client.locator("#more-button").click()
    await nothing_to_say(client)
    await client.locator("#keys-button").click()
    await client.locator("[data-compare]:visible").dispatch_event("click")
    await nothing_to_say(client)
    await client.keyboard.press("Escape")
    await expect(client.locator("#words")).to_be_hidden()
    await client.locator("#close-chat").click()
    await fits(therapist, 1280, 800)


LEFT = """() => JSON.stringify([
  document.title, location.href, history.length, document.activeElement?.id ?? '', document.cookie,
  { ...localStorage }, { ...sessionStorage },
])"""
PAGE = "() => document.documentElement.outerHTML"


async def _signs(client: Page, therapist: Page, words: str) -> None:
    """The client gives a sign: at the door by touches, after which the page is the same to the letter, and in the call,
    where the figures of the line move anyway, by the full stop. The therapist reads it; nothing is left behind."""
    at_the_door = await client.locator("#waiting").is_visible()
    if at_the_door:
        await expect(client.locator("#host-here")).to_be_visible()
    before = await _traces(client, whole=at_the_door)
    for _ in range(3 if at_the_door else 5):
        await (client.locator(".room-when").click() if at_the_door else client.keyboard.press("."))
    signal = therapist.locator("#signals li")
    await expect(signal).to_contain_text("says, to you alone")
    await expect(signal.locator("[data-kind]:visible")).to_have_text(words)
    await signal.locator("[data-seen]").click()
    assert await _traces(client, whole=at_the_door) == before


async def _traces(page: Page, *, whole: bool) -> list[str]:
    left = [str(await page.evaluate(LEFT))]
    if not whole:
        return left
    return [*left, str(await page.evaluate(PAGE)), await page.locator("body").aria_snapshot()]


async def test_a_stranger_with_the_rooms_address_finds_nothing(chromium: Browser, clinic: Clinic) -> None:
    async with visiting(chromium, clinic) as client, visiting(chromium, clinic) as stranger:
        await client.sign_in("partner_one")
        await client.go("/appointments")
        path = await client.page.locator('a[href^="/appointments/"]').first.get_attribute("href")
        assert path is not None
        await stranger.sign_in("first_client")
        assert await stranger.go(f"{path.removesuffix('/room')}/room") == 404
        assert await stranger.go("/appointments/" + "0" * 32 + "/room") == 404


async def test_leaving_quickly_ends_the_session_and_back_shows_nothing(
    chromium: Browser, clinic: Clinic
) -> None:
    async with visiting(chromium, clinic) as client:
        await client.sign_in("partner_two")
        await client.go("/profile")
        await client.go("/appointments")
        await client.page.get_by_role("button", name="Leave quickly").click()
        await client.page.wait_for_url(clinic.leave_url)
        assert await client.page.locator("#referrer").inner_text() == ""
        await client.page.go_back()
        assert client.page.url == f"{clinic.url}/profile"
        await expect(client.page.locator("body")).not_to_contain_text("ppointment")
        assert await client.page.title() == "New tab"
        names = {cookie["name"] for cookie in await client.context.cookies(clinic.url)}
        assert "sid" not in names


async def test_leaving_quickly_works_without_scripts(chromium: Browser, clinic: Clinic) -> None:
    async with visiting(chromium, clinic, java_script_enabled=False) as client:
        await client.sign_in("partner_two")
        await client.page.get_by_role("button", name="Leave quickly").click()
        await client.page.wait_for_url(clinic.leave_url)
        assert await client.page.locator("#referrer").inner_text() == ""
        await client.go("/appointments")
        assert await client.page.title() == "New tab"


async def test_the_database_files_say_nothing(clinic: Clinic) -> None:
    planted = [REASON, NEW_NAME, NEW_EMAIL]
    for key in ("first_client", "partner_one", "partner_two", "desk", "administrator"):
        planted += [clinic.account(key)["name"], clinic.account(key)["email"]]
    ours = [path for path in clinic.data.rglob("*") if path.is_file() and path.name.startswith("clinic.db")]
    logs = list((clinic.data / "logs").iterdir())
    assert ours
    for path in (*ours, *logs):
        data = path.read_bytes()
        assert [text for text in planted if text.encode() in data] == [], path.name
    for path in clinic.data.glob("provider.db*"):
        data = path.read_bytes()
        assert [text for text in planted if "@" not in text and text.encode() in data] == [], path.name

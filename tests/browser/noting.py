"""A therapist's private notes beside the faces, as the room's page keeps them."""

from playwright.async_api import Page, expect

from telehealth.audit.office import Office
from telehealth.notes import acts as notes
from tests.browser.axe import nothing_to_say
from tests.people import NADIA

WORDS = "Both looked tired."
MORE = " More"


async def note_beside_the_faces(page: Page) -> None:
    """What is typed while the server is away is kept once it is back; no face lies under it."""
    await page.route("**/notes", lambda route: route.abort())
    await page.locator("#notes-button").click()
    panel, words = page.locator("#notes"), page.get_by_role("textbox", name="Your private notes")
    await expect(words).to_be_focused()
    await expect(panel).to_contain_text("Not saved yet. The practice cannot be reached.")
    await page.locator("#close-notes").click()
    await expect(page.locator("#notes-button")).to_have_text("Not saved", use_inner_text=True)
    await page.locator("#notes-button").click()
    await nothing_to_say(page)
    await page.keyboard.type(WORDS)
    await page.unroute("**/notes")
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(panel.get_by_text("Saved.", exact=True)).to_be_visible()
    await expect(page.locator("#notes-button")).to_have_text("Notes", use_inner_text=True)
    faces, place = await page.locator("#tiles").bounding_box(), await panel.bounding_box()
    assert faces is not None
    assert place is not None
    assert faces["x"] + faces["width"] <= place["x"]


async def show_no_notes_with_a_screen(page: Page) -> None:
    """They closed when the screen was shown; whoever opens them again is told who can read them."""
    await expect(page.locator("#notes")).to_be_hidden()
    await page.locator("#notes-button").click()
    await expect(page.locator("#notes-seen")).to_contain_text("everybody in the room can read this")
    await page.locator("#close-notes").click()


async def keep_the_last_word(office: Office, page: Page, appointment_id: bytes) -> None:
    """What is typed in the very moment in which the page goes arrives as well."""
    await page.locator("#notes-button").click()
    await page.keyboard.press("Control+End")
    await page.keyboard.type(MORE)
    await page.goto("/today")
    for _ in range(150):
        if (found := (await notes.note(office, NADIA, appointment_id)).words) == WORDS + MORE:
            return
        await page.wait_for_timeout(100)
    raise AssertionError(found)

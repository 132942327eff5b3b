"""Private notes as a plain form, and as a script saves them: nothing typed is lost, and nobody else has them."""

import re

from tests.people import NADIA, ROSA
from tests.unit.appointments.scene import book
from tests.web.browser import Browser
from tests.web.conftest import Site

SCRIPT = {"Accept": "application/json"}
WRITER = re.compile(r'name="writer" value="([0-9a-f]{32})"')


async def form_of(browser: Browser, path: str, words: str, number: int) -> dict[str, str]:
    """What a page sends that was opened just now."""
    found = WRITER.search((await browser.get(path)).text)
    assert found is not None
    return {"words": words, "number": str(number), "writer": found[1], "turn": "1"}


async def test_a_plain_form_saves_says_so_and_shows_both_where_two_windows_meet(site: Site) -> None:
    path = f"/appointments/{(await book(site.office, ROSA)).id.hex()}/notes"
    nadia = await site.browser(NADIA)
    first, second = [
        await form_of(nadia, path, words, 0) for words in ("First <b>words</b>\r\nand more", "Other words")
    ]
    saved = await nadia.post(path, first)
    assert (saved.status_code, saved.headers["location"]) == (303, f"{path}?saved=1")
    page = (await nadia.get(saved.headers["location"])).text
    assert "<strong>Saved.</strong>" in page
    assert "First &lt;b&gt;words&lt;/b&gt;\nand more</textarea>" in page
    apart = await nadia.post(path, second)
    assert apart.status_code == 409
    assert "changed in another window" in apart.text
    assert "First &lt;b&gt;words" in apart.text
    assert "Other words</textarea>" in apart.text
    assert 'name="number" value="1"' in apart.text
    assert (await nadia.post(path, await form_of(nadia, path, "Both of them", 1))).status_code == 303
    assert "Both of them</textarea>" in (await nadia.get(path)).text


async def test_what_is_too_long_stays_in_the_form(site: Site) -> None:
    path = f"/appointments/{(await book(site.office, ROSA)).id.hex()}/notes"
    nadia = await site.browser(NADIA)
    words = "long " * 2_100
    answer = await nadia.post(path, await form_of(nadia, path, words, 0))
    assert answer.status_code == 422
    assert "Please shorten this to 10,000 characters" in answer.text
    assert f"{words.strip()}</textarea>" in answer.text


async def test_a_script_hears_what_is_kept_and_what_another_window_wrote(site: Site) -> None:
    path = f"/appointments/{(await book(site.office, ROSA)).id.hex()}/notes"
    nadia = await site.browser(NADIA)
    first, second = [await form_of(nadia, path, words, 0) for words in ("one", "two")]
    saved = await nadia.post(path, first, **SCRIPT)
    assert (saved.status_code, saved.json()) == (200, {"number": 1})
    apart = await nadia.post(path, second, **SCRIPT)
    assert (apart.status_code, apart.json()) == (409, {"number": 1, "words": "one"})
    found = (await nadia.get(path, **SCRIPT)).json()
    assert (found["words"], found["number"]) == ("one", 1)
    assert found["token"] == await nadia.token()
    other = await site.browser(ROSA)
    assert (await other.get(path, **SCRIPT)).status_code == 404

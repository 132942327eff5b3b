"""The way of an invitation through browsers: neutral until somebody signs in, and no token in an address of ours."""

import re

import httpx2

from tests.people import COUPLE, MIKA, NADIA, ROSA, STRANGER
from tests.unit.appointments.scene import new_key
from tests.unit.couples.scene import AFTERWARDS, a_couple, book_for_two, busy_elsewhere
from tests.web.booking import booking_form, choices, held
from tests.web.browser import Browser, hidden_fields
from tests.web.conftest import Site

ADDRESS = re.compile(r'value="http://localhost:8000(/i/([A-Za-z0-9_-]{43}))"')
# Nothing before sign-in may say what this is about, who asks, or where.
TELLING = ("therap", "couple", "partner", "rosa", "nadia", "linden", "practice", "sex", "10:00", "november")


async def invited(site: Site) -> tuple[str, str, Browser]:
    """Rosa's appointment, the path of a link to it, and her browser."""
    made = await book_for_two(site.office, reason="Words of Rosa's own")
    browser = await site.browser(ROSA)
    page = await browser.post(f"/appointments/{made.id.hex()}/invitation", {"key": new_key()})
    found = ADDRESS.search(page.text)
    assert page.status_code == 200
    assert found is not None
    assert "We cannot show it a second time" in page.text
    assert found[2] not in (await browser.get(f"/appointments/{made.id.hex()}/partner")).text
    return made.id.hex(), found[1], browser


async def opened(site: Site, path: str) -> tuple[Browser, httpx2.Response]:
    """Somebody's browser that has opened a link, and the page it leads to."""
    browser = await site.browser()
    first = await browser.get(path)
    assert (first.status_code, first.headers["location"]) == (303, "/invitation")
    assert first.headers["referrer-policy"] == "no-referrer"
    return browser, await browser.get("/invitation")


def joining_form(page: httpx2.Response) -> dict[str, str]:
    return {"key": hidden_fields(page.text)["key"], "agrees": "1"}


async def test_before_sign_in_a_link_says_that_somebody_asks_and_nothing_else(site: Site) -> None:
    _, path, _ = await invited(site)
    _, page = await opened(site, path)
    _, unknown = await opened(site, "/i/" + "x" * 43)
    assert "You have been asked to come along to an appointment" in page.text
    text = re.sub(r'(href|src|action|name|value|data-\w+)="[^"]*"', "", page.text).lower()
    body = text.split("<body", 1)[1]
    assert [word for word in TELLING if word in body] == []
    assert "Linden" not in page.text
    assert path.rsplit("/", 1)[1] not in page.text
    even = re.compile(r"[0-9a-f]{12,32}")
    assert even.sub("#", page.text) == even.sub("#", unknown.text)


async def test_whoever_signs_in_sees_by_whom_and_comes_along(site: Site) -> None:
    appointment_id, path, rosas = await invited(site)
    browser, neutral = await opened(site, path)
    assert hidden_fields(neutral.text)["next"] == "/invitation"
    await site.sign_in(browser, MIKA)
    page = await browser.get("/invitation")
    assert "Rosa Example-Lindqvist asks you to come along" in page.text
    assert "keeps no secrets between you" in page.text
    assert "Words of Rosa" not in page.text
    done = await browser.post(f"/appointments/{appointment_id}/joining", joining_form(page))
    assert (done.status_code, done.headers["location"]) == (303, f"/appointments/{appointment_id}")
    assert "asked" not in browser.client.cookies
    assert "You and Rosa Example-Lindqvist" in (await browser.get(f"/appointments/{appointment_id}")).text
    assert "You and Mika Example" in (await rosas.get(f"/appointments/{appointment_id}")).text
    late, _ = await opened(site, path)
    await site.sign_in(late, STRANGER)
    assert (await late.get("/invitation")).status_code == 404


async def test_a_clash_keeps_what_was_typed_and_offers_other_times(site: Site) -> None:
    appointment_id, path, rosas = await invited(site)
    await busy_elsewhere(site.office, MIKA)
    browser, _ = await opened(site, path)
    await site.sign_in(browser, MIKA)
    form = joining_form(await browser.get("/invitation")) | {"reason": "Words of Mika's own"}
    page = await browser.post(f"/appointments/{appointment_id}/joining", form)
    assert page.status_code == 409
    assert "You have something else at that time" in page.text
    assert "Words of Mika&#39;s own" in page.text
    start = re.search(r'name="start" value="([^"]+)"', page.text)
    assert start is not None
    wish = {"key": "s" * 32, "start": start[1].replace("&#43;", "+")}
    told = await browser.post(f"/appointments/{appointment_id}/joining/suggestion", wish)
    assert "We have passed it on" in told.text
    assert "Waiting for your partner" in (await rosas.get(f"/appointments/{appointment_id}")).text
    assert "Your partner suggests another time" in (await rosas.get("/notices")).text


async def test_without_the_tick_nothing_is_lost(site: Site) -> None:
    appointment_id, path, _ = await invited(site)
    browser, _ = await opened(site, path)
    await site.sign_in(browser, STRANGER)
    form = {"key": "k" * 32, "name": "Sam", "reason": "Words of Sam's own"}
    page = await browser.post(f"/appointments/{appointment_id}/joining", form)
    assert page.status_code == 422
    assert 'value="Sam"' in page.text
    assert "Words of Sam&#39;s own" in page.text


async def test_leaving_quickly_and_signing_out_forget_the_link(site: Site) -> None:
    _, path, _ = await invited(site)
    for way in ("/leave", "/auth/sign-out"):
        browser, _ = await opened(site, path)
        await site.sign_in(browser, MIKA)
        assert "asked" in browser.client.cookies
        await browser.post(way)
        assert "asked" not in browser.client.cookies


async def test_an_own_link_says_so(site: Site) -> None:
    _, path, _ = await invited(site)
    browser, _ = await opened(site, path)
    await site.sign_in(browser, ROSA)
    page = await browser.get("/invitation")
    assert "This is your own link" in page.text
    assert "/joining" not in page.text


async def test_links_cannot_be_guessed_at_speed(site: Site) -> None:
    browser = await site.browser()
    answers = [(await browser.get("/i/" + "x" * 43)).status_code for _ in range(21)]
    assert answers == [303] * 20 + [429]


async def test_who_books_again_is_asked_with_whom(site: Site) -> None:
    await a_couple(site.office)
    browser = await site.browser(ROSA)
    wanted = [each for each in await choices(browser, COUPLE.slug) if AFTERWARDS.date().isoformat() in each]
    path = await held(browser, wanted[0])
    page = await browser.get(path)
    assert "With the same partner as before" in page.text
    assert "Mika" not in page.text
    form = await booking_form(browser, path)
    refused = await browser.post("/appointments", form | {"reason": "Words of Rosa's own"})
    assert refused.status_code == 422
    assert "Words of Rosa&#39;s own" in refused.text
    made = await browser.post("/appointments", form | {"partner": "same"})
    assert made.status_code == 303
    assert "Your partner is asked on their own pages" in (await browser.get(made.headers["location"])).text
    asked = await site.browser(MIKA)
    notice = await asked.get("/notices")
    way = re.search(r'href="(/appointments/[0-9a-f]{32}/joining)"', notice.text)
    assert way is not None
    page = await asked.get(way[1])
    assert "Rosa Example-Lindqvist asks you to come along" in page.text
    assert (await asked.post(way[1], joining_form(page))).status_code == 303


async def test_a_therapist_sees_who_comes(site: Site) -> None:
    appointment_id, _, _ = await invited(site)
    browser = await site.browser(NADIA)
    assert "Invite" not in (await browser.get(f"/appointments/{appointment_id}")).text

"""Passkeys over HTTP: the pages, and what their scripts and the service say to each other."""

import re
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from telehealth.people import store as people
from telehealth.person import Person
from telehealth.web import cookies
from tests.authenticator import Authenticator
from tests.people import ADMIN, NADIA, ROSA
from tests.web.browser import ORIGIN, Browser
from tests.web.conftest import Site

SIGN_IN, CONFIRM, NEW = "/auth/passkey/sign-in", "/auth/passkey/confirmation", "/auth/passkey/new"
CODE = re.compile(r'class="passkey-code">([0-9A-Z-]{19})<')


@pytest.fixture
def strict(site: Site) -> Site:
    """The same clinic outside the demo: staff need two factors."""
    made = Site(site.office, site.clock, replace(site.settings, demo=False))
    made.browsers = site.browsers
    return made


async def sent(browser: Browser, path: str, body: object, **headers: str) -> httpx2.Response:
    """Post JSON as one of our own pages would."""
    token = await browser.token()
    ours = {"Origin": ORIGIN, "X-CSRF-Token": token, "Accept": "application/json", **headers}
    return await browser.client.post(path, json=body, headers=ours)


def code_of(answer: httpx2.Response) -> str:
    return str(answer.json()["error"]["code"])


async def added(browser: Browser, device: Authenticator, **more: str) -> httpx2.Response:
    options = await sent(browser, f"{NEW}/options", more)
    assert options.status_code == 200, options.text
    return await sent(browser, NEW, {"credential": device.make(options.json()), **more})


async def proven(browser: Browser, at: str, device: Authenticator, **more: str) -> httpx2.Response:
    options = await sent(browser, f"{at}/options", {})
    assert options.status_code == 200, options.text
    return await sent(browser, at, {"credential": device.prove(options.json()), **more})


async def half_way(site: Site, person: Person) -> Browser:
    """A browser whose provider proved one factor of two."""
    browser, secret, now = await site.browser(), cookies.new_secret(), site.clock()
    hashed = cookies.hash_of(secret, "session")
    row: dict[str, object] = {"hash": hashed, "id": hashed[:16], "person_id": person.id, "role": person.role}
    state = {"provider": "practice", "strong": False, "pending": True}
    times = {"created_at": now, "seen_at": now, "signed_in_at": now}
    async with site.office.database.transaction() as connection:
        await people.open_session(connection, {**row, **state, **times})
    browser.client.cookies.set("sid", cookies.text_of(secret))
    return browser


async def test_a_client_adds_sees_renames_and_removes_a_passkey(site: Site) -> None:
    browser = await site.browser(ROSA)
    answer = await added(browser, Authenticator(), name="My <phone>")
    assert (answer.status_code, answer.json()) == (201, {"next": "/passkeys?done=added"})
    page = (await browser.get("/passkeys?done=added")).text
    assert "My &lt;phone&gt;" in page
    assert "Your passkey is kept" in page
    assert "Added today, not used yet" in page
    path = re.search(r'action="(/passkeys/[0-9a-f]{32})/name"', page)
    assert path is not None
    answer = await browser.post(f"{path[1]}/name", {"name": "x" * 61})
    assert answer.status_code == 422
    assert "at most 60 characters" in answer.text
    assert (await browser.post(f"{path[1]}/name", {"name": "Ring"})).status_code == 303
    assert "Ring" in (await browser.get("/passkeys")).text
    assert (await browser.post(f"{path[1]}/removal")).status_code == 303
    assert "Ring" not in (await browser.get("/passkeys")).text


async def test_a_client_comes_in_with_a_passkey_and_goes_where_they_wanted(site: Site) -> None:
    device = Authenticator()
    await added(await site.browser(ROSA), device)
    browser = await site.browser()
    answer = await proven(browser, SIGN_IN, device, next="/profile")
    assert answer.json() == {"next": "/profile"}
    assert "Rosa Example-Lindqvist" in (await browser.get("/profile")).text
    assert "last used today" in (await browser.get("/passkeys")).text


@pytest.mark.parametrize(
    "way", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", ""]
)
async def test_the_way_on_never_leads_to_another_site(site: Site, way: str) -> None:
    device = Authenticator()
    await added(await site.browser(ROSA), device)
    answer = await proven(await site.browser(), SIGN_IN, device, next=way)
    assert answer.json() == {"next": "/appointments"}


async def test_a_session_this_browser_had_before_ends(site: Site) -> None:
    device, browser = Authenticator(), await site.browser(ROSA)
    await added(browser, device)
    before = browser.client.cookies["sid"]
    await proven(browser, SIGN_IN, device)
    other = await site.browser()
    other.client.cookies.set("sid", before)
    assert (await other.get("/appointments")).status_code == 303


async def test_an_answer_from_another_browser_is_refused(site: Site) -> None:
    device = Authenticator()
    await added(await site.browser(ROSA), device)
    first, second = await site.browser(), await site.browser()
    options = (await sent(first, f"{SIGN_IN}/options", {})).json()
    answer = await sent(second, SIGN_IN, {"credential": device.prove(options)})
    assert (answer.status_code, code_of(answer)) == (409, "passkey_challenge")
    assert "sid" not in second.client.cookies


@pytest.mark.parametrize(
    "path", [f"{SIGN_IN}/options", SIGN_IN, f"{CONFIRM}/options", CONFIRM, f"{NEW}/options", NEW]
)
async def test_what_does_not_come_from_our_page_is_refused(site: Site, path: str) -> None:
    browser = await site.browser(ROSA)
    for headers in ({"X-CSRF-Token": "0" * 32}, {"Origin": "https://elsewhere.example"}):
        answer = await sent(browser, path, {}, **headers)
        assert answer.status_code == 403
        assert code_of(answer).startswith("csrf_")


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"{", b"\xff", b"[" * 50_000])
async def test_whatever_is_no_json_object_is_refused(site: Site, body: bytes) -> None:
    browser = await site.browser(ROSA)
    headers = {"Origin": ORIGIN, "X-CSRF-Token": await browser.token(), "Accept": "application/json"}
    for kind in ("application/json", "text/plain"):
        answer = await browser.client.post(SIGN_IN, content=body, headers={**headers, "Content-Type": kind})
        assert (answer.status_code, code_of(answer)) == (422, "malformed_json")


@pytest.mark.parametrize(
    "credential", [None, [], {}, {"response": {}}, {"response": {"clientDataJSON": "e30"}}]
)
async def test_whatever_is_no_answer_is_refused(site: Site, credential: Any) -> None:
    browser = await site.browser(ROSA)
    for path in (SIGN_IN, CONFIRM, NEW):
        answer = await sent(browser, path, {"credential": credential})
        assert (answer.status_code, code_of(answer)) == (422, "passkey_malformed")


async def test_a_passkey_is_added_only_by_somebody_who_proved_just_now_who_they_are(site: Site) -> None:
    browser = await site.browser(ROSA)
    site.clock.advance(minutes=6)
    answer = await sent(browser, f"{NEW}/options", {})
    assert (answer.status_code, code_of(answer)) == (403, "step_up_needed")
    assert (await browser.get("/passkeys")).headers["location"] == "/auth/step-up?next=/passkeys"


async def test_a_passkey_confirms_and_the_cookie_is_another_one(site: Site) -> None:
    device, browser = Authenticator(), await site.browser(ROSA)
    await added(browser, device)
    before = browser.client.cookies["sid"]
    site.clock.advance(minutes=6)
    page = (await browser.get("/auth/step-up?next=/passkeys")).text
    assert "Use my passkey" in page
    assert "Enter my password instead" in page
    assert 'name="next" value="/passkeys"' in page
    answer = await proven(browser, CONFIRM, device, next="/passkeys")
    assert answer.json() == {"next": "/passkeys"}
    browser.client.cookies.delete("sid", domain="")
    assert browser.client.cookies["sid"] != before
    assert (await browser.get("/passkeys")).status_code == 200


async def test_the_step_up_says_so_where_nothing_can_tell_us(site: Site) -> None:
    device = Authenticator()
    await added(await site.browser(ROSA), device)
    browser = await site.browser()
    await proven(browser, SIGN_IN, device)
    page = (await browser.get("/auth/step-up")).text
    assert "Use my passkey" in page
    assert "password" not in page.split("<main")[1].split("</main>")[0]
    kept = re.search(r"/passkeys/[0-9a-f]{32}", (await browser.get("/passkeys")).text)
    assert kept is not None
    await browser.post(f"{kept[0]}/removal")
    page = (await browser.get("/auth/step-up")).text
    assert "neither a passkey of yours nor the sign-in service" in page
    assert 'action="/auth/sign-out"' in page


async def test_half_a_sign_in_opens_nothing_but_its_second_step(strict: Site) -> None:
    browser = await half_way(strict, NADIA)
    for path in ("/today", "/profile", "/passkeys", "/clinic/passkey-codes", "/sessions"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/auth/sign-in")
    page = await browser.get("/auth/second-step?next=/today")
    assert page.status_code == 200
    assert "Ask an administrator" in page.text
    assert 'next="/today"' in page.text
    assert (await browser.get("/auth/step-up")).headers["location"].startswith("/auth/second-step")
    answer = await sent(browser, f"{NEW}/options", {})
    assert (answer.status_code, code_of(answer)) == (403, "passkey_code")


async def test_the_second_step_is_for_those_half_way_only(strict: Site) -> None:
    visitor, therapist = await strict.browser(), await strict.browser(NADIA)
    answer = await visitor.get("/auth/second-step?next=/today")
    assert answer.headers["location"] == "/auth/sign-in?next=%2Ftoday"
    answer = await therapist.get("/auth/second-step")
    assert answer.headers["location"] == "/today"


async def test_staff_go_all_the_way_from_a_code_to_the_second_step(strict: Site) -> None:
    administrator = await strict.browser(ADMIN)
    page = await administrator.post("/clinic/passkey-codes", {"colleague": NADIA.id.hex()})
    code = CODE.search(page.text)
    assert code is not None
    assert "The code for Nadia Behrens" in page.text
    assert code[1] not in (await administrator.get("/clinic/passkey-codes")).text
    device, browser = Authenticator(), await half_way(strict, NADIA)
    answer = await added(browser, device, code=code[1], next="/today")
    assert answer.json() == {"next": "/today"}
    browser.client.cookies.delete("sid", domain="")
    assert (await browser.get("/today")).status_code == 200

    again = await half_way(strict, NADIA)
    page = await again.get("/auth/second-step")
    assert "Use my passkey" in page.text
    assert (await proven(again, CONFIRM, device)).json() == {"next": "/today"}
    again.client.cookies.delete("sid", domain="")
    assert (await again.get("/today")).status_code == 200
    assert "only one" in (await again.get("/passkeys")).text


async def test_somebody_half_way_can_sign_out(strict: Site) -> None:
    browser = await half_way(strict, NADIA)
    before = browser.client.cookies["sid"]
    await browser.post("/auth/sign-out")
    other = await strict.browser()
    other.client.cookies.set("sid", before)
    answer = await other.get("/auth/second-step")
    assert answer.headers["location"].startswith("/auth/sign-in")


async def test_too_many_tries_get_a_pause(site: Site) -> None:
    browser = await site.browser()
    token = await browser.token()
    headers = {"Origin": ORIGIN, "X-CSRF-Token": token, "Accept": "application/json"}
    answers = [await browser.client.post(f"{SIGN_IN}/options", json={}, headers=headers) for _ in range(25)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429


async def test_only_the_pages_that_need_it_may_use_passkeys(site: Site) -> None:
    visitor, client = await site.browser(), await site.browser(ROSA)
    pages = [(visitor, "/auth/sign-in", True), (client, "/passkeys", True), (client, "/auth/step-up", True)]
    pages += [(client, "/appointments", False), (visitor, "/", False), (client, "/passkeys/x/name", False)]
    for browser, path, allowed in pages:
        policy = (await browser.get(path)).headers["permissions-policy"]
        for feature in ("publickey-credentials-get", "publickey-credentials-create"):
            assert f"{feature}=({'self' if allowed else ''})" in policy

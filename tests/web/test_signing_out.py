"""Signing out here and at the provider (OpenID Connect RP-Initiated Logout 1.0), and what comes back from there."""

from urllib.parse import parse_qs, urlsplit

import pytest

from telehealth.person import Person
from tests.people import ADMIN, DESK, NADIA, ROSA
from tests.web.browser import Browser
from tests.web.conftest import Site
from tests.web.dance import Dance, code_of
from tests.web.hostile_provider import CLIENT_ID, LEFT_OUT, HostileProvider


async def sign_out(dance: Dance, browser: Browser) -> dict[str, str]:
    """What the provider is asked for when this browser signs out."""
    answer = await browser.post("/auth/sign-out")
    assert answer.status_code == 303
    target = urlsplit(answer.headers["location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == f"{dance.provider.issuer}/end"
    return {name: values[0] for name, values in parse_qs(target.query).items()}


async def test_signing_out_goes_on_to_the_provider_and_comes_back(
    dance: Dance, provider: HostileProvider
) -> None:
    browser = await dance.come_in()
    cookie = browser.client.cookies["sid"]
    asked = await sign_out(dance, browser)
    assert asked["client_id"] == CLIENT_ID
    assert asked["post_logout_redirect_uri"] == "http://localhost:8000/signed-out"
    assert asked["id_token_hint"].count(".") == 2
    assert await dance.session_behind(cookie) is None  # before the provider is asked, not after
    page = await browser.get(f"/signed-out?state={asked['state']}")
    assert page.status_code == 200
    assert "Here and at the sign-in service." in page.text


@pytest.mark.parametrize("state", ["made-up", "", "ö", "x" * 500])
async def test_a_state_that_is_not_of_this_sign_out_is_refused(dance: Dance, state: str) -> None:
    browser = await dance.come_in()
    await sign_out(dance, browser)
    answer = await browser.client.get("/signed-out", params={"state": state})
    assert (answer.status_code, code_of(answer)) == (403, "logout_state")
    assert "Here and at the sign-in service." not in answer.text


async def test_a_state_is_good_once_and_in_its_own_browser(dance: Dance) -> None:
    browser, other = await dance.come_in(), await dance.site.browser()
    state = (await sign_out(dance, browser))["state"]
    assert (await other.get(f"/signed-out?state={state}")).status_code == 403
    assert (await browser.get(f"/signed-out?state={state}")).status_code == 200
    assert (await browser.get(f"/signed-out?state={state}")).status_code == 403


async def test_each_sign_out_has_a_state_of_its_own(dance: Dance) -> None:
    states = {(await sign_out(dance, await dance.come_in()))["state"] for _ in range(2)}
    assert len(states) == 2


async def test_without_a_state_nothing_is_claimed_of_the_provider(dance: Dance) -> None:
    browser = await dance.come_in()
    await sign_out(dance, browser)
    page = await browser.get("/signed-out")
    assert page.status_code == 200
    assert "You are signed out" in page.text
    assert "sign-in service" not in page.text


async def test_who_is_still_signed_in_is_not_told_otherwise(dance: Dance) -> None:
    browser = await dance.come_in()
    for path in ("/signed-out", "/signed-out?state=made-up"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/appointments")
    assert await dance.session_of(browser) is not None


async def test_who_is_half_in_is_led_to_the_second_step(dance: Dance, provider: HostileProvider) -> None:
    dance.know(roles={"therapists": "therapist"})
    provider.claims = {"groups": ["therapists"]}
    browser = await dance.come_in()
    assert (await browser.get("/signed-out")).headers["location"] == "/auth/second-step"
    assert "state" in await sign_out(dance, browser)
    assert await dance.session_of(browser) is None


async def test_signing_out_of_a_page_that_was_left_open_ends_it_everywhere(dance: Dance) -> None:
    browser = await dance.come_in()
    token = await browser.token()
    dance.site.clock.advance(minutes=16)
    answer = await browser.post("/auth/sign-out", token=token)
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (asked["client_id"], "id_token_hint" in asked) == ([CLIENT_ID], False)
    assert "sid" not in browser.client.cookies
    page = await browser.get(f"/signed-out?state={asked['state'][0]}")
    assert "Here and at the sign-in service." in page.text
    assert (await browser.post("/auth/sign-out")).headers["location"] == "/signed-out"  # nobody was here


@pytest.mark.parametrize("lie", [LEFT_OUT, "javascript:1"], ids=str)
async def test_a_provider_without_a_sign_out_of_its_own_is_left_alone(
    dance: Dance, provider: HostileProvider, lie: object
) -> None:
    browser = await dance.come_in()
    provider.metadata = {"end_session_endpoint": lie}
    dance.know()
    again = await dance.site.browser()
    again.client.cookies.set("sid", browser.client.cookies["sid"])
    answer = await again.post("/auth/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    assert await dance.session_of(browser) is None


async def test_signing_out_needs_no_provider_that_answers(site: Site) -> None:
    browser = await site.browser(ROSA)
    answer = await browser.post("/auth/sign-out")
    assert answer.headers["location"] == "/signed-out"
    assert "You are signed out" in (await browser.get("/signed-out")).text


@pytest.mark.parametrize(
    ("person", "pages"),
    [
        (
            ROSA,
            ("/", "/times", "/appointments", "/notices", "/profile", "/privacy", "/looks", "/nothing-here"),
        ),
        (NADIA, ("/today", "/emergency", "/passkeys")),
        (DESK, ("/desk", "/sessions")),
        (ADMIN, ("/clinic", "/clinic/people", "/audit")),
    ],
    ids=["client", "therapist", "front desk", "administrator"],
)
async def test_every_page_of_a_person_has_a_way_out(
    site: Site, person: Person, pages: tuple[str, ...]
) -> None:
    browser = await site.browser(person)
    for path in pages:
        assert 'action="/auth/sign-out"' in (await browser.get(path)).text, path
    assert 'action="/auth/sign-out"' not in (await (await site.browser()).get("/")).text

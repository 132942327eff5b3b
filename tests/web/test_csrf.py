"""No route that changes something does it for a page that is not ours: the whole table of routes is walked."""

import re
from collections.abc import Iterator
from typing import Final

import pytest
from starlette.routing import Route

from telehealth.person import Person
from tests.people import ADMIN, DESK, NADIA, ROSA
from tests.web.browser import ORIGIN, Browser
from tests.web.conftest import Site

# Who holds the token of nobody's page, and why that is meant.
WITHOUT_TOKEN: Final = {
    "/leave": "it must work from a page that was open for hours; its origin is checked, and it only ends things",
}
# The same where nobody is signed in any more; whoever is signed in needs the token.
WITHOUT_TOKEN_FOR_NOBODY: Final = {"/auth/sign-out": "the session it would end has ended by itself"}
# No browser of a person sends these, so there is neither a cookie nor an origin to look at.
FROM_MACHINES: Final = {
    "/auth/back-channel/{provider}": "a signed logout token from the provider decides",
    "/probe/tickets": "the secret of probes decides",
}
PART = re.compile(r"\{[a-z_]+\}")
SOMEBODY = "ab" * 16
FORGED: Final = {
    "no token": ({"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}, False),
    "a token of somebody else": ({"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}, None),
    "another origin": ({"Origin": "https://elsewhere.example"}, True),
    "an origin that hides itself": ({"Origin": "null"}, True),
    "another site": ({"Sec-Fetch-Site": "cross-site"}, True),
    "a neighbour of ours": ({"Sec-Fetch-Site": "same-site"}, True),
}


def posts(site: Site) -> Iterator[str]:
    """The path of every route that changes something, with an id that could be one."""
    for route in site.app.routes:
        if isinstance(route, Route) and (route.methods or set()) - {"GET", "HEAD"}:
            assert (route.methods or set()) <= {"GET", "HEAD", "POST"}, "another method needs the same checks"
            if route.path not in FROM_MACHINES:
                yield route.path


async def answer_of(browser: Browser, path: str, token: str, headers: dict[str, str]) -> tuple[int, str]:
    """Status and text of a POST, in the form and in the header that our scripts use."""
    asked = PART.sub(SOMEBODY, path)
    sent = {**headers, "X-CSRF-Token": token, "Accept": "application/json"}
    answer = await browser.client.post(asked, data={"csrf_token": token}, headers=sent)
    return answer.status_code, answer.text


@pytest.mark.parametrize("forgery", FORGED)
async def test_no_route_answers_a_forged_request(site: Site, forgery: str) -> None:
    headers, own_token = FORGED[forgery]
    refused_as_forged: set[str] = set()
    answered: list[str] = []
    for person in (None, ROSA, NADIA, DESK, ADMIN):
        browser = await site.browser(person)
        token = await browser.token() if own_token else "0" * 32
        if own_token is None:
            token = await (await site.browser(ROSA)).token()
        for path in posts(site):
            free = path in WITHOUT_TOKEN or (person is None and path in WITHOUT_TOKEN_FOR_NOBODY)
            if free and "oken" in forgery:
                continue
            status, text = await answer_of(browser, path, token, headers)
            if status == 403 and "csrf_" in text:
                refused_as_forged.add(path)
            elif status not in (401, 404):  # not signed in, or not theirs to see
                answered.append(f"{path}: {status} for {_name(person)}")
    assert not answered
    meant = {path for path in posts(site) if not (path in WITHOUT_TOKEN and "oken" in forgery)}
    assert meant == refused_as_forged, "each is refused for the forgery itself, for somebody at least"


def _name(person: Person | None) -> str:
    return "a visitor" if person is None else person.id.decode().strip(".")


@pytest.mark.parametrize("headers", [FORGED["another site"][0], FORGED["another origin"][0]], ids=str)
async def test_a_form_of_another_site_does_not_replace_what_a_browser_is_known_by(
    site: Site, headers: dict[str, str]
) -> None:
    """It comes without our cookies (SameSite), so the answer would give a new one, and every open page would fail."""
    browser = await site.browser()
    answer = await browser.client.post("/zone", data={"zone": "Europe/Lisbon"}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "visit=" in (await browser.get("/", **headers)).headers["set-cookie"]  # a link leads here as ever

"""Staff who have proved one factor of two are nobody yet: every route answers them as it answers a visitor."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.routing import Route

from telehealth.person import Person
from tests.people import ADMIN, DESK, NADIA
from tests.web.browser import ORIGIN, Browser
from tests.web.conftest import Site
from tests.web.test_passkeys import half_way, strict

__all__ = ["strict"]

PART = re.compile(r"\{[a-z_]+\}")
SOMEBODY: Final = "ab" * 16
# What the second step itself needs, and what says how long there is left for it.
MEANT: Final = {
    "GET /auth/second-step",
    "GET /auth/step-up",
    "POST /auth/step-up",
    "POST /auth/passkey/confirmation/options",
    "POST /auth/passkey/confirmation",
    "POST /auth/passkey/new/options",
    "POST /auth/passkey/new",
    "GET /session",
    "POST /session/stay",
    "GET /signed-out",
    # These end it.
    "POST /auth/sign-out",
    "POST /leave",
}


def routes(site: Site) -> Iterator[str]:
    for route in site.app.routes:
        if isinstance(route, Route):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield f"{method} {route.path}"


async def answer_to(browser: Browser, route: str) -> tuple[int, str, str]:
    """Status, where it leads, and the code of the refusal; with our own page's token."""
    method, path = PART.sub(SOMEBODY, route).split(" ")
    if method == "GET":
        answer = await browser.get(path, Accept="text/html")
        return answer.status_code, _leads(answer), ""
    token = await browser.token()
    headers = {"Accept": "application/json", "Origin": ORIGIN, "X-CSRF-Token": token}
    answer = await browser.client.post(path, data={"csrf_token": token}, headers=headers)
    said = answer.headers.get("content-type", "").startswith("application/json")  # else a page with its form
    found = answer.json().get("error") if answer.status_code >= 400 and said else {}
    return answer.status_code, _leads(answer), found["code"] if isinstance(found, dict) and found else ""


def _leads(answer: httpx2.Response) -> str:
    return urlsplit(answer.headers.get("location", "")).path


@pytest.mark.parametrize("person", [NADIA, DESK, ADMIN], ids=lambda person: person.role)
async def test_half_a_sign_in_is_answered_as_a_visitor_is(strict: Site, person: Person) -> None:
    visitor = await strict.browser()
    walked = [route for route in routes(strict) if route not in MEANT and "back-channel" not in route]
    assert len(walked) > 50
    wrong = []
    for route in walked:
        browser = await half_way(strict, person)
        expected, answered = await answer_to(visitor, route), await answer_to(browser, route)
        if answered != expected:
            wrong.append(f"{route}: {answered}, a visitor: {expected}")
    assert not wrong, "\n".join(wrong)


async def test_no_page_shown_half_way_says_who_it_is(strict: Site) -> None:
    browser = await half_way(strict, DESK)
    for path in ("/", "/times", "/auth/second-step", "/auth/sign-in", "/session/ended"):
        page = (await browser.get(path)).text
        assert "Dora" not in page, path
        assert DESK.id.hex() not in page, path
        assert 'href="/desk"' not in page, path

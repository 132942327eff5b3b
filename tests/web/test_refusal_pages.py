"""The page of a refusal: a heading that is true of it, what to do next, the number of the request, nothing else."""

import re
from html import escape, unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from telehealth.people.rules import STEP_UP
from telehealth.person import Person
from telehealth.web import csrf
from telehealth.web.written import SENTENCES
from tests.people import ADMIN, NADIA, ROSA
from tests.web.browser import ORIGIN, Browser
from tests.web.conftest import Site
from tests.web.dance import REFERENCE

FORM = "application/x-www-form-urlencoded"
NOBODYS = "00" * 16
BOOKING = {"choice": f"{NOBODYS} {NOBODYS} 2026-11-24T10:00:00+01:00", "name": "N", "key": "k" * 32}


async def sent(browser: Browser, path: str, **options: str) -> httpx2.Response:
    fields = {"word": "erase", "zone": "Europe/Berlin", **BOOKING}
    return await browser.post(path, fields, **options)


@pytest.mark.parametrize(
    ("person", "path", "options", "status", "code", "heading"),
    [
        (ROSA, "/zone", {"token": "0" * 32}, 403, "csrf_token", "Please load the page again"),
        (None, "/zone", {"Origin": "https://x.example"}, 403, "csrf_origin", "This was not sent from here"),
        (NADIA, "/appointments", {}, 403, "not_a_client", "This is for clients"),
        (NADIA, "/privacy/erasure", {}, 403, "staff_erased_by_administrator", "An administrator does this"),
        (ADMIN, f"/clinic/people/{ADMIN.id.hex()}/closing", {}, 409, "own_account", "Not your own account"),
        (None, "/profile", {}, 401, "sign_in_needed", "Please sign in"),
        (ROSA, f"/appointments/{NOBODYS}/cancellation", {}, 404, "appointment_not_found", "Nothing here"),
    ],
)
async def test_a_refusal_says_what_is_so_and_what_to_do_next(
    site: Site,
    person: Person | None,
    path: str,
    options: dict[str, str],
    status: int,
    code: str,
    heading: str,
) -> None:
    answer = await sent(await site.browser(person), path, **options)
    assert answer.status_code == status, answer.text
    reference = REFERENCE.search(answer.text)
    assert reference is not None
    assert reference[1] == code
    assert f"<h1>{heading}</h1>" in answer.text
    assert re.search(r'class="lead">[^<]{20,}\.</p>', answer.text), "a whole sentence"
    assert 'class="button button-primary" href="/' in answer.text, "a way on"
    main = answer.text.split("<main")[1].split("</main")[0]
    assert NOBODYS not in main
    assert "Traceback" not in main


async def test_a_script_gets_the_same_in_its_own_form(site: Site) -> None:
    browser = await site.browser(ROSA)
    answer = await sent(browser, "/zone", token="0" * 32, Accept="application/json")
    error = answer.json()["error"]
    assert set(error) == {"code", "text", "request_id"}
    assert error["code"] == "csrf_token"


async def test_the_way_through_the_sign_in_comes_back_to_this_very_page(site: Site) -> None:
    browser = await site.browser()
    for path in ("/appointments", f"/appointments/{'ab' * 16}", "/appointments/a%26next=x%23y"):
        answer = await browser.get(path)
        way = urlsplit(answer.headers["location"])
        assert (answer.status_code, way.path, way.netloc) == (303, "/auth/sign-in", "")
        assert list(parse_qs(way.query)) == ["next"], "one value, whatever stands in the address"
        assert len(parse_qs(way.query)["next"]) == 1
        assert way.fragment == ""


async def test_a_refused_form_comes_back_to_its_page_after_the_proof(site: Site) -> None:
    """Whoever confirms an emergency must not have to look for the request again."""
    page, act = f"/emergency/{NOBODYS}", f"/emergency/{NOBODYS}/confirmation"
    browser = await site.browser(ADMIN)
    site.clock.advance(STEP_UP)
    answer = await sent(browser, act, Referer=f"{ORIGIN}{page}")
    assert (answer.status_code, way_of(answer, "Confirm that it is me")) == (403, ("/auth/step-up", page))
    elsewhere = await sent(browser, act, Referer="https://x.example/notices")
    assert way_of(elsewhere, "Confirm that it is me") == ("/auth/step-up", None)
    signed_out = await sent(await site.browser(), "/profile", Referer=f"{ORIGIN}{page}")
    assert (signed_out.status_code, way_of(signed_out, "Sign in")) == (401, ("/auth/sign-in", page))


def way_of(answer: httpx2.Response, words: str) -> tuple[str, str | None]:
    """Path and `next` of the first thing to do."""
    found = re.search(rf'class="button button-primary" href="([^"]+)">{words}<', answer.text)
    assert found is not None, answer.text
    way = urlsplit(unescape(found[1]))
    return way.path, next(iter(parse_qs(way.query).get("next", [])), None)


async def test_a_wrong_method_is_told_the_right_one(site: Site) -> None:
    browser = await site.browser()
    answer = await browser.client.post("/times", headers={"Origin": ORIGIN})
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert "<h1>Not in this way</h1>" in answer.text


async def test_only_a_page_that_was_open_for_too_long_is_to_be_loaded_again(site: Site) -> None:
    browser, before = await site.browser(NADIA), f"{ORIGIN}/privacy"
    forged = await sent(browser, "/privacy/erasure", token="0" * 32, Referer=before)
    refused = await sent(browser, "/privacy/erasure", Referer=before)
    assert 'href="/privacy">Load the page again</a>' in forged.text
    assert 'href="/privacy">Back to where you were</a>' in refused.text
    assert "Load the page again" not in refused.text


WROTE = "It began <when> & I am shy"


@pytest.mark.parametrize(
    ("person", "path", "options", "shown"),
    [
        (ROSA, "/appointments", {"token": "0" * 32}, True),  # read, and from a page that is too old
        (None, "/profile", {}, True),  # nobody had read it
        (ROSA, f"/appointments/{NOBODYS}/cancellation", {}, True),
        (ROSA, "/appointments", {"Sec-Fetch-Site": "cross-site"}, False),
        (ROSA, "/appointments", {"token": "0" * 32, "Sec-Fetch-Site": "none"}, False),
    ],
)
async def test_what_somebody_wrote_is_shown_again_to_who_wrote_it(
    site: Site, person: Person | None, path: str, options: dict[str, str], shown: bool
) -> None:
    answer = await (await site.browser(person)).post(path, {**BOOKING, "reason": WROTE}, **options)
    assert answer.status_code in (401, 403, 404)
    assert re.findall(r"<textarea[^>]* readonly[^>]*>([^<]*)<", answer.text) == shown * [escape(WROTE)]


async def test_a_page_of_elsewhere_is_not_called_too_old(site: Site) -> None:
    answer = await sent(await site.browser(ROSA), "/zone", Origin="https://x.example")
    assert (csrf.FROM_ELSEWHERE in answer.text, csrf.TOO_OLD in answer.text) == (True, False)


async def test_what_did_not_arrive_whole_is_refused_without_it(site: Site) -> None:
    browser = await site.browser(ROSA)
    twice = [("reason", WROTE), ("reason", WROTE)]
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "Content-Type": FORM}
    answer = await browser.client.post("/appointments", content=urlencode(twice), headers=headers)
    assert (answer.status_code, "readonly" in answer.text) == (422, False)


def test_every_field_for_sentences_is_known() -> None:
    texts = "".join(file.read_text() for file in Path("frontend/templates").rglob("*.html"))
    named = set(re.findall(r'<textarea[^>]* name="(\w+)"', texts))
    assert named | set(re.findall(r'fields\.words\(values, errors, "(\w+)"', texts)) == SENTENCES

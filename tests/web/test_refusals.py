"""Bad input: a clear refusal with a stable code, what was typed kept, nothing half done."""

import re

import pytest

from telehealth.appointments.rules import HELD_FOR
from tests.people import DESK, MIKA, NADIA, OMAR, ROSA, STRANGER
from tests.web.booking import book, booked, booking_form, choices, held
from tests.web.browser import ORIGIN
from tests.web.conftest import Site

UNKNOWN = "0" * 32


async def test_a_booking_goes_all_the_way(site: Site) -> None:
    browser, path = await booked(site, ROSA, reason="Words are missing between us.")
    page = await browser.get(path)
    assert page.status_code == 200
    assert "Nadia Behrens" in page.text or "Omar Fassbinder" in page.text


async def test_a_malformed_form_is_refused(site: Site) -> None:
    browser = await site.browser(ROSA)
    for fields in ({}, {"choice": "x"}, {"choice": "a b c"}, {"choice": f"{UNKNOWN} {UNKNOWN} yesterday"}):
        answer = await browser.post("/holds", fields)
        assert answer.status_code in (404, 422)
    answer = await browser.client.post(
        "/holds", content=b"{}", headers={"Content-Type": "application/json", "Origin": ORIGIN}
    )
    assert answer.status_code == 422
    assert "malformed_form" in answer.text


async def test_a_form_without_our_token_is_refused(site: Site) -> None:
    browser = await site.browser(ROSA)
    answer = await browser.post("/profile", {"name": "Mallory"}, token="0" * 32)
    assert answer.status_code == 403
    assert "csrf_token" in answer.text


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_a_form_from_another_site_is_refused(site: Site, headers: dict[str, str]) -> None:
    browser = await site.browser(ROSA)
    answer = await browser.post("/profile", {"name": "Mallory"}, **headers)
    assert answer.status_code == 403
    assert "csrf_origin" in answer.text


@pytest.mark.parametrize(
    ("before", "way"),
    [
        (f"{ORIGIN}/profile", "/profile"),
        (f"{ORIGIN}/times?service=couple", "/times?service=couple"),
        (f"{ORIGIN}//elsewhere.example", "/"),
        (f"{ORIGIN}.elsewhere.example/profile", None),
        ("https://elsewhere.example/profile", None),
        ("", None),
    ],
)
async def test_a_refused_form_leads_back_to_its_page_where_that_is_ours(
    site: Site, before: str, way: str | None
) -> None:
    browser = await site.browser(ROSA)
    answer = await browser.post("/profile", {"name": "Mallory"}, token="0" * 32, Referer=before)
    assert answer.status_code == 403
    led = re.search(r'href="([^"]*)">Load the page again</a>', answer.text)
    assert (led and led[1]) == way
    assert "elsewhere" not in answer.text


async def test_who_is_not_signed_in_any_more_is_led_to_the_sign_in_first(site: Site) -> None:
    answer = await (await site.browser()).post("/privacy/export", Referer=f"{ORIGIN}/privacy")
    assert answer.status_code == 401
    first = re.search(r'class="button button-primary" href="([^"]*)"', answer.text)
    assert first is not None
    assert first[1] == "/auth/sign-in?next=/privacy"


async def test_an_unknown_id_is_not_found(site: Site) -> None:
    browser = await site.browser(ROSA)
    for path in (f"/appointments/{UNKNOWN}", f"/holds/{UNKNOWN}", "/appointments/xyz", "/nothing"):
        assert (await browser.get(path)).status_code == 404


async def test_a_body_over_the_limit_is_refused(site: Site) -> None:
    browser = await site.browser(ROSA)
    answer = await browser.post("/profile", {"name": "x" * 70_000})
    assert answer.status_code == 413


async def test_a_reason_that_is_too_long_keeps_what_was_typed(site: Site) -> None:
    browser = await site.browser(ROSA)
    reason = "word " * 500
    answer = await book(browser, await held(browser), reason=reason)
    assert answer.status_code == 422
    assert reason.strip() in answer.text


async def test_an_expired_hold_says_so_and_offers_the_time_again(site: Site) -> None:
    browser = await site.browser(ROSA)
    form = await booking_form(browser, await held(browser))
    site.clock.advance(HELD_FOR)
    answer = await browser.post("/appointments", {**form, "reason": "Keep these words"})
    assert answer.status_code == 409
    assert "has run out" in answer.text
    assert "Keep these words" in answer.text
    assert form["choice"].split("T")[0] in answer.text


async def test_a_second_booking_of_the_same_time_is_refused_with_other_times(site: Site) -> None:
    first, second = await site.browser(ROSA), await site.browser(MIKA)
    choice = (await choices(first))[0]
    await book(first, await held(first, choice))
    answer = await second.post("/holds", {"choice": choice})
    assert answer.status_code == 409
    assert "taken" in answer.text
    assert 'name="choice"' in answer.text


async def test_a_time_that_is_not_shown_cannot_be_booked(site: Site) -> None:
    browser = await site.browser(ROSA)
    service, therapist, _ = (await choices(browser))[0].split(" ")
    for start in ("2020-01-01T09:00:00+00:00", "2026-11-24T09:07:00+00:00", "2026-11-24T23:00:00+00:00"):
        answer = await browser.post("/holds", {"choice": f"{service} {therapist} {start}"})
        assert answer.status_code == 422
        assert "not_offered" in answer.text


async def test_sending_a_booking_twice_books_once(site: Site) -> None:
    browser = await site.browser(ROSA)
    form = await booking_form(browser, await held(browser))
    first = await browser.post("/appointments", form)
    second = await browser.post("/appointments", form)
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]


async def test_nobody_else_sees_an_appointment(site: Site) -> None:
    _, path = await booked(site, ROSA)
    for person in (STRANGER, MIKA):
        other = await site.browser(person)
        for page in (path, f"{path}/room"):
            assert (await other.get(page)).status_code == 404
        assert (await other.post(f"{path}/cancellation", {"key": "k" * 32})).status_code == 404
        answer = await other.client.post(
            f"{path}/tickets", headers={"X-CSRF-Token": await other.token(), "Origin": ORIGIN}
        )
        assert answer.status_code == 404


async def test_the_front_desk_reads_names_and_never_the_reason(site: Site) -> None:
    await booked(site, ROSA, reason="A private matter")
    desk = await site.browser(DESK)
    page = await desk.get("/desk?day=2026-11-24")
    assert "Rosa Example-Lindqvist" in page.text
    assert "A private matter" not in page.text


async def test_pages_of_one_role_are_not_found_for_another(site: Site) -> None:
    client, therapist = await site.browser(ROSA), await site.browser(NADIA)
    for path in ("/today", "/desk", "/clinic"):
        assert (await client.get(path)).status_code == 404
    assert (await therapist.get("/desk")).status_code == 404
    assert (await therapist.get("/today")).status_code == 200


async def test_another_therapist_does_not_see_the_appointment(site: Site) -> None:
    _, path = await booked(site, ROSA)
    seen = [(await (await site.browser(person)).get(path)).status_code for person in (NADIA, OMAR)]
    assert sorted(seen) == [200, 404]


async def test_a_room_is_closed_before_its_time(site: Site) -> None:
    browser, path = await booked(site, ROSA)
    page = await browser.get(f"{path}/room")
    assert page.status_code == 200
    assert "The room opens at" in page.text
    answer = await browser.client.post(
        f"{path}/tickets",
        headers={"X-CSRF-Token": await browser.token(), "Origin": ORIGIN, "Accept": "application/json"},
    )
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "room_early"


async def test_somebody_who_is_signed_out_is_led_to_sign_in(site: Site) -> None:
    browser = await site.browser()
    answer = await browser.get("/appointments")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/auth/sign-in?next=/appointments"


async def test_an_idle_session_ends(site: Site) -> None:
    browser = await site.browser(ROSA)
    assert (await browser.get("/appointments")).status_code == 200
    site.clock.advance(minutes=15)
    assert (await browser.get("/appointments")).status_code == 303


async def test_a_callback_that_nobody_asked_for_is_refused(site: Site) -> None:
    browser = await site.browser()
    answer = await browser.get("/auth/callback/practice?code=x&state=y")
    assert answer.status_code == 403
    assert "login_state" in answer.text


async def test_the_way_back_never_leads_to_another_site(site: Site) -> None:
    browser = await site.browser()
    for bad in ("//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example"):
        page = await browser.get(f"/auth/sign-in?next={bad}")
        assert "elsewhere" not in page.text


async def test_too_many_requests_get_a_pause(site: Site) -> None:
    browser = await site.browser()
    codes = [(await browser.post("/auth/sign-in", {"provider": "none"})).status_code for _ in range(25)]
    assert codes[-1] == 429


async def test_every_answer_carries_the_headers_and_is_kept_nowhere(site: Site) -> None:
    browser = await site.browser(ROSA)
    for path in ("/", "/appointments", "/nothing", f"/appointments/{UNKNOWN}/room"):
        answer = await browser.get(path)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "unsafe" not in answer.headers["content-security-policy"]

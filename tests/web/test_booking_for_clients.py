"""Staff find a client and book for them by pages alone; a series is shown before it is booked."""

import re
from datetime import timedelta

from telehealth.appointments import acts
from tests.people import DESK, NADIA, ROSA, STRANGER
from tests.unit.appointments.scene import TEN, Browser, book
from tests.web.conftest import Site

CHOICE = re.compile(r'name="choice" value="([^"]+)"')
KEY = re.compile(r'name="key" value="([^"]+)"')
REASON = "Words of Rosa's own"
ROSAS = f"/clients/{ROSA.id.hex()}"
WEEK = f"{ROSAS}/booking?service=individual&therapist=nadia-behrens&from=2026-11-24"


def choices(shown: str) -> list[str]:
    return [each.replace("&#43;", "+") for each in CHOICE.findall(shown)]


async def test_the_desk_finds_somebody_and_no_name_stands_in_an_address(site: Site) -> None:
    made = await book(site.office, ROSA, TEN, reason=REASON)
    browser = await site.browser(DESK)
    refused = await browser.post("/clients", {"name": "r"})
    assert refused.status_code == 422
    assert "at least 2 letters" in refused.text
    assert 'value="r"' in refused.text
    nobody = await browser.post("/clients", {"name": "Nobody of the kind"})
    assert "Nobody of this name" in nobody.text
    shown = (await browser.post("/clients", {"name": "lindq"})).text
    assert f'href="{ROSAS}"' in shown
    assert "5,000" in shown
    card = (await browser.get(ROSAS)).text
    assert f"/appointments/{made.id.hex()}/time" in card
    assert f"/appointments/{made.id.hex()}/cancellation" in card
    assert REASON not in card


async def test_the_desk_books_an_open_time_once_though_it_is_sent_twice(site: Site) -> None:
    browser = await site.browser(DESK)
    shown = (await browser.get(WEEK)).text
    key = KEY.search(shown)
    assert key is not None
    form = {"choice": choices(shown)[0], "every": "0", "key": key[1], "message": "See you soon."}
    for _ in range(2):
        answer = await browser.post(WEEK, form)
        assert answer.headers["location"] == f"{ROSAS}?booked=1&of=1"
    assert len(await acts.mine(site.office, ROSA)) == 1
    again = await browser.post(WEEK, {**form, "key": "k" * 32})
    assert again.status_code == 409
    assert "The client has something else then." in again.text
    assert "See you soon.</textarea>" in again.text


async def test_outside_the_hours_needs_that_the_therapist_agrees(site: Site) -> None:
    browser = await site.browser(DESK)
    form = {
        "day": "2026-11-29",
        "at": "20:15",
        "every": "0",
        "service_id": b"service-single..".hex(),
        "therapist_id": NADIA.id.hex(),
        "key": "o" * 32,
    }
    refused = await browser.post(WEEK, form)
    assert refused.status_code == 409
    assert "It is outside the hours." in refused.text
    assert 'value="20:15"' in refused.text
    assert (await browser.post(WEEK, {**form, "agreed": "1"})).status_code == 303
    assert (await acts.mine(site.office, ROSA))[0].starts_at.isoformat() == "2026-11-29T19:15:00+00:00"
    assert (await browser.post(WEEK, {**form, "at": "late"})).status_code == 422
    assert (await browser.post(WEEK, {"key": "p" * 32})).status_code == 422


async def test_a_series_shows_what_clashes_and_books_what_is_free(site: Site) -> None:
    await book(site.office, ROSA, TEN)
    taken = TEN + timedelta(weeks=2)
    await book(site.office, STRANGER, taken, name="Sam", browser=Browser("sams"))
    browser = await site.browser(NADIA)
    start = TEN + timedelta(weeks=1)
    choice = f"{b'service-single..'.hex()} {NADIA.id.hex()} {start.isoformat()}"
    form = {"choice": choice, "every": "1", "times": "4", "key": "s" * 32, "message": "As we said."}
    planned = await browser.post(WEEK, form)
    assert planned.status_code == 200
    assert "3 of 4 can be booked" in planned.text
    assert "Nadia Behrens is not free" in planned.text
    assert "As we said." in planned.text
    assert len(await acts.mine(site.office, ROSA)) == 1
    answer = await browser.post(WEEK, {**form, "sure": "1"})
    assert answer.headers["location"] == f"{ROSAS}?booked=3&of=4"
    assert "3 of 4 are booked." in (await browser.get(answer.headers["location"])).text
    starts = [each.starts_at for each in await acts.mine(site.office, ROSA)]
    assert starts == [TEN, *(TEN + timedelta(weeks=week) for week in (1, 3, 4))]
    alone = await browser.post(WEEK, {**form, "times": "1", "key": "t" * 32})
    assert alone.status_code == 422
    assert "2 to 26" in alone.text


async def test_the_desk_moves_an_appointment_outside_the_hours_when_the_therapist_agrees(site: Site) -> None:
    made = await book(site.office, ROSA, TEN)
    browser = await site.browser(DESK)
    path = f"/appointments/{made.id.hex()}/time"
    assert "The therapist agrees" in (await browser.get(path)).text
    form = {"day": "2026-11-29", "at": "20:15", "message": "Sunday, as you asked.", "key": "m" * 32}
    refused = await browser.post(path, form)
    assert refused.status_code == 422
    assert "It is outside the hours." in refused.text
    assert 'value="20:15"' in refused.text
    assert "Sunday, as you asked.</textarea>" in refused.text
    assert (await browser.post(path, {**form, "agreed": "1"})).status_code == 303
    assert (await acts.mine(site.office, ROSA))[0].starts_at.isoformat() == "2026-11-29T19:15:00+00:00"
    of_rosa = await site.browser(ROSA)
    assert "The therapist agrees" not in (await of_rosa.get(path)).text
    answer = await of_rosa.post(path, {**form, "agreed": "1", "at": "21:15", "key": "n" * 32})
    assert answer.status_code == 422

"""The pages of a therapist's hours: a week that is read, plain forms, and what would lie outside, shown before."""

import re

import pytest

from telehealth.appointments.models import appointments
from telehealth.availability.rules import Weekly
from tests.people import DESK, NADIA, OMAR, ROSA
from tests.unit.appointments.scene import book
from tests.web.browser import Browser, hidden_fields
from tests.web.conftest import Site
from tests.web.hours import FREE_DAYS, KEY, OPEN_MONDAY, nadias

VACATION = FREE_DAYS | {"day": "2026-11-23", "last_day": "2026-11-29", "week": "2026-11-23"}
SHOWN = re.compile(r'name="shown" value="([^"]*)"')


async def seen(browser: Browser, path: str = "/hours") -> str:
    """The page, white space folded."""
    answer = await browser.get(path)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


async def test_the_week_shows_hours_the_day_off_and_who_is_booked_when(site: Site) -> None:
    made = await book(site.office)
    page = await seen(await site.browser(NADIA))
    assert "23 to 29 November" in page
    assert "Your hours in Berlin time" in page
    assert page.count('grid-weekly from-h9 from-m0 to-h13 to-m0"') == 5
    assert 'class="grid-block grid-off from-h0 from-m0 to-h24 to-m0"' in page
    booked = f'class="grid-booked from-h10 from-m0 to-h10 to-m50" href="/appointments/{made.id.hex()}"'
    assert booked in page
    assert "Rosa Example-Lindqvist" in page
    assert "grid-now from-h9 from-m0" in page
    assert "first-h8 last-h18" in page


async def test_another_week_has_neither_today_nor_that_appointment(site: Site) -> None:
    await book(site.office)
    page = await seen(await site.browser(NADIA), "/hours?week=2026-12-02")
    assert "30 November to 6 December" in page
    assert "Rosa" not in page
    assert "grid-now" not in page
    assert "23 to 29 November" in await seen(await site.browser(NADIA), "/hours?week=nonsense")


async def test_hours_are_added_by_a_plain_form_and_the_answer_leads_back_to_the_week(site: Site) -> None:
    browser = await site.browser(NADIA)
    answer = await browser.post("/hours/weekly", OPEN_MONDAY | {"week": "2026-11-30"})
    assert answer.headers["location"] == "/hours?week=2026-11-30&done=saved"
    assert Weekly(0, 840, 900) in (await nadias(site)).plan.weekly.values()
    assert "Your hours are saved." in await seen(browser, answer.headers["location"])
    drawn = await browser.post(
        "/hours/weekly", OPEN_MONDAY | {"weekday": "5", "at": "5-840", "key": "k" * 32}
    )
    assert drawn.headers["location"] == "/hours?done=saved&at=5-840"


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        ("/hours/weekly", OPEN_MONDAY | {"end": "13:59"}, "Hours end after they begin"),
        ("/hours/days", FREE_DAYS | {"last_day": "2026-01-01"}, "The last day is not before the first"),
        (
            "/hours/days",
            {"kind": "extra", "day": "2027-01-02", "start": "9", "end": "12:00"},
            "such as 09:30",
        ),
        ("/hours/workload", {"break_minutes": "999"}, "from 0 to 240"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(
    site: Site, path: str, fields: dict[str, str], words: str
) -> None:
    answer = await (await site.browser(NADIA)).post(path, {"key": KEY, **fields})
    assert answer.status_code == 422
    assert answer.text.count(words) == 2  # above, and at the field
    assert 'aria-invalid="true"' in answer.text
    for value in set(fields.values()) - {"off", "extra", KEY}:
        assert f'value="{value}"' in answer.text


async def test_the_same_time_off_twice_is_refused_in_words(site: Site) -> None:
    browser = await site.browser(NADIA)
    await browser.post("/hours/days", FREE_DAYS)
    answer = await browser.post("/hours/days", FREE_DAYS | {"key": "k" * 32})
    assert answer.status_code == 422
    assert "The same is in your list already" in answer.text


@pytest.mark.parametrize(
    ("choice", "done", "stands"), [("keep", "kept", "Stays"), ("offer", "offered", "Asked")]
)
async def test_appointments_outside_are_shown_before_and_the_choice_is_done(
    site: Site, choice: str, done: str, stands: str
) -> None:
    await book(site.office)
    browser = await site.browser(NADIA)
    asked = await browser.post("/hours/days", VACATION)
    assert asked.status_code == 409
    assert "One appointment would lie outside your hours" in asked.text
    assert "Nothing is saved yet" in asked.text
    assert "Rosa Example-Lindqvist" in asked.text
    assert len((await nadias(site)).plan.dated) == 1
    fields = hidden_fields(asked.text[asked.text.index("hours-choice") :])
    answer = await browser.post("/hours/days", {**fields, "choice": choice}, token=fields.pop("csrf_token"))
    assert answer.headers["location"] == f"/hours?week=2026-11-23&done={done}"
    page = await seen(browser, answer.headers["location"])
    outside = page[page.index("Booked outside your hours") :]
    assert "Rosa Example-Lindqvist" in outside
    assert stands in outside
    told = (await (await site.browser(ROSA)).get("/notices")).text
    assert ("Would another time suit you?" in told) == (choice == "offer")


async def test_a_booking_made_after_the_question_is_asked_about_anew(site: Site) -> None:
    browser = await site.browser(NADIA)
    made = await book(site.office)
    asked = await browser.post("/hours/days", VACATION | {"choice": "keep", "shown": ""})
    assert asked.status_code == 409
    found = SHOWN.search(asked.text)
    assert found is not None
    assert found[1] == made.id.hex()


async def test_what_new_clock_rules_clash_with_stands_above_the_week_and_above_the_day(site: Site) -> None:
    made = await book(site.office)
    async with site.office.database.transaction() as connection:
        clash = {"local_start": "2026-11-24T11:00", "clash_at": site.clock()}
        await connection.execute(appointments.update().values(**clash))
    browser = await site.browser(NADIA)
    for path in ("/hours", "/today"):
        page = await seen(browser, path)
        notice = page[page.index("These need another time") :]
        assert "Nothing has been moved." in notice
        assert f'<a href="/appointments/{made.id.hex()}">Tuesday 24 November,' in notice
    assert "These need another time" not in await seen(await site.browser(OMAR))


async def test_nobody_else_finds_the_page(site: Site) -> None:
    for person in (ROSA, DESK):
        assert (await (await site.browser(person)).get("/hours")).status_code == 404

"""What cannot be: each is refused in a sentence that helps, what was typed stays, and nothing has changed.

Calendars of others that are too large, endless or never end: `tests/unit/calendars`.
"""

import re
from datetime import datetime

import httpx2
import pytest

from telehealth.appointments import acts as appointments
from telehealth.person import Person
from tests.people import DESK, MIKA, NADIA, ROSA, SINGLE, STRANGER
from tests.unit.appointments.scene import book, new_key
from tests.unit.couples.scene import book_for_two, invited
from tests.web.browser import Browser
from tests.web.conftest import Site
from tests.web.walking import differing, state

PAST, GAP = {"day": "2026-11-20", "at": "09:00"}, {"day": "2027-03-28", "at": "02:30"}
OWN = {"agreed": "1", "every": "0", "times": "1", "message": "Planted words"}
NO_SUCH_HOUR = "02:30 does not exist. Please choose another hour, such as 03:30."
GONE = "This does not lead to an appointment any more"


async def refused(
    site: Site, browser: Browser, path: str, form: dict[str, str], status: int, said: str
) -> httpx2.Response:
    """The answer to a form that changes nothing."""
    token, before = await browser.token(), await state(site)
    answer = await browser.post(path, form, token=token)
    assert (answer.status_code, said in answer.text) == (status, True), answer.text
    assert differing(before, await state(site)) == []
    return answer


def keeps(answer: httpx2.Response, **typed: str) -> bool:
    return all(re.search(rf'value="{text}"|>{text}</textarea>', answer.text) for text in typed.values())


@pytest.mark.parametrize(
    ("typed", "status", "said"), [(PAST, 409, "It is past, or farther ahead"), (GAP, 422, NO_SUCH_HOUR)]
)
async def test_a_past_time_and_an_hour_that_does_not_exist_are_neither_booked_nor_moved_to(
    site: Site, typed: dict[str, str], status: int, said: str
) -> None:
    made = await book(site.office)
    browser = await site.browser(DESK)
    own = {**OWN, "service_id": SINGLE.id.hex(), "therapist_id": NADIA.id.hex(), **typed}
    moving, booking = f"/appointments/{made.id.hex()}/time", f"/clients/{ROSA.id.hex()}/booking"
    for path, answered in ((moving, 422), (booking, status)):
        answer = await refused(site, browser, path, own, answered, said)
        assert keeps(answer, **typed, message="Planted words"), path


async def test_a_client_cannot_choose_a_past_time(site: Site) -> None:
    made = await book(site.office)
    browser = await site.browser(ROSA)
    past = datetime.fromisoformat("2020-01-01T09:00:00+00:00").isoformat()
    said = "This time is not open for booking"
    await refused(site, browser, f"/appointments/{made.id.hex()}/time", {"start": past}, 422, said)
    choice = {"choice": f"{SINGLE.id.hex()} {NADIA.id.hex()} {past}"}
    await refused(site, browser, "/holds", choice, 422, said)


async def test_hours_over_others_of_other_dates_are_refused_and_stay_typed(site: Site) -> None:
    browser = await site.browser(NADIA)
    typed = {"weekday": "1", "start": "10:00", "end": "15:00", "valid_from": "2027-01-05"}
    answer = await refused(site, browser, "/hours/weekly", typed, 422, "from 09:00 to 13:00")
    assert keeps(answer, start="10:00", end="15:00", valid_from="2027-01-05")


async def holding(site: Site, person: Person, token: str) -> Browser:
    """Somebody's browser that has opened a link."""
    browser = await site.browser(person)
    assert (await browser.get(f"/i/{token}")).status_code == 303
    return browser


async def test_a_link_that_was_used_leads_nowhere(site: Site) -> None:
    made = await book_for_two(site.office)
    link = await invited(site.office, made.id)
    first, second = [await holding(site, person, link.token) for person in (MIKA, STRANGER)]
    path, form = f"/appointments/{made.id.hex()}/joining", {"agrees": "1", "name": "Sam"}
    assert (await first.post(path, form)).status_code == 303
    await refused(site, second, path, form, 404, GONE)
    assert GONE in (await second.get("/invitation")).text


async def test_nobody_joins_their_own_appointment(site: Site) -> None:
    made = await book_for_two(site.office)
    browser = await holding(site, ROSA, (await invited(site.office, made.id)).token)
    assert "This is your own link" in (await browser.get("/invitation")).text
    path = f"/appointments/{made.id.hex()}/joining"
    await refused(site, browser, path, {"agrees": "1"}, 409, "You take part in this appointment already")


async def test_what_was_cancelled_leads_nowhere_and_says_so(site: Site) -> None:
    """The link to a partner, the page of the appointment, and all that could be done there."""
    made = await book_for_two(site.office)
    link = await invited(site.office, made.id)
    await appointments.cancel(site.office, ROSA, made.id, new_key())
    at, rosa = f"/appointments/{made.id.hex()}", await site.browser(ROSA)
    partner = await holding(site, MIKA, link.token)
    assert GONE in (await partner.get("/invitation")).text
    await refused(site, partner, f"{at}/joining", {"agrees": "1"}, 404, GONE)
    page = (await rosa.get(at)).text
    assert "Cancelled" in page
    assert "Find a time" in page
    assert "This appointment is cancelled" in (await rosa.get(f"{at}/room")).text
    later = {"start": "2026-12-08T09:00:00+00:00"}
    for path, form in ((f"{at}/time", later), (f"{at}/cancellation", {}), (f"{at}/proposal", later)):
        await refused(
            site, rosa, path, form, 409, "booked any more" if "proposal" not in path else "not proposed"
        )
    await refused(site, rosa, f"{at}/invitation", {}, 409, "Nobody is missing")

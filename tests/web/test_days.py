"""The day and the week of therapists and of the front desk."""

from datetime import timedelta

from tests.people import DESK, NADIA, OMAR, ROSA, STRANGER
from tests.unit.appointments.scene import TEN, Browser, book
from tests.web.conftest import Site

REASON = "Words of Rosa's own"


async def test_a_therapists_week_names_who_comes_on_each_day(site: Site) -> None:
    made = await book(site.office, ROSA, TEN, reason=REASON)
    await book(site.office, STRANGER, TEN + timedelta(weeks=1), name="Sam", browser=Browser("sams"))
    browser = await site.browser(NADIA)
    week = (await browser.get("/today/week")).text
    assert "This week" in week
    assert f'href="/appointments/{made.id.hex()}"' in week
    assert "Rosa Example-Lindqvist" in week
    assert REASON not in week
    assert "Sam" not in week
    assert week.count(">Nobody<") == 6
    assert "Sam" in (await browser.get("/today/week?day=2026-12-06")).text
    assert "Rosa" not in (await (await site.browser(OMAR)).get("/today/week")).text
    assert (await browser.get("/today/week?day=nonsense")).status_code == 200


async def test_a_day_leads_to_what_can_be_done_with_each_appointment(site: Site) -> None:
    made = await book(site.office, ROSA, TEN)
    path = f"/appointments/{made.id.hex()}"
    browser = await site.browser(NADIA)
    day = (await browser.get("/today?day=2026-11-24")).text
    assert f"{path}/time" in day
    assert f"{path}/cancellation" in day
    assert "Say how it went" not in day
    site.clock.advance(TEN - site.clock() + timedelta(minutes=1))
    await site.sign_in(browser, NADIA)
    begun = (await browser.get("/today")).text
    assert f"{path}/time" not in begun
    assert "Say how it went" in begun


async def test_the_desks_week_names_everybody_and_no_reason(site: Site) -> None:
    await book(site.office, ROSA, TEN, reason=REASON)
    later = TEN + timedelta(hours=6)
    await book(site.office, STRANGER, later, name="Sam", browser=Browser("sams"), therapist_id=OMAR.id)
    week = (await (await site.browser(DESK)).get("/desk/week?day=2026-11-24")).text
    assert "with Nadia Behrens" in week
    assert "with Omar Fassbinder" in week
    assert REASON not in week

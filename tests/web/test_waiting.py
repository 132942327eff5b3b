"""The page of the waiting list."""

import re

from telehealth.waiting import acts
from tests.people import ROSA, STRANGER
from tests.unit.appointments.scene import new_key
from tests.web.conftest import Site
from tests.web.wishes import waits


async def test_the_way_from_open_times_to_the_list_keeps_what_was_looked_for(site: Site) -> None:
    browser = await site.browser(ROSA)
    page = (await browser.get("/times?service=individual&therapist=nadia-behrens&part=evening&days=13")).text
    found = re.search(r'href="(/waiting\?[^"]*)"', page)
    assert found is not None
    form = (await browser.get(found[1].replace("&amp;", "&"))).text
    assert re.search(r'<option value="evening" selected>', form)
    assert re.search(r'<option value="\w{32}" selected>Nadia Behrens', form)


async def test_only_wished_days_of_the_week_are_shown(site: Site) -> None:
    browser = await site.browser()
    page = (await browser.get("/times?service=individual&days=13&from=2026-11-23")).text
    days = re.findall(r'<section class="day.*?<span class="unseen">(\w+)</span>', page, re.DOTALL)
    assert days == ["Tuesday", "Thursday"]
    assert "Tue and Thu" in page


async def test_a_wish_that_is_refused_keeps_what_was_typed(site: Site) -> None:
    browser = await site.browser(STRANGER)
    page = (await browser.get("/waiting")).text
    service = re.search(r'<option value="(\w{32})"', page)
    assert service is not None
    typed = {"service": service[1], "therapist": "", "part": "evening", "until": "2026-01-01", "name": "Kim"}
    refused = await browser.post("/waiting", typed | {"key": new_key()})
    assert refused.status_code == 422
    assert "That day is over" in refused.text
    assert 'value="Kim"' in refused.text
    assert '<option value="evening" selected>' in refused.text


async def test_a_kept_time_is_booked_with_one_click(site: Site) -> None:
    browser = await site.browser(ROSA)
    await waits(site, ROSA)
    await acts.turn(site.office)
    page = (await browser.get("/waiting")).text
    assert "Free, and kept for you until" in page
    found = re.search(r'action="(/offers/\w{32}/acceptance)".*?name="key" value="(\w+)"', page, re.DOTALL)
    assert found is not None
    answer = await browser.post(found[1], {"key": found[2]})
    assert answer.status_code == 303
    assert (await browser.get(answer.headers["location"])).status_code == 200
    assert (await browser.get("/notices")).text.count("An earlier time is free") == 1

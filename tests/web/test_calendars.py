"""The page of other calendars, and the address that other programs read."""

import re

from tests.people import NADIA
from tests.unit.appointments.scene import new_key
from tests.web.calendars import ADDRESS
from tests.web.conftest import Site


async def test_a_calendar_is_added_seen_and_removed(site: Site) -> None:
    browser = await site.browser(NADIA)
    added = await browser.post("/calendars", {"address": ADDRESS, "key": new_key()})
    assert (added.status_code, added.headers["location"]) == (303, "/calendars")
    page = (await browser.get("/calendars")).text
    assert "calendar.example" in page
    assert "secret.ics" not in page
    found = re.search(r"/calendars/([0-9a-f]{32})/removal", page)
    assert found is not None
    await browser.post(found[0], {"key": new_key()})
    assert "calendar.example" not in (await browser.get("/calendars")).text


async def test_what_is_wrong_with_an_address_stands_beside_it_and_it_stays_typed(site: Site) -> None:
    browser = await site.browser(NADIA)
    refused = await browser.post("/calendars", {"address": "http://calendar.example/a", "key": new_key()})
    assert refused.status_code == 422
    assert "without encryption" in refused.text
    assert 'value="http://calendar.example/a"' in refused.text


async def test_the_secret_address_is_shown_once_and_can_be_read_without_signing_in(site: Site) -> None:
    browser, program = await site.browser(NADIA), await site.browser()
    key = new_key()
    made = await browser.post("/calendars/feed", {"key": key})
    found = re.search(r'value="[^"]*(/feeds/[\w-]{43})"', made.text)
    assert found is not None
    assert found[1] in (await browser.post("/calendars/feed", {"key": key})).text
    assert found[1] not in (await browser.get("/calendars")).text
    answer = await program.get(found[1])
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    await browser.post("/calendars/feed/removal", {})
    assert (await program.get(found[1])).status_code == 404
    assert (await program.get("/feeds/" + "a" * 43)).status_code == 404
    assert (await program.get("/feeds/short")).status_code == 404

"""The opening page: the next times of the first service, alone or with two therapists, each of which can be chosen."""

import re

from telehealth.clinic import store as clinic
from tests.people import NADIA, OMAR, SINGLE
from tests.web.conftest import Site

CHOICE = re.compile(r'name="choice" value="([^"]+)"')


async def test_the_next_times_can_be_chosen(site: Site) -> None:
    visitor = await site.browser()
    page = (await visitor.get("/")).text
    choices = CHOICE.findall(page)
    assert len(choices) == 4
    assert (await visitor.post("/holds", {"choice": choices[0]})).status_code == 303


async def test_where_it_takes_two_both_are_named_and_chosen(site: Site) -> None:
    async with site.office.database.transaction() as connection:
        await clinic.change_service(connection, SINGLE.id, {"therapists_needed": 2, "grid_minutes": 60})
        await clinic.change_therapist(connection, OMAR.id, {"zone": "Europe/London"})
    visitor = await site.browser()
    page = (await visitor.get("/")).text
    assert "Nadia Behrens and Omar Fassbinder" in page
    assert "with two therapists" in page
    choices = CHOICE.findall(page)
    assert all(NADIA.id.hex() in each and OMAR.id.hex() in each for each in choices)
    assert (await visitor.post("/holds", {"choice": choices[0]})).status_code == 303


async def test_days_without_an_open_time_say_when_the_next_one_is(site: Site) -> None:
    visitor = await site.browser()
    wish = f"/times?service={SINGLE.slug}&therapist=nadia-behrens"
    for asked, next_one in ((f"{wish}&days=2", "2 December"), (f"{wish}&from=2030-01-01", ">today<")):
        page = (await visitor.get(asked)).text
        words = re.findall(r'empty-words">(.*?)</p>', page)
        assert words, asked
        assert "Nothing is free in these days" in words[0]
        assert next_one in words[0]


async def test_a_zone_that_the_page_chose_is_forgotten_with_the_browser_and_offered_no_more(
    site: Site,
) -> None:
    visitor = await site.browser()
    assert "unchosen" in (await visitor.get("/")).text
    chosen = await visitor.post("/zone", {"zone": "Asia/Kathmandu", "for_now": "1"})
    assert "max-age" not in chosen.headers["Set-Cookie"].lower()
    page = (await visitor.get("/")).text
    assert "Times are in Kathmandu time." in page
    assert "unchosen" not in page
    kept = await visitor.post("/zone", {"zone": "Asia/Kathmandu"})
    assert "max-age=31536000" in kept.headers["Set-Cookie"].lower()

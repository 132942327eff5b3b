"""What is not offered any more, and who does not work here any more, is gone from what clients see; the past stays."""

from tests.people import ADMIN, NADIA, OMAR, ROSA, SINGLE
from tests.web.booking import booked, choices
from tests.web.conftest import Site
from tests.web.filled import form_at

KEY = {"key": "r" * 32}


async def test_a_retired_therapist_is_nowhere_to_be_chosen_and_stands_beside_what_was(site: Site) -> None:
    admin, visitor = await site.browser(ADMIN), await site.browser()
    browser, appointment = await booked(site, ROSA)
    here = f"/clinic/therapists/{NADIA.id.hex()}"
    page = (await admin.get(f"{here}/retirement")).text
    assert "one time is ahead" in page
    assert "Rosa" not in page
    assert "They stop working here" not in page
    answer = await admin.post(f"{here}/retirement", KEY)
    assert answer.status_code == 409
    assert "Clients have appointments ahead" in answer.text

    assert (await browser.post(f"{appointment}/cancellation", KEY)).status_code == 303
    form = form_at((await admin.get(f"{here}/retirement")).text, f"{here}/retirement").values
    answer = await admin.post(f"{here}/retirement", form, token=form.pop("csrf_token"))
    assert answer.headers["location"] == f"{here}?done=retired"
    for path in ("/", "/times"):
        assert "Nadia" not in (await visitor.get(path)).text
    assert all(NADIA.id.hex() not in each for each in await choices(visitor))
    assert "Nadia Behrens" in (await browser.get(appointment)).text
    assert "Not here any more" in (await admin.get(here)).text
    assert f'href="{here}"' in (await admin.get("/clinic")).text


async def test_a_time_that_was_open_a_moment_ago_cannot_be_had_with_who_is_gone(site: Site) -> None:
    admin, visitor = await site.browser(ADMIN), await site.browser()
    choice = next(each for each in await choices(visitor) if OMAR.id.hex() in each)
    assert (await admin.post(f"/clinic/therapists/{OMAR.id.hex()}/retirement", KEY)).status_code == 303
    assert (await visitor.post("/holds", {"choice": choice})).status_code in (404, 422)


async def test_a_retired_service_is_not_offered_and_its_appointments_stay(site: Site) -> None:
    admin, visitor = await site.browser(ADMIN), await site.browser()
    browser, appointment = await booked(site, ROSA)
    assert (await admin.post(f"/clinic/services/{SINGLE.id.hex()}/retirement", KEY)).status_code == 303
    for path in ("/", "/times", "/what-to-expect"):
        assert SINGLE.name not in (await visitor.get(path)).text, path
    assert SINGLE.name in (await browser.get(appointment)).text
    assert "Not offered any more" in (await admin.get("/clinic/services")).text


async def test_a_client_finds_the_numbers_beside_an_appointment(site: Site) -> None:
    admin = await site.browser(ADMIN)
    browser, appointment = await booked(site, ROSA)
    assert "If you are in danger" not in (await browser.get(appointment)).text
    number = {"label": "Emergency services", "number": "112", "region": "", "place": "1", **KEY}
    assert (await admin.post("/clinic/emergency-numbers", number)).status_code == 303
    page = (await browser.get(appointment)).text
    assert 'href="tel:112"' in page
    assert "If you are in danger" in page

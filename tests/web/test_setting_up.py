"""A clinic that starts with nothing but its first administrator, set up by its pages until a time is open."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from telehealth.audit.office import Office
from telehealth.people import finding
from telehealth.people import store as people
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import ADMIN
from tests.web.booking import choices
from tests.web.browser import Browser
from tests.web.conftest import Site, settings_for
from tests.web.filled import form_at

CODE = re.compile(r'class="passkey-code">([0-9A-Z-]{29})<')


@pytest.fixture
async def site(office: Office, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Site]:
    """Nobody and nothing but one administrator."""
    async with office.database.transaction() as connection:
        await people.add_person(connection, office.ring, ADMIN.id, ADMIN.role, clock())
    made = Site(office, clock, settings_for(tmp_path))
    yield made
    for browser in made.browsers:
        await browser.close()


async def send(browser: Browser, path: str, action: str, **typed: str) -> httpx2.Response:
    """Load a page, type something into its form and send it."""
    values = {**form_at((await browser.get(path)).text, action).values, **typed}
    return await browser.post(action, values, token=values.pop("csrf_token"))


async def test_an_empty_clinic_becomes_one_with_an_open_time_by_its_pages_alone(site: Site) -> None:
    admin, visitor = await site.browser(ADMIN), await site.browser()
    for path in ("/", "/times", "/what-to-expect", "/clinic/policies", "/clinic/emergency-numbers"):
        assert (await admin.get(path)).status_code == 200, path
    assert "still setting up" in (await visitor.get("/")).text
    page = (await admin.get("/clinic")).text
    assert "On the way to the first appointment" in page
    assert "/clinic/services/new" in page
    assert "No services yet" in (await admin.get("/clinic/services")).text

    answer = await send(
        admin, "/clinic/services/new", "/clinic/services", name="First conversation", minutes="30"
    )
    assert answer.headers["location"] == "/clinic/services?done=made"
    assert "Nobody offers it yet" in (await admin.get("/clinic/services")).text

    answer = await send(admin, "/clinic/people/new", "/clinic/people", name="Lena New")
    lena = answer.headers["location"].removeprefix("/clinic/people/").removesuffix("?done=made")
    assert "None tied yet" in (await admin.get(f"/clinic/people/{lena}")).text

    invitations = f"/clinic/people/{lena}/invitations"
    code = CODE.search((await send(admin, f"/clinic/people/{lena}", invitations)).text)
    assert code is not None
    typed = {"code": code[1], "provider": "practice"}
    assert (
        await visitor.post("/auth/invitation", typed)
    ).status_code == 503  # it is taken; the provider is away
    assert code[1] not in (await admin.get(f"/clinic/people/{lena}")).text

    profile = f"/clinic/therapists/{lena}"
    answer = await send(admin, profile, profile, title="Psychologist", about="Takes her time.")
    assert answer.status_code == 303
    assert "Takes her time." not in (await visitor.get("/")).text  # no service names her yet

    service = await _only_service(admin)
    answer = await send(admin, service, service, **{f"by-{lena}": "1"})
    assert answer.headers["location"] == "/clinic/services?done=changed"
    assert "Takes her time." in (await visitor.get("/")).text
    async with site.office.database.transaction() as connection:
        await finding.add_account(
            connection, site.office.ring, "https://login.example", "lena", bytes.fromhex(lena), site.clock()
        )
    assert "No hours yet" in (await admin.get("/clinic")).text

    therapist = await site.browser(Person(bytes.fromhex(lena), "therapist"))
    typed = {"weekday": "1", "start": "09:00", "end": "13:00"}
    assert (await send(therapist, "/hours", "/hours/weekly", **typed)).status_code == 303
    times = await choices(visitor)
    assert len(times) > 5
    assert (await visitor.post("/holds", {"choice": times[0]})).status_code == 303
    page = (await admin.get("/clinic")).text
    assert "On the way to the first appointment" not in page
    assert "One offered" in page
    assert "One therapist" in page


async def _only_service(admin: Browser) -> str:
    page = (await admin.get("/clinic/services")).text
    return "/clinic/services/" + page.split('class="row-link" href="/clinic/services/')[1][:32]


async def test_what_was_typed_stays_and_each_sentence_stands_at_its_field(site: Site) -> None:
    admin = await site.browser(ADMIN)
    typed = {"name": "", "minutes": "4", "summary": "Two lines\nof <b>words</b>", "notice_unit": "days"}
    answer = await send(admin, "/clinic/services/new", "/clinic/services", **typed)
    assert answer.status_code == 422
    again = form_at(answer.text, "/clinic/services").values
    assert {name: again[name] for name in typed} == typed
    for name in ("name", "minutes"):
        assert f'id="{name}-error"' in answer.text
    assert 'aria-invalid="true"' in answer.text


async def test_a_public_name_that_tells_is_kept_once_it_is_meant(site: Site) -> None:
    admin = await site.browser(ADMIN)
    typed = {"name": "For two", "public_name": "Couple's hour"}
    answer = await send(admin, "/clinic/services/new", "/clinic/services", **typed)
    assert answer.status_code == 422
    assert "Keep “Couple&#39;s hour” all the same" in answer.text
    values = form_at(answer.text, "/clinic/services").values
    token = values.pop("csrf_token")
    answer = await admin.post(
        "/clinic/services", {**values, "keep_public_name": "Couple's hour"}, token=token
    )
    assert answer.status_code == 303
    service = await _only_service(admin)
    assert (
        await send(admin, service, service, minutes="60")
    ).status_code == 303  # and is not asked about again


async def test_numbers_and_the_policy_stand_where_a_client_looks(site: Site) -> None:
    admin, visitor = await site.browser(ADMIN), await site.browser()
    assert "If you are in danger" not in (await visitor.get("/what-to-expect")).text
    await send(admin, "/clinic/policies", "/clinic/policies", cancellation="A day before, without a reason.")
    numbers = "/clinic/emergency-numbers"
    await send(admin, numbers, numbers, label="Emergency services", number="112")
    answer = await send(admin, numbers, numbers, label="Crisis line", number="+49 30 1234-5", place="1")
    assert answer.headers["location"] == f"{numbers}?done=added"
    page = (await visitor.get("/what-to-expect")).text
    assert "A day before, without a reason." in page
    assert page.index('href="tel:+493012345"') < page.index('href="tel:112"')
    answer = await send(admin, numbers, numbers, label="Nobody", number="call us")
    assert answer.status_code == 422
    assert form_at(answer.text, numbers).values["number"] == "call us"

"""Names of sixty letters without a space: no page of theirs can be pushed sideways, on a phone or a wide screen."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser

from telehealth.audit.office import Office, Work
from telehealth.clinic import store as clinic
from telehealth.clinic.store import EmergencyNumber
from telehealth.db.engine import Database
from telehealth.people import store as people
from tests.browser.own_time import Standing, standing
from tests.browser.visitor import DESKTOP, PHONE, running_chromium
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, NADIA, OMAR, ROSA, SINGLE
from tests.schema import fresh_sqlite
from tests.unit.appointments.scene import book
from tests.unit.emergency.scene import asked

LONG = "Rechtsschutzversicherungsgesellschaftenangestelltenverordnungen"[:60]
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Database]]:
    """One kind is enough here: what is seen is the page."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with running_chromium() as running:
        yield running


@pytest.fixture
async def service(office: Office, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Standing]:
    async with standing(office, clock, tmp_path) as running:
        yield running


async def named_at_length(office: Office) -> str:
    """Rosa, Omar and the front desk have such names, and Omar asks for Rosa's record; returns the request's path."""

    async def act(work: Work) -> None:
        for person in (ROSA, OMAR, DESK):
            await people.rename(work.connection, work.ring, person.id, LONG)
        await clinic.change_service(work.connection, SINGLE.id, {"name": LONG, "public_name": LONG})
        await clinic.change_therapist(work.connection, OMAR.id, {"name": LONG, "title": LONG})
        number = EmergencyNumber(b"a long number...", LONG, "+49 30 1234567890 12345", LONG, 1)
        await clinic.add_number(work.connection, number)

    await office.act(None, act)
    await book(office, ROSA, reason=LONG)
    return f"/emergency/{(await asked(office, name=LONG, reason=LONG)).hex()}"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_no_page_can_be_pushed_sideways(
    service: Standing, browser: Browser, office: Office, clock: FakeClock, size: dict[str, int]
) -> None:
    request = await named_at_length(office)
    day = (clock() + timedelta(days=1)).date().isoformat()
    omar = f"/clinic/therapists/{OMAR.id.hex()}"
    pages = {
        ROSA: ("/appointments", "/times", "/waiting", "/profile", "/looks", "/privacy"),
        NADIA: (f"/today?day={day}", f"/today/week?day={day}", f"/hours?week={day}", "/calendars"),
        OMAR: ("/emergency", request),
        DESK: (f"/desk?day={day}", f"/desk/week?day={day}", "/clients", "/emergency", request),
        ADMIN: (
            "/clinic",
            "/clinic/services",
            omar,
            f"{omar}/retirement",
            "/what-to-expect",
            "/clinic/emergency-numbers",
            f"/clinic/services/{SINGLE.id.hex()}",
            "/audit",
            "/clinic/people",
            "/clinic/passkey-codes",
            f"/clinic/people/{OMAR.id.hex()}",
        ),
    }
    pushed = {}
    for person, paths in pages.items():
        async with service.window(browser, person, viewport=size) as window:
            for path in paths:
                await window.page.goto(path)
                pushed[f"{person.role} {path}"] = await window.page.evaluate(SIDEWAYS)
    assert {page: by for page, by in pushed.items() if by > 0} == {}

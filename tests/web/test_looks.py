"""Every look is on record, refusals too; a list counts once a quarter of an hour. Every route: `route_table.py`."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from telehealth.audit.models import audit_leaves
from telehealth.audit.rules import pseudonym
from telehealth.person import Person
from tests.people import DESK, NADIA, OMAR, ROSA, STRANGER
from tests.web.booking import book, booked, choices, held
from tests.web.browser import ORIGIN, Browser
from tests.web.conftest import Site


async def entries(site: Site, subject: Person) -> list[tuple[str, str]]:
    """(type, outcome) of every entry about somebody, in order."""
    key = site.office._pseudonym_key
    query = (
        select(audit_leaves.c.type, audit_leaves.c.outcome)
        .where(audit_leaves.c.patient == pseudonym(key, subject.id))
        .order_by(audit_leaves.c.ts)
    )
    async with site.office.database.reading() as connection:
        return [(row.type, row.outcome) for row in await connection.execute(query)]


Step = Callable[[Site, Browser, str], Awaitable[object]]


async def look(site: Site, browser: Browser, path: str) -> object:
    return await browser.get(path)


async def cancel(site: Site, browser: Browser, path: str) -> object:
    return await browser.post(f"{path}/cancellation", {"key": "k" * 32})


async def sign_out(site: Site, browser: Browser, path: str) -> object:
    return await browser.post("/leave")


async def change_name(site: Site, browser: Browser, path: str) -> object:
    return await browser.post("/profile", {"name": "Rosa Anew"})


@pytest.mark.parametrize(
    ("step", "type_"),
    [
        (look, "record.look"),
        (cancel, "appointment.cancel"),
        (change_name, "profile.change"),
        (sign_out, "session.close"),
    ],
)
async def test_an_act_on_ones_own_record_leaves_an_entry(site: Site, step: Step, type_: str) -> None:
    browser, path = await booked(site, ROSA)
    before = await entries(site, ROSA)
    assert ("appointment.book", "success") in before
    await step(site, browser, path)
    assert (type_, "success") in (await entries(site, ROSA))[len(before) :]


@pytest.mark.parametrize(("person", "path"), [(NADIA, "/today"), (DESK, "/desk")])
async def test_a_list_counts_once_a_quarter_of_an_hour(site: Site, person: Person, path: str) -> None:
    browser = await site.browser(ROSA)
    await book(browser, await held(browser, (await _choices_of_nadia(browser))[0]))
    before = len(await entries(site, ROSA))
    viewer = await site.browser(person)
    for _ in range(3):
        assert "Rosa" in (await viewer.get(f"{path}?day=2026-11-24")).text
    assert len(await entries(site, ROSA)) == before + 1


async def _choices_of_nadia(browser: Browser) -> list[str]:
    return [choice for choice in await choices(browser) if choice.split(" ")[1] == NADIA.id.hex()]


@pytest.mark.parametrize("person", [STRANGER, OMAR])
async def test_a_refused_look_is_on_record(site: Site, person: Person) -> None:
    rosa = await site.browser(ROSA)
    await book(rosa, await held(rosa, (await _choices_of_nadia(rosa))[0]))
    path = (await rosa.get("/appointments")).text.split('href="/appointments/')[1][:32]
    before = await entries(site, ROSA)
    other = await site.browser(person)
    assert (await other.get(f"/appointments/{path}")).status_code == 404
    answer = await other.client.post(
        f"/appointments/{path}/tickets", headers={"X-CSRF-Token": await other.token(), "Origin": ORIGIN}
    )
    assert answer.status_code == 404
    added = (await entries(site, ROSA))[len(before) :]
    assert added == [("appointment.refused", "refused")] * 2

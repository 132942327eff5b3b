"""Every look is on record: each route that shows or changes a person's record leaves an entry, refusals too."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select
from starlette.routing import Mount, Route

from telehealth.audit.models import audit_leaves
from telehealth.audit.rules import pseudonym
from telehealth.person import Person
from tests.people import DESK, NADIA, OMAR, ROSA, STRANGER
from tests.web.booking import book, booked, choices, held
from tests.web.browser import ORIGIN, Browser
from tests.web.conftest import Site

# What each route has to do with records. Whoever adds a route says so here, or the first test fails.
TOUCHES = {
    "POST /appointments": "appointment.book",
    "GET /appointments": "record.look",
    "GET /appointments/{id}": "record.look",
    "POST /appointments/{id}/cancellation": "appointment.cancel",
    "GET /appointments/{id}/room": "record.look",
    "POST /appointments/{id}/tickets": "room.ticket",
    "GET /today": "record.look",
    "GET /desk": "record.look",
    "POST /profile": "profile.change",
    "GET /auth/callback": "session.open",  # shown in tests/browser, with a real provider
    "POST /auth/sign-out": "session.close",
    "POST /auth/passkey/sign-in": "session.open",
    "POST /auth/passkey/confirmation": "session.confirm",
    "POST /auth/passkey/new": "passkey.add",
    "GET /passkeys": "record.look",
    "POST /passkeys/{id}/name": "passkey.change",
    "POST /passkeys/{id}/removal": "passkey.remove",
    "GET /clinic/passkey-codes": "record.look",
    "POST /clinic/passkey-codes": "passkey.code",
    "GET /sessions": "record.look",
    "POST /sessions/{id}/ending": "session.close",
    "POST /sessions/ending": "session.close",
    "POST /leave": "session.close",
}
OWN_OR_NONE = {
    "GET /",
    "GET /what-to-expect",
    "GET /times",
    "POST /holds",  # a held time is nobody's record yet
    "GET /holds/{id}",
    "POST /holds/{id}/release",
    "GET /clinic",  # services and the state of the record itself
    "GET /profile",  # one's own name, which stands in every page's header
    "GET /auth/sign-in",
    "POST /auth/sign-in",
    "GET /signed-out",
    "GET /session",  # how long one's own session lasts
    "POST /session/stay",
    "GET /session/ended",
    "GET /auth/second-step",
    "GET /auth/step-up",
    "POST /auth/passkey/sign-in/options",
    "POST /auth/passkey/confirmation/options",
    "POST /auth/passkey/new/options",
    "POST /zone",
    "POST /return",
    "GET /healthz",
    "GET /.well-known/security.txt",
}


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


async def test_every_route_is_accounted_for(site: Site) -> None:
    routes = {
        f"{method} {route.path}"
        for route in site.app.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert routes == set(TOUCHES) | OWN_OR_NONE
    assert all(isinstance(route, Route | Mount) or route.path == "/signaling" for route in site.app.routes)  # type: ignore[attr-defined]


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

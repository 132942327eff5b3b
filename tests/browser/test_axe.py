"""Every page of the service in a real browser, as each role sees it: axe-core finds nothing to say against any of them.

The pages are those of the route table: as its scene furnishes them, and before that with nothing in them.
"""

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from starlette.types import Receive, Scope, Send

from telehealth.person import Person
from tests.browser.asking import answer
from tests.browser.axe import AXE
from tests.browser.own_time import serving
from tests.browser.visitor import DESKTOP, PHONE
from tests.clock import FakeClock
from tests.furnished import Furnished, new_office
from tests.people import ADMIN, NADIA, ROSA, STRANGER
from tests.schema import fresh_sqlite
from tests.unit.appointments.scene import new_key
from tests.web import scenes
from tests.web.browser import Browser as Client
from tests.web.conftest import Site, settings_for
from tests.web.route_table import ROWS, WHO, Row
from tests.web.walking import path_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
RUN = """async () => (await axe.run({ resultTypes: ['violations'] })).violations.flatMap(({ id, nodes }) =>
  nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`))"""
SUBMIT = """([action, typed]) => {
  const token = document.querySelector('[name=csrf_token]').value;
  const form = Object.assign(document.createElement('form'), { action, method: 'post' });
  for (const [name, value] of Object.entries({ ...typed, csrf_token: token })) {
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
  }
  document.body.append(form);
  form.submit();
}"""
LOOKS: Final[tuple[tuple[Any, Any], ...]] = ((PHONE, "light"), (DESKTOP, "dark"))
REFUSED: Final = {  # what is typed there makes no sense; the form comes back with a word beside it
    ("POST /appointments", STRANGER): {"name": ""},
    ("POST /waiting", STRANGER): {"until": "2020-01-01", "name": ""},
    ("POST /notices/preferences", ROSA): {"zone": "Nowhere/Else"},
    ("POST /hours/weekly", NADIA): {"start": "12:00", "end": "11:00"},
    ("POST /hours/days", NADIA): {"day": "2020-01-01", "last_day": "2019-01-01"},
    ("POST /calendars", NADIA): {"address": "http://127.0.0.1/"},
    ("POST /clinic/services", ADMIN): {"name": "", "minutes": "-1"},
    ("POST /clinic/people", ADMIN): {"name": ""},
    ("POST /clinic/policies", ADMIN): {"cancellation": "x" * 9000},
    ("POST /clinic/emergency-numbers", ADMIN): {"number": ""},
}


@dataclass
class Stage:
    """One server and one page for all of them, since a browser keeps the styles of an address that it knows."""

    url: str
    page: Page
    site: Site | None = None
    said: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.site is not None
        await self.site.app(scope, receive, send)

    async def open(self, client: Client, path: str, name: str) -> None:
        """Ask axe-core about a page of somebody's, on a phone by day and on a wide screen by night."""
        answer = await client.get(path)
        assert answer.status_code in (200, 404), answer.text
        if not answer.headers["content-type"].startswith("text/html"):
            return
        await self.enter(client)
        await self.page.goto(path)
        await self.look(name)

    async def enter(self, client: Client) -> None:
        """The browser is this person's from now on: it has the same cookies."""
        await self.page.context.clear_cookies()
        kept = {cookie.name: cookie.value or "" for cookie in client.client.cookies.jar}
        await self.page.context.add_cookies(
            [{"name": key, "value": value, "url": self.url} for key, value in kept.items()]
        )

    async def look(self, name: str) -> None:
        """Ask axe-core about the page that is open."""
        await self.page.evaluate(AXE)
        for size, scheme in LOOKS:
            await self.page.set_viewport_size(size)
            await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.said += [f"{name}, {scheme}: {each}" for each in await answer(self.page, RUN)]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def empty_stage(chromium: Browser) -> AsyncIterator[Stage]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://localhost:{listener.getsockname()[1]}"
        context = await chromium.new_context(base_url=url, timezone_id="Europe/Berlin")
        made = Stage(url, await context.new_page())
        async with serving(made, listener):
            yield made
            await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def stage(empty_stage: Stage, furnished_sqlite: Furnished, tmp_path: Path) -> AsyncIterator[Stage]:
    """The service of one test with nothing in it but its people, their hours and what they offer."""
    clock = FakeClock()
    template = Path(furnished_sqlite.template)
    async with fresh_sqlite(template, tmp_path, furnished_sqlite.opened) as database:
        office = new_office(database, tmp_path, clock)
        empty_stage.site = Site(office, clock, replace(settings_for(tmp_path), public_url=empty_stage.url))
        empty_stage.said = []
        await empty_stage.page.clock.set_fixed_time(clock())
        yield empty_stage
        await empty_stage.page.goto("about:blank")
        for browser in empty_stage.site.browsers:
            await browser.close()


def _role(person: Person | None) -> str:
    return "visitor" if person is None else person.role


def looking(row: Row) -> list[Person | None]:
    """One of each role that gets the page; the first two where nearly everybody gets the same."""
    found: dict[str, Person | None] = {}
    for person, cell in zip(WHO, row.cells.split(), strict=True):
        if cell.startswith("200"):
            found.setdefault(_role(person), person)
    return list(found.values())[: 2 if len(found) > 3 else None]


STREAM = "GET /today/waiting"  # who waits, as it happens: it does not end, and is no page
PAGES = [row for row in ROWS if row.method == "GET" and row.route != STREAM and looking(row)]
SCRIPTED, PACKED = "/auth/", "/privacy/export"  # what scripts are answered, and a file
ANSWERED = [
    row
    for row in ROWS
    if row.method == "POST" and " 200" in row.cells and not row.path.startswith((SCRIPTED, PACKED))
]


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.route)
async def test_axe_has_nothing_to_say_of_any_page(stage: Stage, row: Row) -> None:
    assert stage.site is not None
    clients = {person: await stage.site.browser(person) for person in looking(row)}
    if "{" not in row.path and row.scene is not scenes.nothing:
        for person, client in clients.items():
            await stage.open(client, row.path, f"{_role(person)}, with nothing in it")
    for person, client in clients.items():
        sent = await row.scene(stage.site, client, person)
        await stage.open(client, path_of(row, sent), _role(person))
    assert stage.said == []


async def _send(stage: Stage, row: Row, person: Person, **typed: str) -> int:
    """Send a form as its scene prepares it, but for what is typed; returns the status and looks at what is answered."""
    assert stage.site is not None
    client = await stage.site.browser(person)
    sent = await row.scene(stage.site, client, person)
    await stage.enter(client)
    await stage.page.goto("/what-to-expect")
    async with stage.page.expect_navigation() as answered:
        await stage.page.evaluate(SUBMIT, [path_of(row, sent), {"key": new_key(), **sent.form, **typed}])
    await stage.look(f"{_role(person)} {row.route}")
    return (await answered.value).status


@pytest.mark.parametrize("row", ANSWERED, ids=lambda row: row.route)
async def test_axe_has_nothing_to_say_of_what_a_form_answers(stage: Stage, row: Row) -> None:
    person = next(who for who, cell in zip(WHO, row.cells.split(), strict=True) if cell.startswith("200"))
    assert person is not None
    assert await _send(stage, row, person) == 200
    assert stage.said == []


async def test_axe_has_nothing_to_say_of_refused_forms(stage: Stage) -> None:
    by_route = {row.route: row for row in ROWS}
    for (route, person), typed in REFUSED.items():
        status = await _send(stage, by_route[route], person, **typed)
        assert status == 422, route
    assert stage.said == []

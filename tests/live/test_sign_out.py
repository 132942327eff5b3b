"""Whose session ends is out of the room at once, on the whole service with real sockets."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.routing import WebSocketRoute

from signaling.endpoint import Signaling
from telehealth.audit.office import Office
from telehealth.person import Person
from tests.clock import FakeClock
from tests.live.conftest import serving
from tests.live.talker import Talker
from tests.people import ADMIN, NADIA, ROSA, Clinic
from tests.unit.appointments.scene import TEN, book
from tests.web.browser import ORIGIN, Browser
from tests.web.conftest import Site, settings_for


@dataclass
class Room:
    """The room of Rosa's appointment, a few minutes before it begins."""

    site: Site
    appointment_id: bytes
    url: str

    async def ticket(self, browser: Browser) -> str:
        """A ticket as the page's script asks for it."""
        headers = {"X-CSRF-Token": await browser.token(), "Origin": ORIGIN}
        path = f"/appointments/{self.appointment_id.hex()}/tickets"
        answer = await browser.client.post(path, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["ticket"])


@pytest.fixture
async def room(office: Office, clinic: Clinic, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Room]:
    made = await book(office, ROSA)
    clock.now = TEN - timedelta(minutes=5)
    site = Site(office, clock, settings_for(tmp_path))
    signaling = next(route.app for route in site.app.routes if isinstance(route, WebSocketRoute))
    assert isinstance(signaling, Signaling)
    async with serving(signaling) as url:
        yield Room(site, made.id, url)
    for browser in site.browsers:
        await browser.close()


@pytest.mark.parametrize(
    ("person", "path", "fields"),
    [
        (ROSA, "/auth/sign-out", {}),
        (ROSA, "/leave", {}),
        (ADMIN, f"/clinic/people/{ROSA.id.hex()}/sessions/ending", {}),
        (ADMIN, f"/clinic/people/{ROSA.id.hex()}/closing", {}),
        (ADMIN, "/clinic/sessions/ending", {"word": "everybody"}),
    ],
)
async def test_the_socket_of_an_ended_session_closes_at_once(
    room: Room, person: Person, path: str, fields: dict[str, str]
) -> None:
    rosa = await room.site.browser(ROSA)
    async with Talker.connected(room.url, ORIGIN) as talker:
        await talker.join(await room.ticket(rosa))
        who = rosa if person == ROSA else await room.site.browser(person)
        assert (await who.post(path, fields)).status_code == 303
        assert await talker.closed() == 4401  # long before the next question, which is a minute away
        assert await talker.hear_error() == "ticket_refused"
    headers = {"X-CSRF-Token": await rosa.token(), "Origin": ORIGIN}
    answer = await rosa.client.post(f"/appointments/{room.appointment_id.hex()}/tickets", headers=headers)
    assert answer.status_code == 401  # which the room's page says in words


async def test_other_sessions_of_the_same_person_and_other_people_stay(room: Room) -> None:
    rosa, elsewhere = await room.site.browser(ROSA), await room.site.browser(ROSA)
    nadia = await room.site.browser(NADIA)
    async with (
        Talker.connected(room.url, ORIGIN) as client,
        Talker.connected(room.url, ORIGIN) as host,
    ):
        await client.join(await room.ticket(rosa))
        await host.join(await room.ticket(nadia))
        assert (await elsewhere.post("/auth/sign-out")).status_code == 303
        await client.say("knock")
        seat = (await host.hear("knocking"))["seat"]
        await host.say("admit", seat=seat)
        await client.hear("admitted")
        assert (await rosa.post("/auth/sign-out")).status_code == 303
        assert (await host.hear("left"))["seat"] == seat
        assert await client.closed() == 4401

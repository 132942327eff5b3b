"""Who knocks is on the therapist's page at once, over a real server, and nobody else hears of it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from telehealth.audit.office import Office
from telehealth.person import Person
from telehealth.rooms import acts as rooms
from telehealth.rooms import door_pages
from telehealth.web import cookies, events
from tests.clock import FakeClock
from tests.live.conftest import running
from tests.live.talker import SECONDS, Talker
from tests.people import MIKA, NADIA, OMAR, ROSA, Clinic
from tests.schema import fresh_sqlite
from tests.unit.appointments.scene import TEN, book, entries
from tests.web.conftest import Site, settings_for

ELEVEN = TEN + timedelta(hours=1)


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Any:
    """What differs between databases is not looked at here."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


@dataclass
class Listener:
    """A page that listens."""

    answer: httpx2.Response

    async def next(self, name: str) -> Any:
        """The data of the next event of this name."""
        async with asyncio.timeout(SECONDS):
            async for line in self._lines():
                if line == f"event: {name}":
                    return json.loads((await anext(self._lines())).removeprefix("data: "))
        raise AssertionError(f"the stream ended before {name}")

    def _lines(self) -> AsyncIterator[str]:
        if not hasattr(self, "_iterator"):
            self._iterator = self.answer.aiter_lines()
        return self._iterator


@dataclass
class Open:
    """The service on a port of its own."""

    site: Site
    url: str

    @asynccontextmanager
    async def page(self, cookie: str, query: str = "") -> AsyncIterator[Listener]:
        async with (
            httpx2.AsyncClient(trust_env=False, timeout=SECONDS, cookies={"sid": cookie}) as client,
            client.stream("GET", f"{self.url}/today/waiting{query}") as answer,
        ):
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield Listener(answer)

    async def ticket(self, person: Person, appointment_id: bytes) -> str:
        """What opens a socket for somebody who has signed in just now."""
        secret = cookies.secret_from(await self.cookie(person))
        assert secret is not None
        signed_in = replace(person, session=cookies.hash_of(secret, "session")[:16])
        return await rooms.mint_ticket(self.site.office, signed_in, appointment_id)

    async def cookie(self, person: Person) -> str:
        browser = await self.site.browser(person)
        return str(browser.client.cookies["sid"])


@asynccontextmanager
async def service(office: Office, clock: FakeClock, folder: Path) -> AsyncIterator[Open]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        site = Site(office, clock, replace(settings_for(folder), public_url=url))
        config = uvicorn.Config(site.app, ws="websockets-sansio", lifespan="off", log_config=None)
        async with running(config, listener):
            try:
                yield Open(site, url)
            finally:
                site.app.state.streams.end()
                for browser in site.browsers:
                    await browser.close()


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOOK_SECONDS", "ASK_SECONDS", "BEAT_SECONDS"):
        monkeypatch.setattr(door_pages, name, 0.02)


async def test_who_knocks_is_on_the_therapists_page_until_they_leave(
    office: Office, clinic: Clinic, clock: FakeClock, tmp_path: Path
) -> None:
    made = await book(office, ROSA, TEN)
    clock.advance(TEN - clock() - timedelta(minutes=2))
    async with service(office, clock, tmp_path) as here:
        nadias, omars = await here.cookie(NADIA), await here.cookie(OMAR)
        async with here.page(nadias) as nadia, here.page(omars) as omar:
            assert await nadia.next("waiting") == []
            assert await omar.next("waiting") == []
            ticket = await here.ticket(ROSA, made.id)
            socket_url = here.url.replace("http", "ws") + "/signaling"
            before = await entries(office, ["record.look"])
            async with Talker.connected(socket_url, here.url) as rosa:
                await rosa.join(ticket)
                await rosa.say("knock")
                shown = await nadia.next("waiting")
                assert shown == [
                    {"appointment": made.id.hex(), "name": "Rosa Example-Lindqvist", "since": "09:58"}
                ]
                after = await entries(office, ["record.look"])
                assert after["record.look"] == before["record.look"] + 1
                async with httpx2.AsyncClient(trust_env=False, cookies={"sid": nadias}) as client:
                    page = (await client.get(f"{here.url}/today")).text
                assert "Rosa Example-Lindqvist</strong> waits since" in page
            assert await nadia.next("waiting") == []
            assert await _silent(omar)


async def test_in_the_room_a_therapist_hears_that_somebody_is_there_for_the_next_time_without_a_name(
    office: Office, clinic: Clinic, clock: FakeClock, tmp_path: Path
) -> None:
    now, following = [await book(office, person, start) for person, start in ((ROSA, TEN), (MIKA, ELEVEN))]
    clock.advance(ELEVEN - clock() - timedelta(minutes=12))
    async with service(office, clock, tmp_path) as here:
        nadias, omars = await here.cookie(NADIA), await here.cookie(OMAR)
        in_room, in_next = f"?after={now.id.hex()}", f"?after={following.id.hex()}"
        async with here.page(nadias, in_room) as nadia:
            assert await nadia.next("waiting") == []
            socket_url = here.url.replace("http", "ws") + "/signaling"
            tickets = [await here.ticket(ROSA, now.id), await here.ticket(MIKA, following.id)]
            looks = await entries(office, ["record.look"])
            async with (
                Talker.connected(socket_url, here.url) as rosa,
                Talker.connected(socket_url, here.url) as mika,
            ):
                for talker, ticket in zip((rosa, mika), tickets, strict=True):
                    await talker.join(ticket)
                    await talker.say("knock")
                assert await nadia.next("waiting") == [{"at": "11:00"}]
                for cookie, query in ((nadias, in_next), (omars, in_room)):
                    async with here.page(cookie, query) as other:
                        assert await other.next("waiting") == []
            assert await nadia.next("waiting") == []
        assert await entries(office, ["record.look"]) == looks


async def _silent(listener: Listener) -> bool:
    """Whether nothing but heartbeats comes."""
    heard = [await anext(listener._lines()) for _ in range(4)]
    return set(heard) <= {"", events.BEAT.decode().strip()}


async def test_the_stream_ends_with_the_session_and_keeps_nobody_signed_in(
    office: Office, clinic: Clinic, clock: FakeClock, tmp_path: Path
) -> None:
    async with service(office, clock, tmp_path) as here:
        cookie = await here.cookie(NADIA)
        async with here.page(cookie) as nadia:
            await nadia.next("waiting")
            clock.advance(timedelta(minutes=9))
            async with here.page(cookie) as again:  # a browser that comes back by itself is no activity
                await again.next("waiting")
                clock.advance(timedelta(minutes=2))
                assert await nadia.next("end") == {}
                assert await again.next("end") == {}


async def test_one_person_listens_on_so_many_pages_and_no_more(
    office: Office, clinic: Clinic, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MOST", 1)
    async with service(office, clock, tmp_path) as here:
        cookie = await here.cookie(NADIA)
        async with here.page(cookie) as nadia:
            await nadia.next("waiting")
            async with httpx2.AsyncClient(trust_env=False, cookies={"sid": cookie}) as client:
                assert (await client.get(f"{here.url}/today/waiting")).status_code == 429
            async with here.page(await here.cookie(OMAR)) as omar:
                await omar.next("waiting")

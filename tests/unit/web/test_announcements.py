"""What waits for somebody is asked for once for each page of theirs, and for nobody else."""

from collections.abc import Sequence

import httpx2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from telehealth.person import Person
from telehealth.web.announcements import Announcement, Announcements
from tests.people import ROSA

WAITS = Announcement("Something waits.", "See it", "/there")


async def said(path: str, person: Person | None) -> tuple[str, list[Person]]:
    """What a page finds in its request, and whom the look-up was asked about."""
    asked: list[Person] = []

    async def look_up(whom: Person) -> Sequence[Announcement]:
        asked.append(whom)
        return [WAITS]

    async def page(request: Request) -> Response:
        found = getattr(request.state, "announcements", None)
        return PlainTextResponse("not asked" if found is None else ",".join(each.url for each in found))

    class SignedIn:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            Request(scope).state.person = person
            await self.app(scope, receive, send)

    middleware = [Middleware(SignedIn), Middleware(Announcements, look_up=look_up)]
    app = Starlette(routes=[Route("/{path:path}", page)], middleware=middleware)
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return (await client.get(path)).text, asked


async def test_a_page_of_somebody_finds_what_waits_for_them() -> None:
    assert await said("/profile", ROSA) == ("/there", [ROSA])


async def test_a_visitor_has_nothing_waiting() -> None:
    assert await said("/profile", None) == ("", [])


async def test_assets_ask_for_nothing() -> None:
    assert await said("/static/x/css/main.css", ROSA) == ("not asked", [])

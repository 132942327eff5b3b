"""What waits for somebody is said on every page of theirs, until they have seen to it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from telehealth.person import Person


@dataclass(frozen=True)
class Announcement:
    """One neutral sentence, and the words and path of the way to what it is about. `urgent` changes how it looks."""

    sentence: str
    words: str
    url: str
    urgent: bool = False


LookUp = Callable[[Person], Awaitable[Sequence[Announcement]]]


class Announcements:
    """Asks before any page of somebody signed in runs; `look_up` takes the person."""

    def __init__(self, app: ASGIApp, look_up: LookUp) -> None:
        self.app = app
        self.look_up = look_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/static/"):
            state = Request(scope).state
            person = state.person
            state.announcements = () if person is None else tuple(await self.look_up(person))
        await self.app(scope, receive, send)

"""Who waits at the doors of today's rooms, as a stream of events."""

import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from structlog import get_logger

from telehealth.appointments.pages import signed_in_as
from telehealth.audit.office import Office
from telehealth.db.engine import is_away
from telehealth.people import sessions
from telehealth.person import Person
from telehealth.rooms import doors
from telehealth.web import cookies
from telehealth.web.events import BEAT, MEDIA_TYPE, Streams, event, stream
from telehealth.web.templating import clock, zone_of

LOOK_SECONDS = 1.0  # at the rooms of this process, in memory
ASK_SECONDS = 30.0  # whether the session still stands, and which rooms are open
BEAT_SECONDS = 15.0
log = get_logger()
Waiting = dict[str, list[tuple[str, str, datetime]]]


async def waiting(request: Request) -> Response:
    """GET /today/waiting: event "waiting" with [{"appointment", "name", "since"}] whenever that changes; "end" once the
    login session has ended. It is no activity itself, so that an open page keeps nobody signed in."""
    person = signed_in_as(request, "therapist")
    streams: Streams = request.app.state.streams
    streams.check(person.id)
    if request.method == "HEAD":
        return Response(media_type=MEDIA_TYPE)
    return stream(_told(request, person, streams))


async def _told(request: Request, person: Person, streams: Streams) -> AsyncIterator[bytes]:
    with streams.opened(person.id):
        try:
            async for each in _changes(request, person, streams):
                yield each
        except Exception as error:
            if not is_away(error):
                log.error("stream broken", error=type(error).__name__)  # noqa: TRY400 - a traceback may hold names


async def _changes(request: Request, person: Person, streams: Streams) -> AsyncIterator[bytes]:
    office: Office = request.app.state.office
    told: Waiting | None = None
    rooms: list[str] = []
    asked_at = beat_at = float("-inf")
    while True:
        now = time.monotonic()
        if now - asked_at >= ASK_SECONDS:
            if not await _stands(request, person):
                yield event("end", {})
                return
            rooms = [each.hex() for each in await doors.rooms_open_to(office, person)]
            asked_at = now
        found: Waiting = request.app.state.waiting_in(rooms)
        if found != told:
            await doors.look(office, person, [bytes.fromhex(each[0]) for each in _seats(found)])
            told, beat_at = found, now
            yield event("waiting", _shown(request, found))
        elif now - beat_at >= BEAT_SECONDS:
            beat_at = now
            yield BEAT
        if await streams.is_over(LOOK_SECONDS):
            return


async def _stands(request: Request, person: Person) -> bool:
    """Whether the login session of this page is still that person's."""
    secret = cookies.read_secret(request, cookies.SESSION)
    if secret is None:
        return False
    office: Office = request.app.state.office
    found = await sessions.come_back(office, cookies.hash_of(secret, "session"), counts=False)
    return found is not None and not found.pending and found.person == person


def _seats(found: Waiting) -> list[tuple[str, str, datetime]]:
    return [each for seats in found.values() for each in seats]


def _shown(request: Request, found: Waiting) -> list[dict[str, Any]]:
    zone = zone_of(request)
    return [
        {"appointment": room, "name": name, "since": clock(since.astimezone(zone))}
        for room, seats in found.items()
        for _, name, since in seats
    ]

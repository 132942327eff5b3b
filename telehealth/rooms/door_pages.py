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
from telehealth.web.forms import id_of
from telehealth.web.templating import clock, zone_of

LOOK_SECONDS = 1.0  # at the rooms of this process, in memory
ASK_SECONDS = 30.0  # whether the session still stands, and which rooms are open
BEAT_SECONDS = 15.0
log = get_logger()
Waiting = dict[str, list[tuple[str, str, datetime]]]


async def waiting(request: Request) -> Response:
    """GET /today/waiting: event "waiting" with [{"appointment", "name", "since"}] whenever that changes; "end" once the
    login session has ended. It is no activity itself, so that an open page keeps nobody signed in.

    `after` an appointment, for the page of its room: [{"at"}] of the later ones at whose doors somebody stands, without
    a name, since another client may see the screen.
    """
    person, after = signed_in_as(request, "therapist"), request.query_params.get("after")
    streams: Streams = request.app.state.streams
    streams.check(person.id)
    if request.method == "HEAD":
        return Response(media_type=MEDIA_TYPE)
    doors_of = Day(request, person) if after is None else Later(request, person, id_of(after))
    return stream(_told(request, doors_of, streams))


class Day:
    """Every door of a therapist's that is open now, and who stands there."""

    def __init__(self, request: Request, person: Person) -> None:
        self.office: Office = request.app.state.office
        self.zone, self.person = zone_of(request), person

    async def rooms(self) -> list[str]:
        return [each.hex() for each in await doors.rooms_open_to(self.office, self.person)]

    async def shown(self, found: Waiting) -> list[dict[str, Any]]:
        """What the page hears; it names people, so it is a look at each of them."""
        seats = [each for seats in found.values() for each in seats]
        await doors.look(self.office, self.person, [bytes.fromhex(seat) for seat, _, _ in seats])
        return [
            {"appointment": room, "name": name, "since": clock(since.astimezone(self.zone))}
            for room, seats in found.items()
            for _, name, since in seats
        ]


class Later(Day):
    """The doors of what comes after one appointment."""

    def __init__(self, request: Request, person: Person, appointment_id: bytes) -> None:
        super().__init__(request, person)
        self.appointment_id = appointment_id
        self.begins: dict[str, datetime] = {}

    async def rooms(self) -> list[str]:
        found = await doors.rooms_open_after(self.office, self.person, self.appointment_id)
        self.begins = {each.hex(): begins for each, begins in found.items()}
        return list(self.begins)

    async def shown(self, found: Waiting) -> list[dict[str, Any]]:
        times = sorted(self.begins[room] for room in found)
        return [{"at": clock(begins.astimezone(self.zone))} for begins in times]


async def _told(request: Request, doors_of: Day, streams: Streams) -> AsyncIterator[bytes]:
    with streams.opened(doors_of.person.id):
        try:
            async for each in _changes(request, doors_of, streams):
                yield each
        except Exception as error:
            if not is_away(error):
                log.error("stream broken", error=type(error).__name__)  # noqa: TRY400 - a traceback may hold names


async def _changes(request: Request, doors_of: Day, streams: Streams) -> AsyncIterator[bytes]:
    told: Waiting | None = None
    rooms: list[str] = []
    asked_at = beat_at = float("-inf")
    while True:
        now = time.monotonic()
        if now - asked_at >= ASK_SECONDS:
            if not await _stands(request, doors_of.person):
                yield event("end", {})
                return
            rooms = await doors_of.rooms()
            asked_at = now
        found: Waiting = request.app.state.waiting_in(rooms)
        if found != told:
            told, beat_at = found, now
            yield event("waiting", await doors_of.shown(found))
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

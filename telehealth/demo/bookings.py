"""The demo's appointments: some over the coming days, and at every start one whose room is open at once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments import store
from telehealth.appointments.placing import place
from telehealth.audit.office import Office, Work
from telehealth.availability.acts import open_in
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist
from telehealth.demo.clinic import BOOKINGS, SOON_REASON, Booking
from telehealth.notices.acts import announce
from telehealth.person import Person

SOON_SERVICE = "individual-session"
SOON_CLIENT = "first_client"
SOON_THERAPISTS = ("mara", "jonas", "elif")
STILL_WORTH_JOINING = timedelta(minutes=25)  # of a session that has begun, this much must be left
ROOM_OPENS = timedelta(minutes=15)
LEAD = timedelta(minutes=2)
STEP = timedelta(minutes=5)


class CannotSeed(Exception):
    """The demo's clinic cannot be filled; the message says why."""


@dataclass(frozen=True)
class Soon:
    """An appointment whose room is open now; `client` and `therapist` are keys of the demo's people."""

    client: str
    therapist: str
    starts_at: datetime


async def book_ahead(office: Office, members: dict[str, Person]) -> None:
    """Book what the demo begins with, all or nothing; only in a clinic without appointments."""

    async def act(work: Work) -> None:
        if await store.appointments_of(members["desk"], work.connection):
            return
        for booking in BOOKINGS:
            await _book(work, booking, members)

    await office.act(members["desk"], act)


async def _book(work: Work, booking: Booking, members: dict[str, Person]) -> None:
    """Book the first time from that day on that anybody could have chosen and everybody is free."""
    service = await _service(work.connection, booking.service)
    therapist = await clinic.therapist(work.connection, members[booking.therapist].id)
    since = work.now + timedelta(days=booking.in_days)
    until = since + timedelta(days=14)
    open_times = await open_in(
        work.connection, service, [therapist], since=since, until=until, now=work.now, holder=None
    )
    first, *partners = (members[key].id for key in booking.clients)
    said = {first: booking.reason} | dict.fromkeys(partners, "")
    for time in open_times[3:]:  # not always the first of the morning
        placed = await place(work, service, therapist, time.start, said)
        if placed is not None:
            await _tell(work, placed, service, therapist, time.start, list(said))
            return
    raise CannotSeed(f"There is no open time for {booking.service} with {booking.therapist}.")


async def _tell(
    work: Work, placed: bytes, service: Service, therapist: Therapist, start: datetime, clients: list[bytes]
) -> None:
    """As after a booking of their own: read already, and written to them in the demo's outbox."""
    body = {"appointment": placed.hex(), "starts_at": start.isoformat(), "to": "client", "by": "you"}
    body |= {"what": service.public_name, "who": therapist.name}
    for client_id in clients:
        await announce(work, client_id, "appointment_booked", body, appointment_id=placed, quiet=True)


async def appointment_soon(office: Office, members: dict[str, Person]) -> Soon | None:
    """An appointment whose room is open now: the one that is there, or a new one; None when nobody is free.

    It begins in a few minutes, outside the hours and the notice that hold for everybody else: the demo's one liberty.
    """

    async def find_or_place(work: Work) -> Soon | None:
        found = await _open_room(work, members)
        if found is not None:
            return found
        service = await _service(work.connection, SOON_SERVICE)
        first = next_step(work.now + LEAD)
        for starts_at in (first, first + STEP):
            for key in SOON_THERAPISTS:
                therapist = await clinic.therapist(work.connection, members[key].id)
                said = {members[SOON_CLIENT].id: SOON_REASON}
                if await place(work, service, therapist, starts_at, said) is not None:
                    return Soon(SOON_CLIENT, key, starts_at)
        return None

    return await office.act(members["desk"], find_or_place)


async def _open_room(work: Work, members: dict[str, Person]) -> Soon | None:
    """The client's booked appointment that has its room open and enough of it left."""
    keys = {person.id: key for key, person in members.items()}
    for row in await store.appointments_of(members[SOON_CLIENT], work.connection):
        is_open = row.starts_at - ROOM_OPENS <= work.now <= row.ends_at - STILL_WORTH_JOINING
        if row.state == "booked" and is_open:
            return Soon(SOON_CLIENT, keys[row.therapist_id], row.starts_at)
    return None


def next_step(moment: datetime) -> datetime:
    """The next full five minutes, UTC."""
    seconds = STEP.total_seconds()
    return datetime.fromtimestamp(-(-moment.timestamp() // seconds) * seconds, UTC)


async def _service(connection: AsyncConnection, slug: str) -> Service:
    return next(each for each in await clinic.services(connection) if each.slug == slug)

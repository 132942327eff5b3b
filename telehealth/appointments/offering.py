"""Other times that an appointment could have: for whoever moves it, and for a therapist who proposes some."""

from datetime import date, datetime, timedelta

from telehealth.appointments.moving import wish_of
from telehealth.appointments.reading import Appointment, found_by
from telehealth.appointments.wanted import alternatives
from telehealth.audit.office import Office, Work
from telehealth.availability import acts as availability
from telehealth.availability.acts import zone_named
from telehealth.availability.store import busy_of
from telehealth.person import Person

NOBODY = b""  # who moves holds no time


async def times_for(
    office: Office, person: Person, appointment_id: bytes, *, first: date, days: int, zone: str
) -> tuple[Appointment, list[datetime]]:
    """An appointment and the open starts (aware UTC) it could have on `days` local days of `zone` from `first` on.

    With the same service and therapists. For a client those at which they have nothing else; what a partner has plays
    no part, so that it does not show. NotFound for strangers.
    """
    shown_in = zone_named(zone)
    since = datetime(first.year, first.month, first.day, tzinfo=shown_in)
    until = since + timedelta(days=days)  # wall clock: local midnight again

    async def act(work: Work) -> tuple[Appointment, list[datetime]]:
        found = await found_by(work, person, appointment_id)
        open_now = await availability.open_in(
            work.connection,
            found.service,
            found.therapists,
            since=since,
            until=until,
            now=work.now,
            holder=NOBODY,
            but_appointment=found.id,
        )
        starts = [each.start for each in open_now if each.start != found.starts_at]
        if person.role == "client":
            busy = await busy_of(
                work.connection, [person.id], since=since, until=until, now=work.now, but_appointment=found.id
            )
            length = timedelta(minutes=found.service.minutes)
            own = busy[person.id]
            starts = [s for s in starts if not any(a < s + length and b > s for a, b in own)]
        return found, starts

    return await office.act(person, act)


async def near(office: Office, person: Person, appointment_id: bytes) -> list[datetime]:
    """The nearest open starts that could be proposed instead, at most six, ascending."""

    async def act(work: Work) -> list[datetime]:
        found = await found_by(work, person, appointment_id)
        wish = wish_of(found, person, found.starts_at, zone_named(found.zone))
        return sorted(each.start for each in await alternatives(work, wish))

    return await office.act(person, act)

"""Times that an appointment could have: for whoever moves it, for a therapist who proposes some, and for whoever books
for a client."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from telehealth.appointments.clients import check_client
from telehealth.appointments.moving import wish_of
from telehealth.appointments.reading import Appointment, found_by
from telehealth.appointments.wanted import alternatives
from telehealth.audit.office import Office, Work
from telehealth.availability import acts as availability
from telehealth.availability.acts import OpenTime, zone_named
from telehealth.availability.store import busy_of
from telehealth.clinic.store import Service, Therapist
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
        return sorted(each.start for each in await alternatives(work.connection, wish, work.now))

    return await office.act(person, act)


async def times_to_book(
    office: Office,
    person: Person,
    client_id: bytes,
    service: Service,
    offering: Sequence[Therapist],
    *,
    named: Sequence[bytes] | None,
    first: date,
    days: int,
    zone: str,
) -> list[OpenTime]:
    """Open times of a service on `days` local days of `zone` from `first` on, at which this client is free, too.

    `offering` are all who offer it, `named` those with whom it may be (None: anyone). NotFound, on record, for whoever
    may not book for that client.
    """
    since = datetime(first.year, first.month, first.day, tzinfo=zone_named(zone))
    until = since + timedelta(days=days)  # wall clock: local midnight again
    length = timedelta(minutes=service.minutes)

    async def act(work: Work) -> list[OpenTime]:
        await check_client(work, person, client_id)
        c, now = work.connection, work.now
        seeing = offering if service.therapists_needed == 2 or named is None else _of(offering, named)
        found = await availability.open_in(
            c, service, seeing, since=since, until=until, now=now, holder=NOBODY, named=named
        )
        busy = (await busy_of(c, [client_id], since=since, until=until, now=now))[client_id]
        return [
            each for each in found if not any(a < each.start + length and b > each.start for a, b in busy)
        ]

    return await office.act(person, act)


def _of(offering: Sequence[Therapist], named: Sequence[bytes]) -> list[Therapist]:
    return [each for each in offering if each.id in named]

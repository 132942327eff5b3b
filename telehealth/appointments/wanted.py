"""A wanted time: whether it can be had, and if not, why and what is near."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from telehealth.appointments import placing, rules, store
from telehealth.audit.office import Work
from telehealth.availability import acts as availability
from telehealth.availability import rules as hours
from telehealth.availability.acts import OpenTime
from telehealth.availability.store import busy_of
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist
from telehealth.errors import Conflict, Invalid
from telehealth.person import Person

NEAR = timedelta(days=14)
FARTHEST = timedelta(days=400)
MINUTE = timedelta(minutes=1)
NOT_OFFERED = "This time is not open for booking. Please choose one of the open times."
TAKEN = "{when} has just been taken by someone else. These times nearby are open."
BOOKED_THEN = "You already have an appointment at that time. These times nearby are open."
EXPIRED = "We kept {when} for you, but that has run out. It is still open: choose it again, or another time."


class Taken(Conflict):
    """The time cannot be had; `alternatives` are the nearest that can, at most six."""

    def __init__(
        self,
        code: str,
        sentence: str,
        alternatives: list[OpenTime],
        *,
        about: tuple[str, bytes] | None = None,
    ) -> None:
        super().__init__(code, sentence, about=about)
        self.alternatives = alternatives


@dataclass(frozen=True)
class Wanted:
    """One service with one therapist at one start, wished for by somebody in a zone."""

    service: Service
    therapist: Therapist
    starts_at: datetime
    holder: bytes
    person: Person | None
    shown_in: ZoneInfo

    @property
    def session(self) -> tuple[datetime, datetime]:
        """When client and therapist meet."""
        return placing.session(self.service, self.starts_at)

    @property
    def during(self) -> tuple[datetime, datetime]:
        """What it takes of the therapist's time, with buffers."""
        return placing.with_buffers(self.service, self.starts_at)

    @property
    def time(self) -> OpenTime:
        """The same as an open time."""
        return OpenTime(self.starts_at, self.therapist.id, self.service.id)

    @property
    def spoken(self) -> str:
        """The start in words, in the zone of who asks."""
        return rules.spoken(self.starts_at, self.shown_in)


async def wanted(
    work: Work,
    person: Person | None,
    *,
    service_id: bytes,
    therapist_id: bytes,
    start: datetime,
    holder: bytes,
    zone: ZoneInfo,
) -> Wanted:
    """What is asked for; NotFound for unknown ids, Invalid when it could never be offered."""
    service = await clinic.service(work.connection, service_id)
    therapist = await clinic.therapist(work.connection, therapist_id)
    is_offered = service.retired_at is None and therapist.id in service.therapist_ids
    if not is_offered or abs(start - work.now) > FARTHEST:
        raise Invalid("not_offered", NOT_OFFERED)
    return Wanted(service, therapist, start, holder, person, zone)


async def check_open(work: Work, wish: Wanted) -> None:
    """Refuse unless the time would be shown now to who asks: Invalid when it is outside the hours, Taken when it is
    taken. To be called under the parties' locks: who has stopped working here meanwhile is seen only then."""
    if not await clinic.still_offers(work.connection, wish.service.id, wish.therapist.id):
        raise Invalid("not_offered", NOT_OFFERED)
    await check_person_free(work, wish)
    calendars = await availability.calendars_for(
        work.connection,
        [wish.therapist],
        since=wish.starts_at,
        until=wish.starts_at + MINUTE,
        now=work.now,
        holder=wish.holder,
    )
    calendar, shape = calendars[wish.therapist.id], availability.shape_of(wish.service)
    if hours.is_offered(calendar, shape, wish.starts_at, now=work.now):
        return
    if not hours.is_offered(replace(calendar, busy=(), sessions=()), shape, wish.starts_at, now=work.now):
        raise Invalid("not_offered", NOT_OFFERED)
    raise await taken(work, wish)


async def check_person_free(work: Work, wish: Wanted) -> None:
    """Refuse when the client who asks has something else at that time."""
    if wish.person is not None and await _is_booked_then(work, wish, wish.person):
        near = await alternatives(work, wish)
        raise Taken("you_are_booked_then", BOOKED_THEN, near, about=("person", wish.person.id))


async def _is_booked_then(work: Work, wish: Wanted, person: Person) -> bool:
    starts_at, ends_at = wish.session
    busy = await busy_of(work.connection, [person.id], since=starts_at, until=ends_at, now=work.now)
    return any(start < ends_at and end > starts_at for start, end in busy[person.id])


async def taken(work: Work, wish: Wanted) -> Taken:
    """The refusal that somebody else was quicker."""
    near = await alternatives(work, wish)
    return Taken("time_taken", TAKEN.format(when=wish.spoken), near)


async def expired(work: Work, wish: Wanted, hold_id: bytes) -> Taken:
    """The refusal that the hold ran out, of a time that is still open: the time itself comes first."""
    near = [wish.time, *await alternatives(work, wish)][:6]
    return Taken("hold_expired", EXPIRED.format(when=wish.spoken), near, about=("appointment", hold_id))


async def alternatives(work: Work, wish: Wanted) -> list[OpenTime]:
    """The nearest other open times of the service at which who asks is free, too."""
    service = wish.service
    offering = [each for each in await clinic.therapists(work.connection) if each.id in service.therapist_ids]
    since, until = wish.starts_at - NEAR, wish.starts_at + NEAR
    open_now = await availability.open_in(
        work.connection, service, offering, since=since, until=until, now=work.now, holder=wish.holder
    )
    own: list[tuple[datetime, datetime]] = []
    if wish.person is not None:
        busy = await busy_of(work.connection, [wish.person.id], since=since, until=until, now=work.now)
        own = busy[wish.person.id]
    length = timedelta(minutes=service.minutes)
    possible = [
        time
        for time in open_now
        if time != wish.time
        and not any(start < time.start + length and end > time.start for start, end in own)
    ]
    return hours.nearest(possible, wish.starts_at, wish.therapist.id)


async def clear_the_way(work: Work, wish: Wanted) -> None:
    """Delete expired holds that would still block the constraint; to be called under the parties' locks."""
    before = work.now - rules.EXPIRED_KEPT
    in_the_way = await store.expired_holds(
        work.connection, wish.therapist.id, wish.during, now=work.now, before=before
    )
    await store.forget(work.connection, in_the_way)

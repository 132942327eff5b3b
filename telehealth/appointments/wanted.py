"""A wanted time: whether it can be had, and if not, why and what is near."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments import placing, rules, store
from telehealth.audit.office import Office, Work
from telehealth.availability import acts as availability
from telehealth.availability import near
from telehealth.availability import rules as hours
from telehealth.availability.acts import Calendar, OpenTime
from telehealth.availability.store import busy_of
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist
from telehealth.errors import Conflict, Invalid
from telehealth.person import Person

T = TypeVar("T")
NEAR, FAR = timedelta(days=2), timedelta(days=14)
MOST = 6  # alternatives
FARTHEST = timedelta(days=400)
MINUTE = timedelta(minutes=1)
NOT_OFFERED = "This time is not open for booking. Please choose one of the open times."
TAKEN = "{when} has just been taken by someone else. These times nearby are open."
BOOKED_THEN = "You already have an appointment at that time. These times nearby are open."
EXPIRED = "We kept {when} for you, but that has run out. It is still open: choose it again, or another time."


@dataclass(frozen=True)
class Wanted:
    """One service with one therapist, or two, at one start, wished for by somebody in a zone; `instead` of the time
    that an appointment has now, if it is to be moved. `holder` is b"" where no browser holds anything."""

    service: Service
    therapist: Therapist
    starts_at: datetime
    holder: bytes
    person: Person | None
    shown_in: ZoneInfo
    co_therapist: Therapist | None = None
    instead: bytes | None = None

    @property
    def therapists(self) -> tuple[Therapist, ...]:
        """Who would see the clients: one, or two."""
        return (self.therapist,) if self.co_therapist is None else (self.therapist, self.co_therapist)

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
        co = None if self.co_therapist is None else self.co_therapist.id
        return OpenTime(self.starts_at, self.therapist.id, self.service.id, co)

    @property
    def spoken(self) -> str:
        """The start in words, in the zone of who asks."""
        return rules.spoken(self.starts_at, self.shown_in)


class Taken(Conflict):
    """The time cannot be had; `alternatives` are the nearest that can, at most six, where `naming_others` looked for
    what can be had instead of the `wish`."""

    def __init__(
        self,
        code: str,
        sentence: str,
        alternatives: Sequence[OpenTime] = (),
        *,
        wish: Wanted | None = None,
        about: tuple[str, bytes] | None = None,
    ) -> None:
        super().__init__(code, sentence, about=about)
        self.alternatives = list(alternatives)
        self.wish = wish


async def naming_others(office: Office, person: Person | None, act: Callable[[Work], Awaitable[T]]) -> T:
    """`office.act`; what is taken is refused with the nearest times that can be had. They are looked for when the
    refused transaction is over, so that nobody waits for its locks meanwhile."""
    try:
        return await office.act(person, act)
    except Taken as refusal:
        if refusal.wish is not None:
            async with office.database.reading() as connection:
                others = await alternatives(connection, refusal.wish, office.clock())
            refusal.alternatives = [*refusal.alternatives, *others][:MOST]
        raise


async def wanted(
    work: Work,
    person: Person | None,
    *,
    service_id: bytes,
    therapist_id: bytes,
    start: datetime,
    holder: bytes,
    zone: ZoneInfo,
    co_therapist_id: bytes | None = None,
) -> Wanted:
    """What is asked for; NotFound for unknown ids, Invalid when it could never be offered."""
    c = work.connection
    service, offering = await clinic.offering(c, service_id)
    profiles = {each.id: each for each in offering}
    therapist = profiles.get(therapist_id) or await clinic.therapist(c, therapist_id)
    wish = Wanted(service, therapist, start.astimezone(UTC), holder, person, zone)
    if co_therapist_id is None and service.therapists_needed == 2:
        co_therapist_id = await _companion(work, wish, offering)
    if co_therapist_id is not None:
        other = profiles.get(co_therapist_id) or await clinic.therapist(c, co_therapist_id)
        wish = replace(wish, co_therapist=other)
    ids = {each.id for each in wish.therapists}
    is_offered = service.retired_at is None and ids <= set(service.therapist_ids)
    if not is_offered or len(ids) != service.therapists_needed or abs(start - work.now) > FARTHEST:
        raise Invalid("not_offered", NOT_OFFERED)
    return wish


async def _companion(work: Work, wish: Wanted, offering: Sequence[Therapist]) -> bytes | None:
    """Who would see the clients beside the wished therapist, where nobody said: the first who is free, else the first
    who could be, so that the refusal is that of a taken time."""
    others = [each for each in wish.service.therapist_ids if each != wish.therapist.id]
    pairs = await availability.open_in(
        work.connection,
        wish.service,
        offering,
        since=wish.starts_at,
        until=wish.starts_at + MINUTE,
        now=work.now,
        holder=wish.holder,
        named=[wish.therapist.id],
    )
    return pairs[0].co_therapist_id if pairs else next(iter(others), None)


async def check_open(work: Work, wish: Wanted) -> None:
    """Refuse unless the time would be shown now to who asks: Invalid when it is outside the hours, Taken when it is
    taken. To be called under the parties' locks: who has stopped working here meanwhile is seen only then."""
    await check_still_offered(work, wish)
    await check_person_free(work, wish)
    await check_therapists_open(work, wish)


async def check_still_offered(work: Work, wish: Wanted) -> None:
    """Refuse when somebody who would see the clients works here no more; under the parties' locks."""
    for each in wish.therapists:
        if not await clinic.still_offers(work.connection, wish.service.id, each.id):
            raise Invalid("not_offered", NOT_OFFERED)


async def check_therapists_open(work: Work, wish: Wanted) -> None:
    """The same, whatever else the client who asks has at that time."""
    calendars = await availability.calendars_for(
        work.connection,
        wish.therapists,
        since=wish.starts_at,
        until=wish.starts_at + MINUTE,
        now=work.now,
        holder=wish.holder,
        but_appointment=wish.instead,
    )
    shape = availability.shape_of(wish.service)

    def offered(each: Calendar) -> bool:
        return hours.is_offered(each, shape, wish.starts_at, now=work.now)

    if all(offered(each) for each in calendars.values()):
        return
    if not all(offered(replace(each, busy=(), sessions=(), taken=())) for each in calendars.values()):
        raise Invalid("not_offered", NOT_OFFERED)
    raise taken(wish)


async def check_person_free(work: Work, wish: Wanted) -> None:
    """Refuse when the client who asks has something else at that time."""
    person = wish.person
    if person is not None and await busy_then(work, wish, [person.id]):
        raise Taken("you_are_booked_then", BOOKED_THEN, wish=wish, about=("person", person.id))


async def busy_then(work: Work, wish: Wanted, clients: Sequence[bytes]) -> list[bytes]:
    """Which of these clients have something else at that time."""
    starts_at, ends_at = wish.session
    busy = await busy_of(
        work.connection,
        clients,
        since=starts_at,
        until=ends_at,
        now=work.now,
        but_holder=wish.holder,
        but_appointment=wish.instead,
    )
    return [each for each in clients if any(start < ends_at and end > starts_at for start, end in busy[each])]


def taken(wish: Wanted, *, about: tuple[str, bytes] | None = None) -> Taken:
    """The refusal that somebody else was quicker."""
    return Taken("time_taken", TAKEN.format(when=wish.spoken), wish=wish, about=about)


def expired(wish: Wanted, hold_id: bytes) -> Taken:
    """The refusal that the hold ran out, of a time that is still open: the time itself comes first."""
    sentence, about = EXPIRED.format(when=wish.spoken), ("appointment", hold_id)
    return Taken("hold_expired", sentence, [wish.time], wish=wish, about=about)


async def alternatives(c: AsyncConnection, wish: Wanted, now: datetime) -> list[OpenTime]:
    """The nearest other open times of the service at which who asks is free, too: within a few days where there are
    enough, else within two weeks."""
    service, offering = await clinic.offering(c, wish.service.id)
    if wish.instead is not None and service.therapists_needed == 1:
        offering = [wish.therapist]
    alone = wish.instead is not None or len(offering) == 1
    notice, horizon = timedelta(minutes=service.notice_minutes), timedelta(days=service.horizon_days)
    is_all = wish.starts_at - NEAR <= now + notice and wish.starts_at + NEAR >= now + horizon
    possible = await _possible(c, wish, service, offering, within=NEAR, now=now)
    if not is_all and not near.are_enough(possible, wish.therapist.id, alone=alone, count=MOST):
        possible = await _possible(c, wish, service, offering, within=FAR, now=now)
    return near.nearest(possible, wish.starts_at, wish.therapist.id, count=MOST)


async def _possible(
    c: AsyncConnection,
    wish: Wanted,
    service: Service,
    offering: Sequence[Therapist],
    *,
    within: timedelta,
    now: datetime,
) -> list[OpenTime]:
    """Every other time that they could have, at most so far away."""
    since, until = wish.starts_at - within, wish.starts_at + within
    open_now = await availability.open_in(
        c,
        service,
        offering,
        since=since,
        until=until,
        now=now,
        holder=wish.holder,
        but_appointment=wish.instead,
    )
    if wish.instead is not None:  # it keeps its therapists
        open_now = [time for time in open_now if time.therapist_id == wish.therapist.id]
    if wish.person is not None:
        busy = await busy_of(c, [wish.person.id], since=since, until=until, now=now)
        open_now = near.apart_from(busy[wish.person.id], open_now, timedelta(minutes=service.minutes))
    wished = wish.time
    return [time for time in open_now if time != wished]


async def clear_the_way(work: Work, wish: Wanted) -> None:
    """Delete expired holds that would still block the constraint; to be called under the parties' locks."""
    before = work.now - rules.EXPIRED_KEPT
    in_the_way = await store.expired_holds(
        work.connection, [each.id for each in wish.therapists], wish.during, now=work.now, before=before
    )
    await store.forget(work.connection, in_the_way)

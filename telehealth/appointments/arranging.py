"""Book on behalf of clients: once, or every week or two; what is not free is said before anything is booked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments import placing, rules
from telehealth.appointments.clients import bookable_by
from telehealth.appointments.models import appointments
from telehealth.appointments.reading import found_by
from telehealth.appointments.telling import tell
from telehealth.appointments.wanted import (
    FARTHEST,
    MINUTE,
    Wanted,
    check_still_offered,
    clear_the_way,
    wanted,
)
from telehealth.audit.office import Office, Work
from telehealth.availability import acts as availability
from telehealth.availability import rules as hours
from telehealth.availability.store import busy_of
from telehealth.db.engine import lock_parties
from telehealth.errors import Conflict, Forbidden, Invalid, NotFound
from telehealth.people.models import people
from telehealth.person import Person
from telehealth.repeats import answers

NOBODY = b""  # who arranges holds no time
Clash = Literal["past", "clocks", "client_busy", "therapist_busy", "not_open"]
OVERRULED: frozenset[Clash] = frozenset({"not_open"})  # by staff who say so; nothing else is
NO_STAFF = "Only therapists and the front desk book for somebody else."
NO_CLIENT = "There is no such client. Please choose one from the list."
TOO_MANY = "This service is for fewer people. Please choose again who comes."
NONE_FREE = "None of these times can be booked, so nothing was. Please choose another time."


@dataclass(frozen=True)
class Planned:
    """One start (aware UTC) of what was asked for: why it cannot be booked, or the appointment it has become.

    A `clash` is "past" (or too far ahead), "clocks" (there is no such time on that day), "client_busy",
    "therapist_busy", or "not_open" (outside the hours). With neither, it is free.
    """

    start: datetime
    clash: Clash | None = None
    appointment_id: bytes | None = None


@dataclass(frozen=True)
class Order:
    """What to book for whom: `times` (1 to 26) starts from `start` on, `every` 1 or 2 weeks at the same time of the
    therapist's wall clock; 0 for one alone. `anyway` books outside the hours, too."""

    service_id: bytes
    therapist_id: bytes
    client_ids: tuple[bytes, ...]
    start: datetime
    co_therapist_id: bytes | None = None
    every: int = 0
    times: int = 1
    anyway: bool = False

    def as_text(self) -> list[str]:
        """The same for a key that makes a repeated request one."""
        ids = [self.service_id, self.therapist_id, self.co_therapist_id or b"", *self.client_ids]
        return [
            *(each.hex() for each in ids),
            self.start.isoformat(),
            f"{self.every} {self.times} {self.anyway}",
        ]


async def plan(office: Office, person: Person, order: Order) -> list[Planned]:
    """What of it could be booked now, and what not and why; nothing is written. Refusals as `place_for`."""

    async def act(work: Work) -> list[Planned]:
        return await _judged(work, await _wish(work, person, order), order)

    return await office.act(person, act)


async def place_for(
    office: Office, person: Person, order: Order, *, key: str, message: str = ""
) -> list[Planned]:
    """Book whatever of it is free, in one transaction, as one series where there are several; tell those concerned.

    Forbidden "not_staff"; NotFound for a client who is not one, or not this therapist's; Invalid "too_many_clients",
    "not_offered", "series" (not 1 to 26, not every week or two); Conflict "none_free". The same `key` books nothing
    again and gives what was booked.
    """
    claimed, words = answers.key_from(key), rules.message_from(message)

    async def act(work: Work) -> list[Planned]:
        wish = await _wish(work, person, order)
        parties = [*(each.id for each in wish.therapists), *order.client_ids]
        await lock_parties(work.connection, [*parties, person.id])
        answer = await answers.claim(work, person, claimed, ["place", *order.as_text(), words])
        if answer is not None:
            return await _booked_before(work.connection, answer)
        await _check_clients(work, person, order.client_ids)  # who may have gone until the locks were had
        await check_still_offered(work, wish)
        made = await _place_all(work, person, wish, order, words)
        booked = [each.appointment_id for each in made if each.appointment_id is not None]
        if not booked:
            raise Conflict("none_free", NONE_FREE)
        await answers.keep(work, person, claimed, booked[0])
        return made

    return await office.act(person, act)


async def _wish(work: Work, person: Person, order: Order) -> Wanted:
    """The first of it, once it is clear that this person may book it for these clients."""
    if person.role not in ("therapist", "front_desk"):
        raise Forbidden("not_staff", NO_STAFF)
    wish = await wanted(
        work,
        None,
        service_id=order.service_id,
        therapist_id=order.therapist_id,
        start=order.start,
        holder=NOBODY,
        zone=ZoneInfo("UTC"),
        co_therapist_id=order.co_therapist_id,
    )
    if not 0 < len(set(order.client_ids)) == len(order.client_ids) <= wish.service.seats:
        raise Invalid("too_many_clients", TOO_MANY, fields={"client": TOO_MANY})
    if person.role == "therapist" and person.id not in [each.id for each in wish.therapists]:
        raise NotFound("therapist_not_found", NO_CLIENT)
    await _check_clients(work, person, order.client_ids)
    return wish


async def _check_clients(work: Work, person: Person, client_ids: Collection[bytes]) -> None:
    """Refuse unless they are clients with an account: a therapist's own, or anybody for the front desk."""
    query = bookable_by(person).where(people.c.id.in_(client_ids))
    known = set((await work.connection.execute(query)).scalars())
    for client_id in client_ids:
        if client_id not in known:
            raise NotFound("client_not_found", NO_CLIENT, about=("person", client_id))


async def _judged(work: Work, wish: Wanted, order: Order) -> list[Planned]:
    """Each start with what stands against it. A fixed number of statements."""
    zone = ZoneInfo(wish.therapist.zone)
    starts = rules.series(order.start, zone, every=order.every, times=order.times)
    first, last = starts[0][0], starts[-1][0] + MINUTE
    calendars = await availability.calendars_for(
        work.connection, wish.therapists, since=first, until=last, now=work.now, holder=NOBODY
    )
    parties = [*calendars, *order.client_ids]
    busy = await busy_of(work.connection, parties, since=first, until=last, now=work.now)
    shape = replace(availability.shape_of(wish.service), notice_minutes=0, horizon_days=FARTHEST.days)

    def clash(start: datetime, exists: bool) -> Clash | None:
        if not exists:
            return "clocks"
        if not work.now < start <= work.now + FARTHEST:
            return "past"
        if any(_overlap(busy[each], placing.session(wish.service, start)) for each in order.client_ids):
            return "client_busy"
        if any(_overlap(busy[each], placing.with_buffers(wish.service, start)) for each in calendars):
            return "therapist_busy"
        is_open = all(hours.is_offered(each, shape, start, now=work.now) for each in calendars.values())
        return None if is_open else "not_open"

    return [Planned(start, clash(start, exists)) for start, exists in starts]


def _overlap(busy: Sequence[placing.During], during: placing.During) -> bool:
    return any(start < during[1] and end > during[0] for start, end in busy)


async def _place_all(work: Work, person: Person, wish: Wanted, order: Order, message: str) -> list[Planned]:
    series_id = work.chance(16) if order.times > 1 else None
    said = dict.fromkeys(order.client_ids, "")
    made: list[Planned] = []
    told = False
    for each in await _judged(work, wish, order):
        if each.clash is not None and not (order.anyway and each.clash in OVERRULED):
            made.append(each)
            continue
        await clear_the_way(work, replace(wish, starts_at=each.start))
        appointment_id = await placing.place(
            work, wish.service, wish.therapists, each.start, said, series_id=series_id
        )
        if appointment_id is None:
            made.append(Planned(each.start, "therapist_busy"))
            continue
        made.append(Planned(each.start, None, appointment_id))
        found = await found_by(work, person, appointment_id)
        await tell(work, found, "appointment_booked", message="" if told else message, quiet=told)
        told = True
    return made


async def _booked_before(c: AsyncConnection, appointment_id: bytes) -> list[Planned]:
    """What a repeated request booked the first time: this appointment, and its series."""
    series = select(appointments.c.series_id).where(appointments.c.id == appointment_id)
    mine = or_(appointments.c.id == appointment_id, appointments.c.series_id == series.scalar_subquery())
    query = select(appointments.c.id, appointments.c.starts_at).where(mine).order_by(appointments.c.starts_at)
    return [Planned(row.starts_at, None, row.id) for row in await c.execute(query)]

"""When the rules of a zone change between booking and session: the wall clock stays, and UTC follows it.

What was agreed is a time on the therapist's clock (`local_start`); the UTC range was derived from it with the zone data
of that day. With newer data it is derived again. Where it changes and is free, it moves with all it occupies; where it
meets something else, here or in a calendar the therapist subscribes to, nothing moves by itself and the therapist is
told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from telehealth.appointments import rules, store
from telehealth.appointments.forgetting import taking_part
from telehealth.appointments.models import appointments
from telehealth.appointments.reading import Appointment, look, opened
from telehealth.audit.office import Office, Work
from telehealth.availability.models import TAKES_TIME, occupancies
from telehealth.availability.store import busy_elsewhere
from telehealth.availability.zones import zone_version
from telehealth.db.engine import is_overlap, lock_parties
from telehealth.notices.acts import announce
from telehealth.person import Person

BATCH = 500
LIVE = ("booked", "asked")
Zones = Callable[[str], tzinfo]


@dataclass(frozen=True)
class Dated:
    """An appointment ahead whose UTC range was derived with older zone data."""

    id: bytes
    therapists: tuple[bytes, ...]
    local_start: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    becomes: datetime | None

    @property
    def body(self) -> dict[str, str]:
        """What the words about it are made of."""
        start = self.becomes or self.starts_at
        return {
            "id": self.id.hex(),
            "zone": self.zone,
            "local": self.local_start[-5:],
            "was": self.starts_at.isoformat(),
            "start": start.isoformat(),
        }


async def turn(office: Office, *, zones: Zones = ZoneInfo, version: str | None = None) -> int:
    """Derive anew what was derived with older data than `version`; returns how many appointments moved or clash.

    Each is a transaction of its own. Those that have to make way for one another are tried again until none moves; what
    a held time is in the way of waits for the next turn.
    """
    version = version or zone_version()
    found = await _older(office, zones, version)
    await _note_version(office, [each.id for each in found if each.becomes == each.starts_at], version)
    differs = _in_order([each for each in found if each.becomes != each.starts_at])
    waiting = differs
    while waiting:
        left = [each for each in waiting if not await _move(office, each, version)]
        if len(left) == len(waiting):
            break
        waiting = left
    clashes = [await _hand_over(office, each, version) for each in waiting]
    return len(differs) - len(waiting) + sum(clashes)


def start_of(local_start: str, zone: tzinfo) -> datetime | None:
    """The UTC start of a wall-clock time, at its first occurrence; None when the clocks never show it."""
    local = datetime.fromisoformat(local_start).replace(tzinfo=zone)
    start = local.astimezone(UTC)
    return start if start.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None) else None


async def _older(office: Office, zones: Zones, version: str) -> list[Dated]:
    """What is ahead and older: less than the version here, so that a machine with older data undoes nothing."""
    a = appointments.c
    query = (
        select(a.id, a.therapist_id, a.co_therapist_id, a.local_start, a.zone, a.starts_at, a.ends_at)
        .where(a.state.in_(LIVE), a.starts_at > office.clock(), a.zone_version < version)
        .order_by(a.starts_at, a.id)
    )
    async with office.database.reading() as connection:
        rows = (await connection.execute(query)).all()
    return [
        Dated(
            row.id,
            tuple(id_ for id_ in (row.therapist_id, row.co_therapist_id) if id_ is not None),
            row.local_start,
            row.zone,
            row.starts_at,
            row.ends_at,
            start_of(row.local_start, zones(row.zone)),
        )
        for row in rows
    ]


def _in_order(found: Sequence[Dated]) -> list[Dated]:
    """Whoever moves later makes way for the one before, so the last goes first; of the others, the first."""
    later = [each for each in found if each.becomes is not None and each.becomes > each.starts_at]
    return later[::-1] + [each for each in found if each not in later]


async def _note_version(office: Office, ids: Sequence[bytes], version: str) -> None:
    """Nothing changes for these but with which data they were derived."""
    for first in range(0, len(ids), BATCH):
        batch = ids[first : first + BATCH]
        async with office.database.transaction() as connection:
            query = update(appointments).where(appointments.c.id.in_(batch)).values(zone_version=version)
            await connection.execute(query)


async def _move(office: Office, found: Dated, version: str) -> bool:
    """Move it and all it occupies; False when it cannot. What changed meanwhile is left as it is."""
    start = found.becomes
    if start is None or start <= office.clock():
        return False

    async def act(work: Work) -> bool:
        clients = await _lock(work, found)
        if clients is None:
            return True
        if await _busy_elsewhere(work, found, start):
            return False
        try:
            async with work.connection.begin_nested():
                await _shift(work, found, start, version)
        except IntegrityError as error:
            if is_overlap(error):
                return False
            raise
        await work.audit(
            "appointment.follow_clock", "U", entity="appointment", entity_id=found.id, subjects=clients
        )
        for person_id in (*clients, *found.therapists):
            await announce(work, person_id, "zone_changed", found.body, appointment_id=found.id)
        return True

    return await office.act(None, act)


async def _busy_elsewhere(work: Work, found: Dated, start: datetime) -> bool:
    """Whether a calendar of one of the therapists says that they have something else then, as it was read last.

    The database refuses no such overlap. Buffers count as they do for what is offered.
    """
    by = start - found.starts_at
    mine = occupancies.c.appointment_id == found.id, occupancies.c.party.in_(found.therapists)
    taken = (await work.connection.execute(select(occupancies).where(*mine))).all()
    elsewhere = await busy_elsewhere(work.connection, found.therapists, start, found.ends_at + by)
    return any(
        begins < row.ends_at + by and ends > row.starts_at + by
        for row in taken
        for begins, ends in elsewhere.get(row.party, ())
    )


async def _shift(work: Work, found: Dated, start: datetime, version: str) -> None:
    by = start - found.starts_at
    values = {"starts_at": start, "ends_at": found.ends_at + by, "zone_version": version, "clash_at": None}
    moved = update(appointments).where(appointments.c.id == found.id)
    await work.connection.execute(moved.values(**values, sequence=appointments.c.sequence + 1))
    taken = select(occupancies).where(occupancies.c.appointment_id == found.id)
    for row in (await work.connection.execute(taken)).all():
        during = row.starts_at + by, row.ends_at + by
        if row.party in found.therapists:
            in_the_way = await store.expired_holds(
                work.connection, [row.party], during, now=work.now, before=work.now - rules.EXPIRED_KEPT
            )
            await store.forget(work.connection, in_the_way)
        mine = occupancies.c.appointment_id == found.id, occupancies.c.party == row.party
        await work.connection.execute(
            update(occupancies).where(*mine).values(starts_at=during[0], ends_at=during[1])
        )


async def _hand_over(office: Office, found: Dated, version: str) -> bool:
    """It clashes: it stays, and the therapist is told. False when that may still pass by itself."""

    async def act(work: Work) -> bool:
        clients = await _lock(work, found)
        if clients is None or await _waits_for_a_hold(work, found):
            return False
        values = {"clash_at": work.now, "zone_version": version}
        await work.connection.execute(
            update(appointments).where(appointments.c.id == found.id).values(**values)
        )
        await work.audit("appointment.clash", "U", entity="appointment", entity_id=found.id, subjects=clients)
        for person_id in found.therapists:
            await announce(work, person_id, "zone_clash", found.body, appointment_id=found.id)
        return True

    return await office.act(None, act)


async def _waits_for_a_hold(work: Work, found: Dated) -> bool:
    """Whether all that is in the way is a time that somebody keeps for some minutes."""
    if found.becomes is None:
        return False
    by = found.becomes - found.starts_at
    taken = select(occupancies).where(occupancies.c.appointment_id == found.id)
    states: set[str] = set()
    for row in (await work.connection.execute(taken)).all():
        in_the_way = select(occupancies.c.state).where(
            occupancies.c.party == row.party,
            occupancies.c.appointment_id != found.id,
            occupancies.c.starts_at < row.ends_at + by,
            occupancies.c.ends_at > row.starts_at + by,
            TAKES_TIME,
        )
        states.update((await work.connection.execute(in_the_way)).scalars())
    return states == {"held"}


async def _lock(work: Work, found: Dated) -> list[bytes] | None:
    """Lock everybody concerned and say who the clients are; None when it is not any more as it was found."""
    clients = await store.clients_of(work.connection, found.id)
    await lock_parties(work.connection, [*found.therapists, *clients])
    a = appointments.c
    as_found = select(a.id).where(
        a.id == found.id,
        a.state.in_(LIVE),
        a.starts_at == found.starts_at,
        a.local_start == found.local_start,
    )
    still = (await work.connection.execute(as_found)).one_or_none()
    return None if still is None else await taking_part(work.connection, found.id)


async def clashing(office: Office, person: Person, *, zones: Zones = ZoneInfo) -> list[Appointment]:
    """A therapist's appointments ahead that the clocks have put elsewhere and nobody has moved since."""

    async def act(work: Work) -> list[Appointment]:
        a = appointments.c
        query = select(a.id, a.local_start, a.zone, a.starts_at).where(
            a.clash_at.is_not(None), a.state.in_(LIVE), a.starts_at > work.now
        )
        rows = (await work.connection.execute(query)).all()
        stand = {row.id for row in rows if start_of(row.local_start, zones(row.zone)) != row.starts_at}
        if not stand:
            return []
        own = await store.appointments_of(person, work.connection, first=work.now)
        found = await opened(work, person, [row for row in own if row.id in stand])
        await look(work, person, found)
        return found

    return await office.act(person, act)

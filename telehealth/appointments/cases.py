"""The cases of couples, as far as booking needs them: an appointment for more than one belongs to a case of who books.

Inviting, joining and leaving stand in `telehealth/couples`.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments.models import appointments, case_members, cases
from telehealth.audit.office import Work
from telehealth.clinic.store import Service
from telehealth.errors import Invalid
from telehealth.notices.acts import announce
from telehealth.person import Person

UNSAID = "Please choose with whom you come: with the same partner as before, or with somebody else."


async def shared_case(c: AsyncConnection, person_id: bytes) -> bytes | None:
    """The one case that this person shares with somebody now; None where there is none, or more than one."""
    mine = select(case_members.c.case_id).where(
        case_members.c.person_id == person_id, case_members.c.left_at.is_(None)
    )
    others = select(case_members.c.case_id).where(
        case_members.c.case_id.in_(mine),
        case_members.c.person_id != person_id,
        case_members.c.left_at.is_(None),
    )
    found = list((await c.execute(others.distinct())).scalars())
    return found[0] if len(found) == 1 else None


async def members_of(c: AsyncConnection, case_id: bytes) -> list[bytes]:
    """Who shares a case now."""
    still = case_members.c.case_id == case_id, case_members.c.left_at.is_(None)
    query = select(case_members.c.person_id).where(*still).order_by(case_members.c.person_id)
    return list((await c.execute(query)).scalars())


async def is_somebody_asked(c: AsyncConnection, case_id: bytes | None, coming: Collection[bytes]) -> bool:
    """Whether somebody who shares this case does not come yet, and so is asked on their own pages."""
    return case_id is not None and not set(await members_of(c, case_id)) <= set(coming)


async def begin(
    work: Work,
    person: Person,
    service: Service,
    appointment_id: bytes,
    starts_at: datetime,
    *,
    same_partner: bool | None,
) -> bytes | None:
    """Make a time just booked part of a case, where it is for more than one: of the case already shared, whose other
    members are asked to come along, or of a new one.

    The case, or None where it is for one person. Invalid "partner_unsaid" when there is such a case and nobody said
    which. Nothing is taken of a partner's time.
    """
    if service.seats < 2:
        return None
    shared = await shared_case(work.connection, person.id)
    if shared is not None and same_partner is None:
        raise Invalid("partner_unsaid", UNSAID, fields={"partner": UNSAID})
    if shared is None or not same_partner:
        return await _into(work, appointment_id, await _new(work, [person.id]))
    body = {"id": appointment_id.hex(), "start": starts_at.isoformat()}
    for partner in await members_of(work.connection, shared):
        if partner != person.id:
            await announce(work, partner, "partner_asks", body)
    return await _into(work, appointment_id, shared)


async def begin_for(
    work: Work, service: Service, appointment_id: bytes, clients: Collection[bytes]
) -> bytes | None:
    """The same for a time that is placed for these people: of the case that exactly they share, or of a new one."""
    if service.seats < 2:
        return None
    shared = await shared_case(work.connection, next(iter(clients))) if len(clients) > 1 else None
    if shared is None or set(await members_of(work.connection, shared)) != set(clients):
        shared = await _new(work, clients)
    return await _into(work, appointment_id, shared)


async def join(work: Work, case_id: bytes, person_id: bytes) -> None:
    """Somebody shares a case from now on; whoever left it comes back."""
    c = work.connection
    theirs = case_members.c.case_id == case_id, case_members.c.person_id == person_id
    back = await c.execute(update(case_members).where(*theirs).values(left_at=None))
    if back.rowcount == 0:
        values = {"case_id": case_id, "person_id": person_id, "joined_at": work.now}
        await c.execute(insert(case_members).values(**values))


async def _new(work: Work, members: Collection[bytes]) -> bytes:
    case_id = work.chance(16)
    await work.connection.execute(insert(cases).values(id=case_id, created_at=work.now))
    for person_id in members:
        await join(work, case_id, person_id)
    return case_id


async def _into(work: Work, appointment_id: bytes, case_id: bytes) -> bytes:
    query = update(appointments).where(appointments.c.id == appointment_id)
    await work.connection.execute(query.values(case_id=case_id))
    return case_id

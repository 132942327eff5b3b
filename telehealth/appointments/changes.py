"""What changes of an appointment share: who must be locked, what may follow, and the rows of a new time."""

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments import placing, rules, store
from telehealth.appointments.models import appointment_clients, appointments, proposals
from telehealth.appointments.reading import Appointment, row_for
from telehealth.audit.office import Work
from telehealth.availability.models import occupancies
from telehealth.availability.zones import zone_version
from telehealth.db.engine import lock_parties
from telehealth.errors import Conflict
from telehealth.keys.store import subject_keys_of
from telehealth.person import Person


def parties_of(found: Appointment) -> list[bytes]:
    """Whose time it takes: therapists, then clients."""
    return [*(each.id for each in found.therapists), *found.client_ids]


async def lock(work: Work, person: Person, appointment_id: bytes) -> None:
    """Lock everybody whose time an appointment takes, and who acts, until the transaction ends; NotFound, on record,
    for strangers. It may have changed before the locks were had: whoever decides anything reads it afterwards."""
    row = await row_for(work, person, appointment_id)
    await lock_parties(work.connection, [*row.therapist_ids, *row.client_ids, person.id])


async def still_here(work: Work, found: Appointment) -> list[bytes]:
    """Its clients who have an account: of one who was erased only words under a legal hold may be left in it."""
    if work.actor is not None and found.client_ids == (work.actor.id,):
        return list(found.client_ids)
    keys = await subject_keys_of(work.connection, ["account"], found.client_ids)
    there = {key.subject_id for key in keys}
    return [each for each in found.client_ids if each in there]


def after(found: Appointment, verb: rules.Verb) -> rules.State:
    """The state after `verb`; Conflict, on record, when it cannot do that."""
    try:
        return rules.moved(found.state, verb)
    except Conflict as refusal:
        raise Conflict(refusal.code, refusal.sentence, about=("appointment", found.id)) from None


async def set_time(
    work: Work,
    found: Appointment,
    start: datetime,
    *,
    becomes: str,
    clients: Sequence[bytes],
    asked_at: datetime | None = None,
) -> bool:
    """Give an appointment another time and its parties with it: the therapists, and of the clients these alone.

    False when it changed meanwhile; IntegrityError (`db.engine.is_overlap`) when somebody is not free. To be called
    under the parties' locks.
    """
    c, zone = work.connection, ZoneInfo(found.therapist.zone)
    begins, ends = placing.session(found.service, start)
    values = {
        "state": becomes,
        "starts_at": begins,
        "ends_at": ends,
        "local_start": rules.local_start(begins, zone),
        "zone": zone.key,
        "zone_version": zone_version(),
        "sequence": found.sequence + 1,
        "clash_at": None,
        "offered_at": None,
    }
    if asked_at is not None:
        values["asked_at"] = asked_at
    same = (
        appointments.c.id == found.id,
        appointments.c.state == found.state,
        appointments.c.sequence == found.sequence,
    )
    if (await c.execute(update(appointments).where(*same).values(**values))).rowcount != 1:
        return False
    await c.execute(delete(occupancies).where(occupancies.c.appointment_id == found.id))
    taken = dict.fromkeys((each.id for each in found.therapists), placing.with_buffers(found.service, start))
    await store.occupy(c, found.id, taken | dict.fromkeys(clients, (begins, ends)), state=becomes)
    await forget_proposals(c, found.id)
    return True


async def ask_again(c: AsyncConnection, appointment_id: bytes, ids: Collection[bytes], now: datetime) -> None:
    """These clients are asked whether they come at the time it has now; all others do."""
    a = appointment_clients.c
    here = update(appointment_clients).where(a.appointment_id == appointment_id)
    await c.execute(here.where(a.person_id.in_(ids), a.asked_again_at.is_(None)).values(asked_again_at=now))
    await c.execute(here.where(a.person_id.not_in(ids)).values(asked_again_at=None))


async def ask_for_another_time(c: AsyncConnection, appointment_id: bytes, now: datetime) -> None:
    """From now on its clients may move and cancel it until it begins, and nothing of that is late."""
    query = update(appointments).where(appointments.c.id == appointment_id)
    await c.execute(query.values(offered_at=now))


async def propose(
    c: AsyncConnection, appointment_id: bytes, starts: Sequence[datetime], now: datetime
) -> None:
    """Write down other starts that its client may take, in place of earlier ones."""
    await forget_proposals(c, appointment_id)
    for start in starts:
        values = {"appointment_id": appointment_id, "starts_at": start, "made_at": now}
        await c.execute(insert(proposals).values(**values))


async def forget_proposals(c: AsyncConnection, appointment_id: bytes) -> None:
    """Other starts are of no use once it has one, or none any more."""
    await c.execute(delete(proposals).where(proposals.c.appointment_id == appointment_id))

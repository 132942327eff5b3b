"""The worker's part: a time that is free is kept for whoever has waited longest and wished for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from telehealth.appointments import store as appointments
from telehealth.appointments.placing import add_time
from telehealth.appointments.wanted import Wanted, check_open, clear_the_way
from telehealth.audit.office import Office, Work
from telehealth.availability.acts import OpenTime, open_in
from telehealth.availability.store import busy_of
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service
from telehealth.db.engine import is_overlap, lock_parties
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.notices.acts import announce
from telehealth.person import Person
from telehealth.waiting import rules, store
from telehealth.waiting.store import Entry, Offer
from telehealth.waiting.wishing import close, may_be_waited_for
from telehealth.web.cookies import hash_of

AT_ONCE = 500  # wishes opened in one transaction


async def turn(office: Office) -> int:
    """Let overdue offers lapse, end what is too late, and offer what is free; how much was done. Several workers at
    once offer nothing twice: each offer is made under the locks of its therapist and its person."""
    done = await _lapse_all(office)
    entries = await _waiting(office)
    for service in await _services(office):
        wishing = [each for each in entries if each.service_id == service.id]
        if wishing:
            done += await _offer_all(office, service, wishing)
    return done


async def _lapse_all(office: Office) -> int:
    async with office.database.reading() as c:
        overdue = await store.overdue(c, office.clock())
    return sum([await office.act(None, partial(_lapse, offer=offer)) for offer in overdue])


async def _lapse(work: Work, offer: Offer) -> bool:
    """False when they answered just now, or are gone with all that they waited for."""
    concerned = await store.whose(work.connection, offer.waiting_id)
    await lock_parties(work.connection, concerned)
    if not await close(work, offer, "lapsed"):
        return False
    await work.audit("waiting.lapse", "U", entity="waiting", entity_id=offer.waiting_id, subjects=concerned)
    return True


async def _waiting(office: Office) -> list[Entry]:
    async def in_order(work: Work) -> list[bytes]:
        await store.end_past(work.connection, work.now)
        return await store.in_order(work.connection)

    ids, found = await office.act(None, in_order), list[Entry]()
    for first in range(0, len(ids), AT_ONCE):
        found += await office.act(None, partial(_to_be_offered, ids=ids[first : first + AT_ONCE]))
    return found


async def _to_be_offered(work: Work, ids: Sequence[bytes]) -> list[Entry]:
    made = await store.offers_of(work.connection, ids)
    resting = {each.waiting_id for each in made if rules.is_left_alone(each.answer, each.answer_by, work.now)}
    entries = await store.opened(work.connection, work.ring, ids)
    return [each for each in entries if each.id not in resting]


async def _services(office: Office) -> list[Service]:
    async with office.database.reading() as c:
        return [each for each in await clinic.services(c) if may_be_waited_for(each)]


async def _offer_all(office: Office, service: Service, wishing: Sequence[Entry]) -> int:
    """In the order in which they began to wait; a time that one of them gets is none for the next."""
    now, count = office.clock(), 0
    async with office.database.reading() as c:
        offering = [each for each in await clinic.therapists(c) if each.id in service.therapist_ids]
        until = max(each.before for each in wishing)
        free = await open_in(c, service, offering, since=now, until=until, now=now, holder=None)
        busy = await busy_of(c, [each.person_id for each in wishing], since=now, until=until, now=now)
        refused = {
            (each.waiting_id, each.therapist_id, each.starts_at)
            for each in await store.offers_of(c, [each.id for each in wishing])
        }
    length = timedelta(minutes=service.minutes)
    for entry in wishing:
        for at in free:
            ends = at.start + length
            is_free = not any(start < ends and end > at.start for start, end in busy[entry.person_id])
            if at.start >= entry.before or not entry.wish.fits(at.start, at.therapist_id) or not is_free:
                continue
            if (entry.id, at.therapist_id, at.start) in refused:
                continue
            if await office.act(None, partial(_offer, service=service, entry=entry, at=at)):
                free = [
                    each
                    for each in free
                    if each.therapist_id != at.therapist_id or not _near(each, at, length)
                ]
                count += 1
                break
    return count


def _near(one: OpenTime, other: OpenTime, length: timedelta) -> bool:
    return abs(one.start - other.start) < length


async def _offer(work: Work, service: Service, entry: Entry, at: OpenTime) -> bool:
    """Keep the time and tell them; False when it is not theirs to have any more."""
    c, zone = work.connection, ZoneInfo(entry.wish.zone)
    answer_by = rules.answer_by(work.now, at.start, service.notice_minutes, zone)
    if answer_by is None:
        return False
    await lock_parties(c, [at.therapist_id, entry.person_id])
    person = Person(entry.person_id, "client")
    if not await _still_waits(work, entry, at):
        return False
    therapist = await clinic.therapist(c, at.therapist_id)
    appointment_id = work.chance(16)
    wish = Wanted(service, therapist, at.start, holder_of(appointment_id), person, zone)
    try:
        await check_open(work, wish)
        await clear_the_way(work, wish)
        async with c.begin_nested():
            await add_time(work, appointment_id, service, [therapist], at.start, state="held", by=None)
    except (Conflict, Invalid, NotFound):
        return False
    except IntegrityError as error:
        if is_overlap(error):
            return False
        raise
    await _keep(work, entry, Offer(entry.id, therapist.id, at.start, appointment_id, answer_by, None))
    await _tell(work, entry, therapist.name, at.start, answer_by)
    return True


async def _still_waits(work: Work, entry: Entry, at: OpenTime) -> bool:
    """Whether they wait, and another worker offered them neither this time nor another one meanwhile."""
    c, person = work.connection, Person(entry.person_id, "client")
    made = await store.offers_of(c, [entry.id])
    if any(rules.is_left_alone(each.answer, each.answer_by, work.now) for each in made):
        return False
    if (at.therapist_id, at.start) in [(each.therapist_id, each.starts_at) for each in made]:
        return False
    return entry.id in {each.id for each in await store.entries_of(person, c, work.ring)}


async def _keep(work: Work, entry: Entry, offer: Offer) -> None:
    await appointments.add_hold(
        work.connection,
        offer.appointment_id,
        held_until=offer.answer_by,
        holder=holder_of(offer.appointment_id),
        address=None,
        person_id=None,  # a time they choose by themselves meanwhile does not give this one back
    )
    await store.add_offer(work.connection, offer, work.now)
    await work.audit("waiting.offer", "U", entity="waiting", entity_id=entry.id, subjects=[entry.person_id])


async def _tell(work: Work, entry: Entry, who: str, start: datetime, answer_by: datetime) -> None:
    body = {"start": start.isoformat(), "answer_by": answer_by.isoformat(), "who": who}
    await announce(work, entry.person_id, "waiting_offer", body)


def holder_of(appointment_id: bytes) -> bytes:
    """On what the hold of an offer hangs: no browser's cookie."""
    return hash_of(appointment_id, "offer")

"""Wish for an earlier time, see what one waits for, wait no more."""

from dataclasses import dataclass
from datetime import datetime

from telehealth.appointments import store as appointments
from telehealth.appointments.booking import NOT_A_CLIENT, keep_name
from telehealth.audit.office import Office, Work
from telehealth.availability.acts import zone_named
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist
from telehealth.db.engine import lock_parties
from telehealth.errors import Conflict, Forbidden, Invalid, NotFound
from telehealth.people.rules import name_from
from telehealth.person import Person
from telehealth.repeats import answers
from telehealth.waiting import rules, store
from telehealth.waiting.rules import Wish
from telehealth.waiting.store import Entry, Offer

NOT_YOURS = "There is no such wish among yours. Your list shows which there are."
ENOUGH = f"You wait for {rules.MAX_WISHES} times already. Take one back first."
NOT_WAITED_FOR = "For this there is no waiting list. Please choose one of the others."


@dataclass(frozen=True)
class Waiting:
    """One wish as its person sees it, and the time that is kept for them now, if there is one."""

    entry: Entry
    service: Service
    therapist: Therapist | None
    offer: Offer | None
    offered_by: Therapist | None


def may_be_waited_for(service: Service) -> bool:
    """Whether a freed time can be offered and taken in one step: of one therapist, who need not be asked first."""
    return service.retired_at is None and service.therapists_needed == 1 and not service.confirms_first


async def wish(
    office: Office,
    person: Person,
    *,
    service_id: bytes,
    therapist_id: bytes | None,
    part: str,
    until: str,
    name: str | None,
    zone: str,
    key: str,
) -> bytes:
    """Wait for an earlier time; the id of the wish. The same `key` is the same wish.

    Invalid "day_needed", "day_past", "day_far", "not_waited_for" and what is wrong with a name; Conflict
    "enough_wishes"; Forbidden for staff; NotFound for an unknown service.
    """
    if person.role != "client":
        raise Forbidden("not_a_client", NOT_A_CLIENT)
    shown_in, claimed = zone_named(zone), answers.key_from(key)
    before = rules.before_from(until, office.clock(), shown_in)
    called = None if name is None else name_from(name)
    wished = Wish(therapist_id, rules.part_from(part), zone)
    request = ["wish", service_id.hex(), wished.text(), before.isoformat(), called or ""]

    async def act(work: Work) -> bytes:
        await lock_parties(work.connection, [person.id])
        waiting_id = await answers.claim(work, person, claimed, request)
        if waiting_id is None:
            waiting_id = await _wish(work, person, service_id, wished, before, called)
            await answers.keep(work, person, claimed, waiting_id)
        return waiting_id

    return await office.act(person, act)


async def _wish(
    work: Work, person: Person, service_id: bytes, wished: Wish, before: datetime, name: str | None
) -> bytes:
    c = work.connection
    service = await clinic.service(c, service_id)
    offering = wished.therapist_id is None or wished.therapist_id in service.therapist_ids
    if not may_be_waited_for(service) or not offering:
        raise Invalid("not_waited_for", NOT_WAITED_FOR, fields={"service": NOT_WAITED_FOR})
    if len(await store.entries_of(person, c, work.ring)) >= rules.MAX_WISHES:
        raise Conflict("enough_wishes", ENOUGH)
    await keep_name(work, person, name)
    waiting_id = work.chance(16)
    times = {"before": before, "created_at": work.now}
    await store.add(c, work.ring, waiting_id, person.id, service.id, wished, **times)
    await work.audit("waiting.join", "C", entity="waiting", entity_id=waiting_id, subjects=[person.id])
    return waiting_id


async def mine(office: Office, person: Person) -> list[Waiting]:
    """What this person waits for. Their wishes stand sealed, so showing them is a look at their own record."""

    async def act(work: Work) -> list[Waiting]:
        c = work.connection
        entries = await store.entries_of(person, c, work.ring)
        services = {each.id: each for each in await clinic.every_service(c)}
        therapists = {each.id: each for each in await clinic.every_therapist(c)}
        made = await store.offers_of(c, [each.id for each in entries])
        opened = {each.waiting_id: each for each in made if each.answer is None and each.answer_by > work.now}
        if entries:
            await work.looked(entity="person", entity_id=person.id, subjects=[person.id])
        return [
            Waiting(
                each,
                services[each.service_id],
                None if each.wish.therapist_id is None else therapists[each.wish.therapist_id],
                offer := opened.get(each.id),
                None if offer is None else therapists[offer.therapist_id],
            )
            for each in entries
        ]

    return await office.act(person, act)


async def leave(office: Office, person: Person, waiting_id: bytes) -> None:
    """Wait no more, and once more is the same; a time that is kept for them is open again. NotFound, on record, for
    everybody else's."""

    async def act(work: Work) -> None:
        c = work.connection
        await lock_parties(c, [person.id])
        if await store.whose(c, waiting_id) != [person.id]:
            raise NotFound("wish_not_found", NOT_YOURS, about=("waiting", waiting_id))
        for offer in await store.offers_of(c, [waiting_id]):
            if offer.answer is None:
                await close(work, offer, "declined")
        if not await store.end(c, waiting_id, work.now):
            return
        await work.audit("waiting.leave", "D", entity="waiting", entity_id=waiting_id, subjects=[person.id])

    await office.act(person, act)


async def close(work: Work, offer: Offer, said: str) -> bool:
    """Close an offer that was not taken; its time is open again. False when it was closed already."""
    if not await store.answer(work.connection, offer.appointment_id, said):
        return False
    await appointments.forget(work.connection, [offer.appointment_id])  # what is booked meanwhile stays
    return True

"""Take the time that is kept for one, or say no to it."""

from telehealth.appointments.acts import Appointment, book
from telehealth.audit.office import Office, Work
from telehealth.db.engine import lock_parties
from telehealth.errors import Conflict, NotFound
from telehealth.person import Person
from telehealth.waiting import store
from telehealth.waiting.offering import holder_of
from telehealth.waiting.store import Offer
from telehealth.waiting.wishing import close

NOT_KEPT = "This time is not kept for you. Your list shows what is."
OVER = (
    "This time was kept for you until it was not answered. You go on waiting; the next one is offered to you."
)


async def accept(
    office: Office,
    person: Person,
    appointment_id: bytes,
    *,
    zone: str,
    key: str,
    same_partner: bool | None = None,
) -> Appointment:
    """Book the offered time. The same `key` gives the same appointment again; two at once book it once.

    NotFound for whom it was not offered; Conflict "offer_over" and whatever booking refuses.
    """
    offer, service_id = await _offered(office, person, appointment_id)
    if offer.answer not in (None, "accepted"):
        async with office.work(person):
            raise Conflict("offer_over", OVER, about=("waiting", offer.waiting_id))
    return await book(
        office,
        person,
        hold_id=appointment_id,
        holder=holder_of(appointment_id),
        service_id=service_id,
        therapist_id=offer.therapist_id,
        start=offer.starts_at,
        name=None,
        reason="",
        zone=zone,
        key=key,
        same_partner=same_partner,
        also=lambda work: _taken(work, offer),
    )


async def _offered(office: Office, person: Person, appointment_id: bytes) -> tuple[Offer, bytes]:
    async def act(work: Work) -> tuple[Offer, bytes]:
        offer = await _offer_to(work, person, appointment_id)
        return offer, await store.service_of(work.connection, offer.waiting_id)

    return await office.act(person, act)


async def _offer_to(work: Work, person: Person, appointment_id: bytes) -> Offer:
    offer = await store.offer_to(person, work.connection, appointment_id)
    if offer is None:
        raise NotFound("offer_not_found", NOT_KEPT)
    return offer


async def _taken(work: Work, offer: Offer) -> None:
    await store.answer(work.connection, offer.appointment_id, "accepted")
    await store.end(work.connection, offer.waiting_id, work.now)


async def decline(office: Office, person: Person, appointment_id: bytes) -> None:
    """Say no to this one and go on waiting; the next in line is offered it. Once more is the same."""

    async def act(work: Work) -> None:
        offer = await _offer_to(work, person, appointment_id)
        await lock_parties(work.connection, [person.id])
        if await close(work, offer, "declined"):
            await work.audit(
                "waiting.decline", "U", entity="waiting", entity_id=offer.waiting_id, subjects=[person.id]
            )

    await office.act(person, act)

"""What an administrator writes down about the practice: services, policies, emergency numbers. Staff: `staffing.py`."""

from dataclasses import asdict
from typing import Any

from telehealth.audit.office import Office, Work
from telehealth.clinic import rules, store
from telehealth.clinic.once import once
from telehealth.clinic.rules import Number, Offer, Policies
from telehealth.clinic.store import EmergencyNumber, Service
from telehealth.errors import Conflict, NotFound
from telehealth.person import Person

PRACTICE = bytes(16)  # the entity of what holds for the whole practice
NO_NUMBER = "This number is not in the list any more. Somebody may have removed it."
ENOUGH_NUMBERS = (
    f"The list is long enough with {rules.MAX_NUMBERS} numbers. Remove one that matters less first."
)
NAME_TAKEN = (
    "There is a service of this name already. Give one of them another, so that people can tell them apart."
)


async def create_service(office: Office, person: Person, offer: Offer, key: str) -> bytes:
    """Offer something new; the id of the service. Invalid "name_taken" where another that is offered has the name."""

    async def change(work: Work) -> bytes:
        await _check_name(work, offer.name, but=b"")
        service_id = work.chance(16)
        slug = rules.slug_of(offer.name, await store.slugs(work.connection))
        await store.add_service(
            work.connection,
            Service(
                id=service_id,
                slug=slug,
                position=rules.PLACES[-1],
                therapist_ids=offer.therapist_ids,
                **_columns(offer),
            ),
        )
        await _order_services(work, service_id, offer.place)
        await work.audit("service.create", "C", entity="service", entity_id=service_id, subjects=[])
        return service_id

    return await once(office, person, key, ("service.create", repr(offer)), change)


async def change_service(office: Office, person: Person, service_id: bytes, offer: Offer, key: str) -> bytes:
    """Offer it differently from now on: its appointments stay as they were booked, and so does its address."""

    async def change(work: Work) -> bytes:
        before = await store.service(work.connection, service_id)
        if before.retired_at is None:
            await _check_name(work, offer.name, but=service_id)
        await store.change_service(work.connection, service_id, _columns(offer))
        await store.set_offering(work.connection, service_id, offer.therapist_ids)
        if before.retired_at is None:
            await _order_services(work, service_id, offer.place)
        await work.audit("service.change", "U", entity="service", entity_id=service_id, subjects=[])
        return service_id

    return await once(office, person, key, ("service.change", service_id.hex(), repr(offer)), change)


async def retire_service(office: Office, person: Person, service_id: bytes, key: str) -> bytes:
    """Nobody books it any more; what is booked stays. Nothing changes where it is retired already."""

    async def change(work: Work) -> bytes:
        if (await store.service(work.connection, service_id)).retired_at is None:
            await store.change_service(work.connection, service_id, {"retired_at": work.now})
            await work.audit("service.retire", "U", entity="service", entity_id=service_id, subjects=[])
        return service_id

    return await once(office, person, key, ("service.retire", service_id.hex()), change)


async def offer_again(office: Office, person: Person, service_id: bytes, key: str) -> bytes:
    """It can be booked again, last in the order. Conflict "service_name_taken" where another has its name meanwhile."""

    async def change(work: Work) -> bytes:
        found = await store.service(work.connection, service_id)
        if found.retired_at is not None:
            await _check_name(work, found.name, but=service_id)
            await store.change_service(work.connection, service_id, {"retired_at": None})
            await _order_services(work, service_id, rules.PLACES[-1])
            await work.audit("service.offer", "U", entity="service", entity_id=service_id, subjects=[])
        return service_id

    return await once(office, person, key, ("service.offer", service_id.hex()), change)


async def _check_name(work: Work, name: str, *, but: bytes) -> None:
    names = {each.name.casefold() for each in await store.services(work.connection) if each.id != but}
    if name.casefold() in names:
        raise Conflict("service_name_taken", NAME_TAKEN, fields={"name": NAME_TAKEN})


async def _order_services(work: Work, moved: bytes, place: int) -> None:
    ids = [each.id for each in await store.services(work.connection)]
    await store.put_in_order(work.connection, "services", rules.in_order(ids, moved, place))


def _columns(offer: Offer) -> dict[str, Any]:
    return {name: value for name, value in asdict(offer).items() if name not in ("therapist_ids", "place")}


async def write_policies(office: Office, person: Person, policies: Policies, key: str) -> bytes:
    """What holds for the whole practice from now on; rooms that are open stay as they are."""

    async def change(work: Work) -> bytes:
        if await store.policies(work.connection) != policies:
            await store.keep_policies(work.connection, policies)
            await work.audit("policy.change", "U", entity="policy", entity_id=PRACTICE, subjects=[])
        return PRACTICE

    return await once(office, person, key, ("policy.change", repr(policies)), change)


async def add_number(office: Office, person: Person, number: Number, key: str) -> bytes:
    """Show one more number to whoever is in danger. Conflict "numbers_enough" where there are enough."""

    async def change(work: Work) -> bytes:
        known = await store.emergency_numbers(work.connection)
        if len(known) >= rules.MAX_NUMBERS:
            raise Conflict("numbers_enough", ENOUGH_NUMBERS)
        number_id = work.chance(16)
        new = EmergencyNumber(number_id, number.label, number.number, number.region, rules.PLACES[-1])
        await store.add_number(work.connection, new)
        await _order_numbers(work, number_id, number.place)
        await work.audit("number.add", "C", entity="number", entity_id=number_id, subjects=[])
        return number_id

    return await once(office, person, key, ("number.add", repr(number)), change)


async def change_number(office: Office, person: Person, number_id: bytes, number: Number, key: str) -> bytes:
    """Another label, number, region or place. NotFound where it was removed meanwhile."""

    async def change(work: Work) -> bytes:
        await _number(work, number_id)
        values = {"label": number.label, "number": number.number, "region": number.region}
        await store.change_number(work.connection, number_id, values)
        await _order_numbers(work, number_id, number.place)
        await work.audit("number.change", "U", entity="number", entity_id=number_id, subjects=[])
        return number_id

    return await once(office, person, key, ("number.change", number_id.hex(), repr(number)), change)


async def remove_number(office: Office, person: Person, number_id: bytes, key: str) -> bytes:
    """Show it no more. Nothing changes where it is gone already."""

    async def change(work: Work) -> bytes:
        if await store.remove_number(work.connection, number_id):
            ids = [each.id for each in await store.emergency_numbers(work.connection)]
            await store.put_in_order(work.connection, "numbers", ids)
            await work.audit("number.remove", "D", entity="number", entity_id=number_id, subjects=[])
        return number_id

    return await once(office, person, key, ("number.remove", number_id.hex()), change)


async def _number(work: Work, number_id: bytes) -> EmergencyNumber:
    known = await store.emergency_numbers(work.connection)
    found = next((each for each in known if each.id == number_id), None)
    if found is None:
        raise NotFound("number_not_found", NO_NUMBER)
    return found


async def _order_numbers(work: Work, moved: bytes, place: int) -> None:
    ids = [each.id for each in await store.emergency_numbers(work.connection)]
    await store.put_in_order(work.connection, "numbers", rules.in_order(ids, moved, place))

"""What a page says of safety words: that they differed. The words themselves never come here."""

from telehealth.appointments.reading import found_by
from telehealth.audit.office import Office, Work
from telehealth.errors import NotFound
from telehealth.person import Person
from telehealth.rooms import store


async def differ(office: Office, person: Person, appointment_id: bytes) -> None:
    """Put on record that two people heard other words than they read; NotFound for who has no seat in the room."""

    async def act(work: Work) -> None:
        found = await found_by(work, person, appointment_id)
        if await store.seat_of(work.connection, found.id, person.id) is None:
            about = ("appointment", found.id)
            raise NotFound("not_found", "There is nothing at this address.", about=about)
        await work.audit(
            "room.differ", "E", entity="appointment", entity_id=found.id, subjects=found.client_ids
        )

    await office.act(person, act)

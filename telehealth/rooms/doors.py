"""Who waits at a therapist's doors now: the rooms one may knock at, and the look at whoever is shown."""

from collections.abc import Collection
from datetime import datetime, timedelta

from telehealth.appointments import store as appointments
from telehealth.appointments.store import Row
from telehealth.audit.office import Office, Work
from telehealth.person import Person
from telehealth.rooms import rules, store

AROUND = timedelta(days=1)


async def rooms_open_to(office: Office, person: Person) -> list[bytes]:
    """This therapist's appointments at whose doors clients may stand now."""
    return [row.id for row in await _open_to(office, person)]


async def rooms_open_after(office: Office, person: Person, appointment_id: bytes) -> dict[bytes, datetime]:
    """The same for what begins after this one of theirs, and when it begins."""
    rows = await _open_to(office, person)
    begins = next((row.starts_at for row in rows if row.id == appointment_id), office.clock())
    return {row.id: row.starts_at for row in rows if row.starts_at >= begins and row.id != appointment_id}


async def _open_to(office: Office, person: Person) -> list[Row]:
    now = office.clock()
    async with office.database.reading() as connection:
        rows = await appointments.appointments_of(person, connection, first=now - AROUND, last=now + AROUND)
    return [row for row in rows if _is_open(row, now)]


def _is_open(row: Row, now: datetime) -> bool:
    times = {"starts_at": row.starts_at, "ends_at": row.ends_at}
    return rules.door(state=row.state, **times, ended=False, host=True, now=now) == "open"


async def look(office: Office, person: Person, seats: Collection[bytes]) -> None:
    """Put on record whose names are shown: of whoever sits on these seats at the door."""

    async def act(work: Work) -> None:
        found = [await store.seat(work.connection, seat) for seat in seats]
        subjects = list(dict.fromkeys(each.person_id for each in found if each is not None))
        await work.looked(entity="person", entity_id=person.id, subjects=subjects)

    await office.act(person, act)

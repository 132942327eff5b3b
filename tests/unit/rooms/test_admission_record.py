"""What happens at the door and in the room is on the record of those whose session it is, refusals too."""

from typing import Any

from sqlalchemy import select

from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.audit.rules import pseudonym
from telehealth.people import store as people
from telehealth.person import Person
from telehealth.rooms.admission import RoomAdmission
from tests.clock import FakeClock
from tests.people import NADIA, ROSA
from tests.unit.rooms.test_admission import admission, appointment_id, both_at_the_door, ticket_of

__all__ = ["admission", "appointment_id"]  # fixtures


async def written(office: Office) -> list[tuple[str, str, Person | None]]:
    """(type, outcome, who) of what is on Rosa's record about this session since the tickets were made, in order."""
    key = office._pseudonym_key
    who = {pseudonym(key, person.id): person for person in (ROSA, NADIA)}
    query = select(audit_leaves).where(
        audit_leaves.c.patient == pseudonym(key, ROSA.id), audit_leaves.c.entity_type == "appointment"
    )
    async with office.database.reading() as c:
        rows: list[Any] = list(await c.execute(query.order_by(audit_leaves.c.ts)))
    left_out = ("appointment.book", "room.ticket", "record.look")
    return [(row.type, row.outcome, who.get(row.agent)) for row in rows if row.type not in left_out]


async def test_everything_that_happens_in_a_room_is_on_the_guests_record(
    office: Office, admission: RoomAdmission, appointment_id: bytes, clock: FakeClock
) -> None:
    guest, host = await both_at_the_door(office, admission, appointment_id)
    entered = {("room.enter", "success", ROSA), ("room.enter", "success", NADIA)}
    assert set(await written(office)) == entered

    clock.advance(seconds=1)
    assert await admission.admit(host, guest.seat, "")
    for locked in (True, False):
        clock.advance(seconds=1)
        await admission.lock(host, locked)
    clock.advance(seconds=1)
    assert await admission.remove(host, guest.seat)
    clock.advance(seconds=1)
    await admission.end(host)
    types = ("room.admit", "room.lock", "room.unlock", "room.remove", "room.end")
    assert (await written(office))[2:] == [(type_, "success", NADIA) for type_ in types]


async def test_a_ticket_that_does_not_open_is_a_refusal_on_the_guests_record(
    office: Office, admission: RoomAdmission, appointment_id: bytes, clock: FakeClock
) -> None:
    used = await ticket_of(office, ROSA, appointment_id)
    assert await admission.redeem(used) is not None
    clock.advance(seconds=1)
    assert await admission.redeem(used) is None
    late = await ticket_of(office, NADIA, appointment_id)
    clock.advance(seconds=30)
    assert await admission.redeem(late) is None
    orphan = await ticket_of(office, ROSA, appointment_id)
    async with office.database.transaction() as connection:
        await people.end_session(connection, ROSA.session)
    clock.advance(seconds=1)
    assert await admission.redeem(orphan) is None
    refused = [("appointment.refused", "refused", who) for who in (ROSA, NADIA, ROSA)]
    assert (await written(office))[1:] == refused
    assert await admission.redeem(bytes(32)) is None  # it says nothing of anybody
    assert (await written(office))[1:] == refused

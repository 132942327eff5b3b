"""What the therapist decides about those in the room is a row that both replicas agree on, and on record."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from signaling.admission import Entry
from telehealth.appointments.models import appointment_clients
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.audit.rules import pseudonym
from telehealth.couples import acts as couples
from telehealth.rooms import acts, store
from telehealth.rooms.admission import RoomAdmission
from tests.clock import FakeClock
from tests.people import MIKA, NADIA, NAMES, ROSA, Clinic
from tests.unit.appointments.scene import TEN, new_key
from tests.unit.couples.scene import a_couple
from tests.unit.rooms.test_admission import admission, sign_in, ticket_of

__all__ = ["admission"]  # a fixture


@pytest.fixture
async def appointment_id(office: Office, clinic: Clinic, clock: FakeClock) -> bytes:
    """Rosa's and Mika's session with Nadia, ten minutes before it begins; all are signed in."""
    made = await a_couple(office)
    clock.now = TEN - timedelta(minutes=10)
    await sign_in(office, ROSA, MIKA, NADIA)
    return made.id


@pytest.fixture
async def host(office: Office, admission: RoomAdmission, appointment_id: bytes) -> Entry:
    """Nadia is the first at the door."""
    entry = await admission.redeem(await ticket_of(office, NADIA, appointment_id))
    assert entry is not None
    return entry


async def on_record_of_mika(office: Office) -> list[str]:
    patient = pseudonym(office._pseudonym_key, MIKA.id)
    query = select(audit_leaves.c.type).where(
        audit_leaves.c.patient == patient, audit_leaves.c.type.startswith("room.")
    )
    async with office.database.reading() as connection:
        return list((await connection.execute(query.order_by(audit_leaves.c.ts))).scalars())


async def test_both_partners_are_expected_before_either_came(host: Entry) -> None:
    assert {each.name for each in host.expected} == {NAMES[ROSA], NAMES[MIKA]}


async def test_who_left_for_their_own_part_and_who_was_removed_is_not_expected(
    office: Office, admission: RoomAdmission, appointment_id: bytes, host: Entry
) -> None:
    mika = next(each.seat for each in host.expected if each.name == NAMES[MIKA])
    assert await admission.remove(host, mika)
    again = await admission.redeem(await ticket_of(office, NADIA, appointment_id))
    assert again is not None
    assert again.expected == ()  # one alone needs no sentence
    await couples.leave(office, MIKA, appointment_id, new_key())
    before = await on_record_of_mika(office)
    await admission.lock(host, True)
    assert await on_record_of_mika(office) == before  # who never came has no part in it any more


async def test_who_was_asked_again_and_has_not_said_yes_is_not_expected(
    office: Office, admission: RoomAdmission, appointment_id: bytes, host: Entry
) -> None:
    table = appointment_clients
    async with office.database.transaction() as connection:
        asked = update(table).where(table.c.person_id == MIKA.id).values(asked_again_at=office.clock())
        await connection.execute(asked)
    again = await admission.redeem(await ticket_of(office, NADIA, appointment_id))
    assert again is not None
    assert again.expected == ()


async def test_the_reason_for_one_alone_is_sealed_on_the_record_of_both(
    office: Office, admission: RoomAdmission, host: Entry, clock: FakeClock
) -> None:
    clock.advance(seconds=1)
    assert await admission.admit(host, host.expected[0].seat, "Their train is late.")
    assert (await on_record_of_mika(office))[-1] == "room.admit"
    async with office.database.reading() as connection:
        query = select(audit_leaves.c.detail_ct).where(audit_leaves.c.type == "room.admit")
        details = list((await connection.execute(query)).scalars())
    assert len(details) == 2
    assert all(detail and b"train" not in detail for detail in details)


async def test_who_is_sent_back_must_be_let_in_again(
    office: Office, admission: RoomAdmission, appointment_id: bytes, host: Entry
) -> None:
    guest = await admission.redeem(await ticket_of(office, MIKA, appointment_id))
    assert guest is not None
    assert not await admission.send_back(host, guest.seat)  # was not in
    assert await admission.admit(host, guest.seat, "")
    assert await admission.part(host, {guest.seat: 2}) == 1
    assert await admission.send_back(host, guest.seat)
    assert not await admission.send_back(host, guest.seat)
    assert not await admission.send_back(host, host.seat)
    again = await admission.redeem(await ticket_of(office, MIKA, appointment_id))
    assert again is not None
    assert (again.admitted, again.group) == (False, 0)
    assert await admission.may_stay(again)
    assert (await on_record_of_mika(office)).count("room.back") == 1


async def test_the_groups_outlive_sockets_and_processes(
    office: Office, admission: RoomAdmission, appointment_id: bytes, host: Entry, clock: FakeClock
) -> None:
    one, other = (each.seat for each in host.expected)
    assert await admission.part(host, {one: 1, host.seat: 1}) == 1
    elsewhere = RoomAdmission(office, ice_policy="all")
    again = await elsewhere.redeem(await ticket_of(office, NADIA, appointment_id))
    assert again is not None
    assert (again.group, again.grouping) == (1, 1)
    clock.advance(seconds=1)
    assert await admission.part(host, {other: 1}) == 2
    assert await admission.part(host, {}) == 3
    again = await elsewhere.redeem(await ticket_of(office, NADIA, appointment_id))
    assert again is not None
    assert (again.group, again.grouping) == (0, 3)
    types = [each for each in await on_record_of_mika(office) if each in ("room.part", "room.gather")]
    assert types[0] == "room.part"
    assert sorted(types[1:]) == ["room.gather", "room.part"]


async def test_a_seat_made_for_somebody_else_is_no_sign_that_they_came(
    office: Office, admission: RoomAdmission, appointment_id: bytes, host: Entry
) -> None:
    assert await acts.mint_ticket(office, ROSA, appointment_id)
    async with office.database.reading() as connection:
        presences = await store.presences_of(connection, appointment_id)
    assert sum(1 for each in presences if not each.host and each.came_at) == 1

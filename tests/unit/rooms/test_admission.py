"""Tickets and seats: used once, for 30 seconds, by the right person, in the room's hours."""

import base64
from datetime import timedelta

import pytest
from sqlalchemy import update

from signaling.admission import Entry
from telehealth.audit.office import Office
from telehealth.clinic import store as clinics
from telehealth.clinic.rules import Policies
from telehealth.errors import Conflict, NotFound
from telehealth.people import models
from telehealth.people import store as people
from telehealth.person import Person
from telehealth.rooms import acts, store
from telehealth.rooms.admission import RoomAdmission
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import TEN, book


@pytest.fixture
async def appointment_id(office: Office, clinic: Clinic, clock: FakeClock) -> bytes:
    """Rosa's session with Nadia, ten minutes before it begins; both are signed in."""
    made = await book(office, ROSA)
    clock.now = TEN - timedelta(minutes=10)
    await sign_in(office, ROSA, NADIA)
    return made.id


async def sign_in(office: Office, *signing_in: Person) -> None:
    """Login sessions of these people, from now on."""
    async with office.database.transaction() as connection:
        for person in signing_in:
            now = office.clock()
            row: dict[str, object] = {
                "hash": person.session * 2,
                "id": person.session,
                "person_id": person.id,
                "role": person.role,
                "provider": "practice",
            }
            times = {"created_at": now, "seen_at": now, "signed_in_at": now}
            await people.open_session(connection, {**row, **times, "strong": False, "pending": False})


@pytest.fixture
def admission(office: Office) -> RoomAdmission:
    return RoomAdmission(office, ice_policy="all")


async def ticket_of(office: Office, person: Person, appointment_id: bytes) -> bytes:
    """The 32 bytes of a fresh ticket."""
    return base64.urlsafe_b64decode(await acts.mint_ticket(office, person, appointment_id) + "=")


async def both_at_the_door(
    office: Office, admission: RoomAdmission, appointment_id: bytes
) -> tuple[Entry, Entry]:
    """What Rosa's and Nadia's fresh tickets are good for."""
    guest = await admission.redeem(await ticket_of(office, ROSA, appointment_id))
    host = await admission.redeem(await ticket_of(office, NADIA, appointment_id))
    assert guest is not None
    assert host is not None
    return guest, host


async def test_a_ticket_names_its_person_and_room(
    office: Office, admission: RoomAdmission, appointment_id: bytes
) -> None:
    entry = await admission.redeem(await ticket_of(office, ROSA, appointment_id))
    assert entry is not None
    assert (entry.name, entry.host, entry.admitted) == ("Rosa Example-Lindqvist", False, False)
    assert entry.room == appointment_id.hex()
    host = await admission.redeem(await ticket_of(office, NADIA, appointment_id))
    assert host is not None
    assert (host.name, host.host, host.admitted) == ("Nadia Behrens", True, True)
    assert host.call == entry.call


async def test_a_ticket_is_used_once(office: Office, admission: RoomAdmission, appointment_id: bytes) -> None:
    ticket = await ticket_of(office, ROSA, appointment_id)
    assert await admission.redeem(ticket) is not None
    assert await admission.redeem(ticket) is None


async def test_a_ticket_lives_thirty_seconds(
    office: Office, admission: RoomAdmission, appointment_id: bytes, clock: FakeClock
) -> None:
    ticket = await ticket_of(office, ROSA, appointment_id)
    clock.advance(seconds=30)
    assert await admission.redeem(ticket) is None


async def test_an_unknown_ticket_opens_nothing(admission: RoomAdmission, appointment_id: bytes) -> None:
    assert await admission.redeem(bytes(32)) is None


async def test_a_ticket_dies_with_the_login_session(
    office: Office, admission: RoomAdmission, appointment_id: bytes
) -> None:
    ticket = await ticket_of(office, ROSA, appointment_id)
    async with office.database.transaction() as connection:
        await people.end_session(connection, ROSA.session)
    assert await admission.redeem(ticket) is None


@pytest.mark.parametrize("person", [MIKA, STRANGER, OMAR, DESK, ADMIN])
async def test_nobody_else_gets_a_ticket(office: Office, appointment_id: bytes, person: Person) -> None:
    with pytest.raises(NotFound):
        await acts.mint_ticket(office, person, appointment_id)


async def test_the_door_opens_for_the_therapist_first(
    office: Office, appointment_id: bytes, clock: FakeClock
) -> None:
    clock.now = TEN - timedelta(minutes=16)
    with pytest.raises(Conflict) as early:
        await acts.mint_ticket(office, ROSA, appointment_id)
    assert early.value.code == "room_early"
    assert await acts.mint_ticket(office, NADIA, appointment_id)


async def test_the_door_is_closed_an_hour_after_the_end(
    office: Office, clinic: Clinic, appointment_id: bytes, clock: FakeClock
) -> None:
    clock.now = TEN + timedelta(minutes=clinic.single.minutes + 60)
    with pytest.raises(Conflict) as over:
        await acts.mint_ticket(office, ROSA, appointment_id)
    assert over.value.code == "room_over"


async def test_an_admitted_seat_comes_straight_back(
    office: Office, admission: RoomAdmission, appointment_id: bytes
) -> None:
    guest, host = await both_at_the_door(office, admission, appointment_id)
    assert await admission.admit(host, guest.seat, "")
    again = await admission.redeem(await ticket_of(office, ROSA, appointment_id))
    assert again is not None
    assert again.admitted
    assert again.seat == guest.seat


async def test_a_removed_seat_never_comes_back(
    office: Office, admission: RoomAdmission, appointment_id: bytes
) -> None:
    guest, host = await both_at_the_door(office, admission, appointment_id)
    assert await admission.remove(host, guest.seat)
    assert not await admission.may_stay(guest)
    assert not await admission.admit(host, guest.seat, "")
    with pytest.raises(Conflict) as removed:
        await acts.mint_ticket(office, ROSA, appointment_id)
    assert removed.value.code == "removed"


async def test_a_lock_is_seen_by_the_next_who_comes(
    office: Office, admission: RoomAdmission, appointment_id: bytes
) -> None:
    host = await admission.redeem(await ticket_of(office, NADIA, appointment_id))
    assert host is not None
    await admission.lock(host, True)
    guest = await admission.redeem(await ticket_of(office, ROSA, appointment_id))
    assert guest is not None
    assert guest.locked


async def test_a_seat_ends_with_the_longest_a_session_may_last(
    office: Office, admission: RoomAdmission, appointment_id: bytes, clock: FakeClock
) -> None:
    guest, host = await both_at_the_door(office, admission, appointment_id)
    signed_in_at = clock() + timedelta(seconds=1) - timedelta(hours=12)
    async with office.database.transaction() as connection:
        table = models.sessions
        change = update(table).where(table.c.id == ROSA.session).values(created_at=signed_in_at)
        await connection.execute(change)
    assert await admission.may_stay(guest)
    clock.advance(seconds=1)
    assert not await admission.may_stay(guest)
    assert await admission.may_stay(host)


async def test_a_seat_is_no_activity_once_its_room_is_closed(
    office: Office, clinic: Clinic, admission: RoomAdmission, appointment_id: bytes, clock: FakeClock
) -> None:
    guest, _ = await both_at_the_door(office, admission, appointment_id)
    clock.now = TEN + timedelta(minutes=clinic.single.minutes + 60)
    assert not await admission.may_stay(guest)
    async with office.database.reading() as connection:
        session = await people.session_by_id(connection, ROSA.session)
    assert session is not None
    assert session.idle_at < clock()


async def test_who_leaves_the_room_has_the_whole_idle_time_from_then_on(
    office: Office, admission: RoomAdmission, appointment_id: bytes, clock: FakeClock
) -> None:
    guest, _ = await both_at_the_door(office, admission, appointment_id)
    clock.advance(seconds=50)
    await admission.present(guest, False)
    async with office.database.reading() as connection:
        session = await people.session_by_id(connection, ROSA.session)
    assert session is not None
    assert session.idle_at == clock() + timedelta(minutes=15)


async def test_the_seats_of_a_login_session_are_known(
    office: Office, admission: RoomAdmission, appointment_id: bytes
) -> None:
    guest, host = await both_at_the_door(office, admission, appointment_id)
    assert admission.seats_of([ROSA.session]) == {guest.seat}
    assert admission.seats_of([ROSA.session, NADIA.session]) == {guest.seat, host.seat}
    assert admission.seats_of([STRANGER.session]) == set()


async def test_the_seats_of_a_room_that_has_closed_are_forgotten(
    office: Office, admission: RoomAdmission, appointment_id: bytes, clock: FakeClock
) -> None:
    later = await book(office, ROSA, TEN + timedelta(hours=2))
    _, host = await both_at_the_door(office, admission, appointment_id)
    clock.now = host.closes_at + timedelta(minutes=5)
    guest = await admission.redeem(await ticket_of(office, ROSA, later.id))
    assert guest is not None
    assert admission.seats_of([ROSA.session, NADIA.session]) == {guest.seat}


async def test_a_seat_counts_as_activity(
    office: Office, admission: RoomAdmission, appointment_id: bytes, clock: FakeClock
) -> None:
    guest = await admission.redeem(await ticket_of(office, ROSA, appointment_id))
    assert guest is not None
    clock.advance(minutes=9)
    assert await admission.may_stay(guest)
    async with office.database.reading() as connection:
        session = await people.session_by_id(connection, ROSA.session)
        assert session is not None
        assert session.seen_at == clock()
        assert await store.guests_of(connection, appointment_id) == [ROSA.id]


async def test_a_room_keeps_the_policy_it_began_with(
    office: Office, admission: RoomAdmission, appointment_id: bytes
) -> None:
    guest = await admission.redeem(await ticket_of(office, ROSA, appointment_id))
    async with office.database.transaction() as connection:
        await clinics.keep_policies(connection, Policies(ice_policy="relay"))
    host = await admission.redeem(await ticket_of(office, NADIA, appointment_id))
    assert guest is not None
    assert host is not None
    assert (guest.ice_policy, host.ice_policy) == ("all", "all")


async def test_the_practices_policy_goes_before_the_setting_in_new_rooms(
    office: Office, admission: RoomAdmission, appointment_id: bytes
) -> None:
    async with office.database.transaction() as connection:
        await clinics.keep_policies(connection, Policies(ice_policy="relay"))
    guest, host = await both_at_the_door(office, admission, appointment_id)
    assert (guest.ice_policy, host.ice_policy) == ("relay", "relay")

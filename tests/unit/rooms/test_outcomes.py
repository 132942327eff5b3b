"""How an appointment went comes from who really came; a technical failure is never a missed appointment."""

from datetime import timedelta

import pytest

from telehealth.appointments import acts as appointments
from telehealth.audit.office import Office
from telehealth.errors import Conflict, Forbidden, Invalid, NotFound
from telehealth.person import Person
from telehealth.rooms import acts, outcomes, rules
from telehealth.rooms.admission import RoomAdmission
from telehealth.rooms.rules import Presence
from tests.clock import FakeClock
from tests.people import DESK, MIKA, NADIA, OMAR, ROSA, Clinic
from tests.unit.appointments.scene import TEN, book, entries, new_key
from tests.unit.rooms.test_admission import both_at_the_door, sign_in, ticket_of

CLOSED = TEN + timedelta(minutes=110)


@pytest.fixture
async def appointment_id(office: Office, clinic: Clinic, clock: FakeClock) -> bytes:
    """Rosa's session with Nadia, ten minutes before it begins; both are signed in."""
    made = await book(office, ROSA)
    clock.now = TEN - timedelta(minutes=10)
    await sign_in(office, ROSA, NADIA)
    return made.id


async def how(office: Office, appointment_id: bytes) -> tuple[str, str | None]:
    found = await appointments.appointment(office, ROSA, appointment_id)
    return found.state, found.outcome


@pytest.mark.parametrize(
    ("host", "guests", "went"),
    [
        (None, [], None),
        ((0, None), [], "missed"),
        ((0, None), [(None, None)], "missed"),
        ((0, None), [(5, None)], "technical"),
        (None, [(0, None)], "technical"),  # the therapist did not come: not the client's doing
        ((0, 1), [(0, 1)], "attended"),
        ((0, 1), [(10, None)], "attended"),  # one side's word is enough
        ((0, None), [(11, 12)], "late"),
        ((0, 12), [(11, 12), (2, None)], "attended"),
        ((30, 31), [(0, 31)], "attended"),  # it was not the client who was late
    ],
)
def test_how_it_went_comes_from_who_came_and_who_was_connected(
    host: tuple[int, int | None] | None, guests: list[tuple[int | None, int | None]], went: str | None
) -> None:
    def presence(is_host: bool, minutes: tuple[int | None, int | None]) -> Presence:
        came, connected = (None if each is None else TEN + timedelta(minutes=each) for each in minutes)
        return Presence(is_host, came, connected)

    presences = [presence(False, each) for each in guests] + ([presence(True, host)] if host else [])
    assert rules.outcome(TEN, presences) == went


async def test_a_session_that_was_connected_took_place(office: Office, appointment_id: bytes) -> None:
    admission = RoomAdmission(office, ice_policy="all")
    _, host = await both_at_the_door(office, admission, appointment_id)
    for _ in range(2):
        await outcomes.connected(office, ROSA, appointment_id)
    assert await entries(office, ["room.connect"]) == {"room.connect": 1}
    await admission.end(host)
    assert await how(office, appointment_id) == ("attended", "attended")


async def test_where_no_connection_came_about_nobody_missed_it(
    office: Office, appointment_id: bytes, clock: FakeClock
) -> None:
    admission = RoomAdmission(office, ice_policy="all")
    guest, host = await both_at_the_door(office, admission, appointment_id)
    await admission.present(guest, True)
    await admission.end(host)
    assert await how(office, appointment_id) == ("booked", "technical")
    clock.now = TEN
    with pytest.raises(Conflict) as refused:
        await outcomes.judge(office, NADIA, appointment_id, "missed", new_key())
    assert refused.value.code == "client_came"
    await outcomes.judge(office, NADIA, appointment_id, "late", new_key())
    assert await how(office, appointment_id) == ("attended", "late")


async def test_a_closed_room_is_concluded_once(
    office: Office, appointment_id: bytes, clock: FakeClock
) -> None:
    await ticket_of(office, NADIA, appointment_id)
    clock.now = CLOSED - timedelta(seconds=1)
    assert await outcomes.turn(office) == 0
    clock.now = CLOSED
    assert await outcomes.turn(office) == 1
    assert await how(office, appointment_id) == ("missed", "missed")
    assert await outcomes.turn(office) == 0
    assert await entries(office, ["appointment.conclude"]) == {"appointment.conclude": 1}


async def test_where_nobody_came_the_record_does_not_know(
    office: Office, appointment_id: bytes, clock: FakeClock
) -> None:
    clock.now = CLOSED
    assert await outcomes.turn(office) == 0
    assert await how(office, appointment_id) == ("booked", None)


async def test_what_was_before_a_move_counts_for_nothing(
    office: Office, appointment_id: bytes, clock: FakeClock
) -> None:
    for person in (ROSA, NADIA):
        await acts.mint_ticket(office, person, appointment_id)
    await outcomes.connected(office, ROSA, appointment_id)
    later = TEN + timedelta(days=2)
    await appointments.move(office, NADIA, appointment_id, start=later, key=new_key())
    clock.now = later
    await acts.mint_ticket(office, NADIA, appointment_id)
    clock.now = later + timedelta(minutes=110)
    await outcomes.turn(office)
    assert await how(office, appointment_id) == ("missed", "missed")


async def test_its_therapist_puts_it_right_within_a_week(
    office: Office, appointment_id: bytes, clock: FakeClock
) -> None:
    with pytest.raises(Conflict):  # it has not begun
        await outcomes.judge(office, NADIA, appointment_id, "missed", new_key())
    clock.now = TEN + timedelta(minutes=15)
    key = new_key()
    for _ in range(2):
        assert (await outcomes.judge(office, NADIA, appointment_id, "missed", key)).state == "missed"
    for went, state in (("attended", "attended"), ("technical", "booked"), ("late", "attended")):
        found = await outcomes.judge(office, NADIA, appointment_id, went, new_key())
        assert (found.state, found.outcome) == (state, went)
    clock.now = TEN + timedelta(minutes=50, days=7, seconds=1)
    with pytest.raises(Conflict) as refused:
        await outcomes.judge(office, NADIA, appointment_id, "missed", new_key())
    assert refused.value.code == "not_now"
    with pytest.raises(Invalid):
        await outcomes.judge(office, NADIA, appointment_id, "forgotten", new_key())


@pytest.mark.parametrize(
    ("person", "refusal"), [(ROSA, Forbidden), (DESK, Forbidden), (MIKA, NotFound), (OMAR, NotFound)]
)
async def test_nobody_else_says_how_it_went(
    office: Office, appointment_id: bytes, clock: FakeClock, person: Person, refusal: type[Exception]
) -> None:
    clock.now = TEN + timedelta(minutes=15)
    with pytest.raises(refusal):
        await outcomes.judge(office, person, appointment_id, "missed", new_key())

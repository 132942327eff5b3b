"""Where a client is and whom to call: theirs to say, their therapist's to see, and gone with the session."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from telehealth.appointments import acts as appointments
from telehealth.appointments.forgetting import end_part
from telehealth.audit.office import Office
from telehealth.errors import Conflict, NotFound, Refusal
from telehealth.keys.models import record_keys
from telehealth.person import Person
from telehealth.privacy.attending import appointments_of, own_parts
from telehealth.rooms import rules, whereabouts
from telehealth.rooms.admission import RoomAdmission
from telehealth.rooms.models import whereabouts as table
from telehealth.rooms.rules import Whereabouts
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import TEN, book, entries, new_key
from tests.unit.couples.scene import a_couple
from tests.unit.rooms.test_admission import both_at_the_door, sign_in

HOME = Whereabouts("Birch Lane 4, second floor", "Jo, 0170 5550199")
AWAY = Whereabouts("In the car, by the lake", "")


@pytest.fixture
async def appointment_id(office: Office, clinic: Clinic, clock: FakeClock) -> bytes:
    """Rosa's session with Nadia, ten minutes before it begins; both are signed in."""
    made = await book(office, ROSA)
    clock.now = TEN - timedelta(minutes=10)
    await sign_in(office, ROSA, NADIA)
    return made.id


async def say(office: Office, person: Person, appointment_id: bytes, said: Whereabouts = HOME) -> None:
    await whereabouts.say(office, person, appointment_id, place=said.place, contact=said.contact)


async def kept(office: Office) -> tuple[int, int]:
    """How many rows there are, and how many keys of such rows."""
    async with office.database.reading() as c:
        keyed = record_keys.c.record_id.in_(select(table.c.record_id))
        rows = (await c.execute(select(func.count()).select_from(table))).scalar_one()
        keys = await c.execute(select(func.count()).select_from(record_keys).where(keyed))
        return rows, keys.scalar_one()


async def every_key(office: Office) -> int:
    async with office.database.reading() as c:
        return int((await c.execute(select(func.count()).select_from(record_keys))).scalar_one())


async def test_the_therapist_sees_what_the_client_said_last_and_each_look_is_on_record(
    office: Office, appointment_id: bytes
) -> None:
    assert await whereabouts.look(office, NADIA, appointment_id, ROSA.id) == rules.Whereabouts()
    keys = await every_key(office)
    for said in (HOME, HOME, AWAY):
        await say(office, ROSA, appointment_id, said)
    assert await whereabouts.own(office, ROSA, appointment_id) == AWAY
    assert await kept(office) == (1, 1)
    assert await every_key(office) - keys == 1  # nothing opens what was said before
    for _ in range(2):
        assert await whereabouts.look(office, NADIA, appointment_id, ROSA.id) == AWAY
    assert await entries(office, ["room.whereabouts", "room.locate"]) == {
        "room.whereabouts": 2,
        "room.locate": 3,
    }


async def test_it_is_sealed_and_stands_in_ones_own_copy(office: Office, appointment_id: bytes) -> None:
    await say(office, ROSA, appointment_id)
    async with office.database.reading() as c:
        row = (await c.execute(select(table))).one()
    assert HOME.place.encode() not in row.place
    assert HOME.contact.encode() not in row.contact
    async with office.work(ROSA) as work:
        (part,) = await own_parts(work, ROSA, await appointments_of(work, ROSA))
    assert (part["where_you_are"], part["whom_to_call"]) == (HOME.place, HOME.contact)


async def test_said_empty_it_is_taken_back(office: Office, appointment_id: bytes) -> None:
    await say(office, ROSA, appointment_id)
    await say(office, ROSA, appointment_id, Whereabouts())
    assert await kept(office) == (0, 0)


async def test_nobody_else_says_or_sees_it(office: Office, appointment_id: bytes) -> None:
    await say(office, ROSA, appointment_id)
    for person in (NADIA, OMAR, DESK, ADMIN, MIKA, STRANGER):
        with pytest.raises(NotFound):
            await say(office, person, appointment_id, AWAY)
    for person in (ROSA, OMAR, DESK, ADMIN, MIKA, STRANGER):
        with pytest.raises(NotFound):
            await whereabouts.look(office, person, appointment_id, ROSA.id)
    with pytest.raises(NotFound):
        await whereabouts.look(office, NADIA, appointment_id, STRANGER.id)
    assert await whereabouts.own(office, ROSA, appointment_id) == HOME


async def test_partners_do_not_see_each_others_and_what_one_said_goes_when_they_leave(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    shared = (await a_couple(office)).id
    clock.now = TEN - timedelta(minutes=10)
    await say(office, ROSA, shared)
    await say(office, MIKA, shared, AWAY)
    assert await whereabouts.own(office, MIKA, shared) == AWAY
    assert await whereabouts.look(office, NADIA, shared, ROSA.id) == HOME
    assert await whereabouts.turn(office) == 0
    async with office.database.transaction() as c:
        await end_part(c, shared, MIKA.id)
    assert await whereabouts.turn(office) == 1
    assert await kept(office) == (1, 1)
    assert await whereabouts.look(office, NADIA, shared, ROSA.id) == HOME


async def test_it_is_said_and_seen_only_while_the_door_is_open(
    office: Office, appointment_id: bytes, clock: FakeClock
) -> None:
    clock.now = TEN - timedelta(minutes=16)
    assert await _code(say(office, ROSA, appointment_id)) == "room_early"
    clock.now = TEN - timedelta(minutes=15)
    await say(office, ROSA, appointment_id)
    clock.now = TEN + timedelta(minutes=110)
    assert await _code(say(office, ROSA, appointment_id, AWAY)) == "room_over"
    assert await _code(whereabouts.look(office, NADIA, appointment_id, ROSA.id)) == "room_over"


async def _code(act: object) -> str:
    with pytest.raises(Refusal) as refused:
        await act  # type: ignore[misc]
    assert isinstance(refused.value, Conflict)
    return refused.value.code


async def test_it_goes_when_the_therapist_ends_the_session(office: Office, appointment_id: bytes) -> None:
    admission = RoomAdmission(office, ice_policy="all")
    _, host = await both_at_the_door(office, admission, appointment_id)
    keys = await every_key(office)
    await say(office, ROSA, appointment_id)
    await admission.end(host)
    assert await kept(office) == (0, 0)
    assert await every_key(office) == keys


async def test_it_goes_when_the_room_closes_by_itself(
    office: Office, appointment_id: bytes, clock: FakeClock
) -> None:
    await say(office, ROSA, appointment_id)
    clock.now = TEN + timedelta(minutes=109, seconds=59)
    assert await whereabouts.turn(office) == 0
    clock.now = TEN + timedelta(minutes=110)
    assert await whereabouts.turn(office) == 1
    assert await kept(office) == (0, 0)


async def test_it_goes_when_the_appointment_is_cancelled_or_moved(
    office: Office, appointment_id: bytes, clock: FakeClock
) -> None:
    await say(office, ROSA, appointment_id)
    start = TEN + timedelta(weeks=1)
    await appointments.move(office, NADIA, appointment_id, start=start, key=new_key())
    assert await whereabouts.turn(office) == 1
    clock.now = start - timedelta(minutes=10)
    await say(office, ROSA, appointment_id)
    await appointments.cancel(office, NADIA, appointment_id, new_key())
    assert await whereabouts.turn(office) == 1
    assert await kept(office) == (0, 0)

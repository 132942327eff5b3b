"""A therapist chooses how those in one session reach each other; partners meet through the relay otherwise."""

import pytest

from telehealth.audit.office import Office
from telehealth.clinic import store as clinics
from telehealth.clinic.rules import Policies
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.rooms import rules, ways
from telehealth.rooms.ways import Given
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, NADIA, OMAR, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import TEN, book, entries, place_both

GIVEN = Given("all", has_relay=True)


async def way_of(office: Office, appointment_id: bytes) -> rules.Ice:
    return (await ways.way(office, NADIA, appointment_id, GIVEN)).ice_policy


async def test_what_a_therapist_chose_goes_before_all_else_once_on_record(
    clinic: Clinic, office: Office
) -> None:
    alone, together = (await book(office, ROSA)).id, await place_both(office, TEN.replace(day=26))
    assert [await way_of(office, each) for each in (alone, together)] == ["all", "relay"]
    for wanted in ("all", "all"):
        await ways.choose(office, NADIA, together, wanted, GIVEN)
    await ways.choose(office, NADIA, alone, "relay", GIVEN)
    async with office.database.transaction() as connection:
        await clinics.keep_policies(connection, Policies(ice_policy="relay"))
    assert [await way_of(office, each) for each in (alone, together)] == ["relay", "all"]
    assert await entries(office, ["room.way"]) == {"room.way": 3}  # one for each client
    third = (await book(office, ROSA, TEN.replace(day=27))).id
    assert await way_of(office, third) == "relay"


async def test_nobody_else_chooses_and_nothing_is_chosen_that_cannot_be(
    clinic: Clinic, office: Office, clock: FakeClock
) -> None:
    made = (await book(office, ROSA)).id
    for person in (ROSA, STRANGER, OMAR, DESK, ADMIN):
        with pytest.raises(NotFound):
            await ways.choose(office, person, made, "relay", GIVEN)
        with pytest.raises(NotFound):
            await ways.way(office, person, made, GIVEN)
    with pytest.raises(Invalid, match="not_a_way"):
        await ways.choose(office, NADIA, made, "somehow", GIVEN)
    with pytest.raises(Conflict, match="no_relay"):
        await ways.choose(office, NADIA, made, "relay", Given("all", has_relay=False))
    clock.advance(TEN - clock(), minutes=111)
    with pytest.raises(Conflict, match="room_over"):
        await ways.choose(office, NADIA, made, "relay", GIVEN)
    assert await entries(office, ["room.way"]) == {"room.way": 0}

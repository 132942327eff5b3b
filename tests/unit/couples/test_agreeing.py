"""One of two moves their appointment: the other says whether they come, and nothing else shows of them."""

from datetime import timedelta

import pytest

from telehealth.appointments import acts as appointments
from telehealth.appointments.acts import Appointment, appointment
from telehealth.audit.office import Office
from telehealth.couples import acts
from telehealth.errors import Conflict, NotFound
from telehealth.notices import acts as notices
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import DESK, MIKA, NADIA, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import entries, new_key, taken
from tests.unit.couples.scene import AFTERWARDS, a_couple, busy_elsewhere


async def moved(office: Office, by: Person = ROSA) -> Appointment:
    """The couple's time, two days later."""
    both = await a_couple(office)
    return await appointments.move(office, by, both.id, start=AFTERWARDS, key=new_key())


async def agree(office: Office, made: Appointment, person: Person = MIKA, key: str | None = None) -> None:
    await acts.agree(office, person, made.id, start=AFTERWARDS, key=key or new_key())


async def seen(office: Office, made: Appointment, person: Person) -> tuple[str | None, bool, int]:
    """Who comes, as somebody sees it; whether they are asked themselves; how many others have not answered."""
    found = await appointment(office, person, made.id)
    return found.company, found.asks_me, len(set(found.unsaid_ids) - {person.id})


async def parties(office: Office) -> set[bytes]:
    return {who for who, start, _ in await taken(office) if start == AFTERWARDS}


async def test_each_of_them_and_the_therapist_see_who_has_agreed(office: Office, clinic: Clinic) -> None:
    made, key = await moved(office), new_key()
    assert await seen(office, made, ROSA) == ("waiting", False, 1)
    assert await seen(office, made, MIKA) == ("together", True, 0)
    for staff in (NADIA, DESK):
        assert await seen(office, made, staff) == ("waiting", False, 1)
    assert MIKA.id not in await parties(office)
    for _ in range(2):
        await agree(office, made, key=key)
    for person in (ROSA, MIKA, NADIA):
        assert await seen(office, made, person) == ("together", False, 0)
    assert {ROSA.id, MIKA.id} <= await parties(office)
    assert [each.kind for each in await notices.mine(office, ROSA)].count("partner_joined") == 1
    assert await entries(office, ["partner.agree"]) == {
        "partner.agree": 2
    }  # on the record of each of the two
    await agree(office, made)  # said again, with another key
    assert await entries(office, ["partner.agree"]) == {"partner.agree": 2}


async def test_who_has_something_else_is_told_alone(office: Office, clinic: Clinic) -> None:
    made = await moved(office)
    before = await seen(office, made, ROSA), await notices.mine(office, ROSA)
    await busy_elsewhere(office, MIKA, AFTERWARDS)
    with pytest.raises(Conflict) as refused:
        await agree(office, made)
    assert (refused.value.code, refused.value.about) == ("you_are_booked_then", ("person", MIKA.id))
    assert (await seen(office, made, ROSA), await notices.mine(office, ROSA)) == before


async def test_whoever_cannot_leaves_for_their_own_part(office: Office, clinic: Clinic) -> None:
    made = await moved(office)
    assert await acts.leave(office, MIKA, made.id, new_key())
    assert await seen(office, made, ROSA) == ("alone", False, 0)
    assert "partner_left" in [each.kind for each in await notices.mine(office, ROSA)]


async def test_what_was_moved_again_meanwhile_is_looked_at_first(office: Office, clinic: Clinic) -> None:
    made = await moved(office)
    later = AFTERWARDS + timedelta(hours=1)
    await appointments.move(office, ROSA, made.id, start=later, key=new_key())
    with pytest.raises(Conflict) as refused:
        await agree(office, made)
    assert refused.value.code == "moved_again"
    await appointments.move(office, MIKA, made.id, start=AFTERWARDS, key=new_key())  # now it is Rosa's turn
    assert await seen(office, made, MIKA) == ("waiting", False, 1)
    assert await seen(office, made, ROSA) == ("together", True, 0)


async def test_staff_who_move_it_ask_nobody_anew_and_answer_for_nobody(
    office: Office, clinic: Clinic
) -> None:
    made = await moved(office)
    later = AFTERWARDS + timedelta(hours=1)
    await appointments.move(office, NADIA, made.id, start=later, key=new_key())
    assert await seen(office, made, MIKA) == ("together", True, 0)


@pytest.mark.parametrize("person", [STRANGER, NADIA, DESK])
async def test_nobody_else_agrees(office: Office, clinic: Clinic, person: Person) -> None:
    made = await moved(office)
    with pytest.raises(NotFound):
        await agree(office, made, person)
    assert await seen(office, made, ROSA) == ("waiting", False, 1)


async def test_once_it_has_begun_or_is_cancelled_nobody_agrees(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    made = await moved(office)
    clock.now = AFTERWARDS
    with pytest.raises(Conflict) as refused:
        await agree(office, made)
    assert refused.value.code == "not_booked"

"""A time for more than one belongs to a case, and whose time it takes."""

import pytest
from sqlalchemy import select

from telehealth.appointments import cases
from telehealth.appointments.acts import mine
from telehealth.appointments.models import appointments, case_members
from telehealth.appointments.placing import place
from telehealth.audit.office import Office, Work
from telehealth.errors import Invalid
from tests.people import COUPLE, MIKA, NADIA, NADIAS_PROFILE, ROSA, SINGLE, STRANGER, Clinic
from tests.unit.appointments.scene import TEN, book, taken, told_beside
from tests.unit.couples.scene import AFTERWARDS, a_couple, book_for_two


async def case_of(office: Office, appointment_id: bytes) -> bytes | None:
    query = select(appointments.c.case_id).where(appointments.c.id == appointment_id)
    async with office.database.reading() as c:
        found: bytes | None = (await c.execute(query)).scalar_one()
        return found


async def members(office: Office) -> list[bytes]:
    async with office.database.reading() as c:
        return list((await c.execute(select(case_members.c.person_id))).scalars())


async def test_a_time_for_two_begins_a_case_and_takes_the_time_of_who_booked_alone(
    office: Office, clinic: Clinic
) -> None:
    made = await book_for_two(office)
    assert await members(office) == [ROSA.id]
    assert made.company == "waiting"
    assert [party for party, *_ in await taken(office)] == [NADIA.id, ROSA.id]


async def test_a_time_for_one_is_of_no_case(office: Office, clinic: Clinic) -> None:
    made = await book(office)
    assert await case_of(office, made.id) is None
    assert made.company is None


async def test_who_shares_a_case_says_with_whom_they_come(office: Office, clinic: Clinic) -> None:
    first = await a_couple(office)
    before = await taken(office)
    with pytest.raises(Invalid) as refused:
        await book_for_two(office, start=AFTERWARDS)
    assert (refused.value.code, set(refused.value.fields)) == ("partner_unsaid", {"partner"})
    assert await taken(office) == before
    same = await book_for_two(office, start=AFTERWARDS, same_partner=True)
    assert await case_of(office, same.id) == await case_of(office, first.id)


async def test_the_partner_of_before_is_asked_and_nothing_of_theirs_is_taken(
    office: Office, clinic: Clinic
) -> None:
    await a_couple(office)
    made = await book_for_two(office, start=AFTERWARDS, same_partner=True)
    (asked,) = [each for each in await told_beside(office, MIKA) if each.kind == "partner_asks"]
    assert asked.body == {"id": made.id.hex(), "start": AFTERWARDS.isoformat()}
    assert (MIKA.id, AFTERWARDS, "booked") not in await taken(office)
    assert made.id not in {each.id for each in await mine(office, MIKA)}


async def test_with_somebody_else_it_is_a_case_of_its_own_and_the_partner_hears_nothing(
    office: Office, clinic: Clinic
) -> None:
    first = await a_couple(office)
    heard = len(await told_beside(office, MIKA))
    made = await book_for_two(office, start=AFTERWARDS, same_partner=False)
    assert await case_of(office, made.id) != await case_of(office, first.id)
    assert len(await told_beside(office, MIKA)) == heard


async def test_who_has_no_case_may_say_what_they_like(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office, same_partner=True)
    assert await case_of(office, made.id) is not None


async def test_times_placed_for_the_same_two_are_of_one_case(office: Office, clinic: Clinic) -> None:
    async def act(work: Work) -> list[bytes | None]:
        said = {ROSA.id: "", MIKA.id: ""}
        first = await place(work, COUPLE, NADIAS_PROFILE, TEN, said)
        second = await place(work, COUPLE, NADIAS_PROFILE, AFTERWARDS, said)
        alone = await place(work, SINGLE, NADIAS_PROFILE, AFTERWARDS.replace(day=27), {STRANGER.id: ""})
        return [first, second, alone]

    first, second, alone = [found for found in await office.act(NADIA, act) if found is not None]
    assert await case_of(office, first) == await case_of(office, second)
    assert await case_of(office, alone) is None
    assert sorted(await members(office)) == sorted([ROSA.id, MIKA.id])


async def test_two_cases_leave_no_same_partner_to_name(office: Office, clinic: Clinic) -> None:
    await a_couple(office)

    async def act(work: Work) -> bytes | None:
        await place(work, COUPLE, NADIAS_PROFILE, AFTERWARDS, {ROSA.id: "", STRANGER.id: ""})
        return await cases.shared_case(work.connection, ROSA.id)

    assert await office.act(NADIA, act) is None

"""Services, policies and emergency numbers: written by an administrator alone, once for each form, on record."""

import asyncio
from dataclasses import replace

import pytest

from telehealth.audit.office import Office
from telehealth.clinic import acts, rules, store
from telehealth.clinic.rules import Number, Offer, Policies, box_of
from telehealth.clinic.store import EmergencyNumber, Service
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import ADMIN, COUPLE, DESK, NADIA, OMAR, ROSA, SINGLE, Clinic
from tests.unit.appointments.scene import book
from tests.unit.clinic.forms import NUMBER, OFFER, POLICIES
from tests.unit.clinic.scene import changes

ONE, TWO, THREE, FOUR = "1" * 32, "2" * 32, "3" * 32, "4" * 32
FIRST: Offer = rules.offer_from({**OFFER, box_of(OMAR.id): "1"}, [NADIA.id, OMAR.id])
NUMBER_112: Number = rules.number_from(NUMBER)
CRISIS = Number("Crisis line", "116 123", "Germany", 1)


async def services(office: Office) -> list[Service]:
    async with office.database.reading() as connection:
        return await store.services(connection)


async def every_service(office: Office) -> list[Service]:
    async with office.database.reading() as connection:
        return await store.every_service(connection)


async def numbers(office: Office) -> list[EmergencyNumber]:
    async with office.database.reading() as connection:
        return await store.emergency_numbers(connection)


async def test_a_service_is_offered_at_its_place_with_an_address_of_its_own(
    office: Office, clinic: Clinic
) -> None:
    made = await acts.create_service(office, ADMIN, replace(FIRST, name="Individual talk", place=2), ONE)
    found = await services(office)
    assert [each.id for each in found] == [SINGLE.id, made, COUPLE.id]
    assert [each.position for each in found] == [1, 2, 3]
    assert (found[1].slug, found[1].therapist_ids, found[1].minutes) == ("individual-talk", (OMAR.id,), 30)
    assert await changes(office) == ["service.create"]


async def test_the_same_form_twice_is_one_service_and_another_form_under_its_key_is_refused(
    office: Office, clinic: Clinic
) -> None:
    made = [await acts.create_service(office, ADMIN, FIRST, ONE) for _ in range(2)]
    assert made[0] == made[1]
    assert len(await services(office)) == 3
    with pytest.raises(Conflict, match="idempotency_mismatch"):
        await acts.create_service(office, ADMIN, replace(FIRST, minutes=60), ONE)
    with pytest.raises(Invalid, match="malformed_key"):
        await acts.create_service(office, ADMIN, FIRST, "short")


async def test_two_at_once_have_two_addresses_and_one_order(office: Office, clinic: Clinic) -> None:
    offers = [replace(FIRST, name=name, place=1) for name in ("A talk", "A-talk")]
    keys = (ONE, TWO)
    await asyncio.gather(
        *(acts.create_service(office, ADMIN, *each) for each in zip(offers, keys, strict=True))
    )
    found = await services(office)
    assert [each.position for each in found] == [1, 2, 3, 4]
    assert {each.slug for each in found[:2]} == {"a-talk", "a-talk-2"}


async def test_a_changed_service_keeps_its_address_and_its_appointments(
    office: Office, clinic: Clinic
) -> None:
    booked = await book(office, ROSA)
    wanted = replace(FIRST, name="Renamed", minutes=60, therapist_ids=(NADIA.id,), place=2)
    await acts.change_service(office, ADMIN, SINGLE.id, wanted, ONE)
    found = {each.id: each for each in await services(office)}[SINGLE.id]
    assert (found.slug, found.name, found.minutes, found.position) == ("individual", "Renamed", 60, 2)
    assert found.therapist_ids == (NADIA.id,)
    assert booked.ends_at - booked.starts_at != found.minutes
    assert await changes(office) == ["service.change"]


@pytest.mark.parametrize("name", ["Couple's session", "COUPLE'S SESSION"])
async def test_two_services_of_one_name_cannot_be_told_apart(
    office: Office, clinic: Clinic, name: str
) -> None:
    for attempt in (
        acts.create_service(office, ADMIN, replace(FIRST, name=name), ONE),
        acts.change_service(office, ADMIN, SINGLE.id, replace(FIRST, name=name), TWO),
    ):
        with pytest.raises(Conflict, match="service_name_taken") as refused:
            await attempt
        assert set(refused.value.fields) == {"name"}
    assert await acts.change_service(office, ADMIN, COUPLE.id, replace(FIRST, name=name), THREE) == COUPLE.id


async def test_a_retired_service_is_there_for_its_appointments_and_can_be_offered_again(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    await acts.retire_service(office, ADMIN, SINGLE.id, ONE)
    await acts.retire_service(office, ADMIN, SINGLE.id, TWO)
    assert [each.id for each in await services(office)] == [COUPLE.id]
    retired = next(each for each in await every_service(office) if each.id == SINGLE.id)
    assert retired.retired_at == clock()
    await acts.change_service(office, ADMIN, SINGLE.id, replace(FIRST, name="Renamed"), THREE)
    await acts.offer_again(office, ADMIN, SINGLE.id, FOUR)
    assert [(each.id, each.position) for each in await services(office)] == [(COUPLE.id, 1), (SINGLE.id, 2)]
    assert await changes(office) == ["service.retire", "service.change", "service.offer"]


async def test_a_name_that_another_has_meanwhile_is_not_offered_again(office: Office, clinic: Clinic) -> None:
    await acts.retire_service(office, ADMIN, COUPLE.id, ONE)
    await acts.create_service(office, ADMIN, replace(FIRST, name=COUPLE.name), TWO)
    with pytest.raises(Conflict, match="service_name_taken"):
        await acts.offer_again(office, ADMIN, COUPLE.id, THREE)


async def test_policies_hold_for_everybody_and_only_a_change_is_on_record(
    office: Office, clinic: Clinic
) -> None:
    wanted = rules.policies_from(POLICIES)
    for key in (ONE, TWO):
        await acts.write_policies(office, ADMIN, wanted, key)
    async with office.database.reading() as connection:
        assert await store.policies(connection) == Policies(wanted.cancellation, "limited", "relay")
    assert await changes(office) == ["policy.change"]


async def test_numbers_are_added_ordered_changed_and_removed(office: Office, clinic: Clinic) -> None:
    first = await acts.add_number(office, ADMIN, NUMBER_112, ONE)
    second = await acts.add_number(office, ADMIN, CRISIS, TWO)
    assert [(each.id, each.position) for each in await numbers(office)] == [(second, 1), (first, 2)]
    await acts.change_number(office, ADMIN, second, replace(CRISIS, number="116 117", place=2), THREE)
    assert [each.number for each in await numbers(office)] == ["112", "116 117"]
    for key in ("5" * 32, "6" * 32):
        await acts.remove_number(office, ADMIN, first, key)
    assert [(each.label, each.position) for each in await numbers(office)] == [("Crisis line", 1)]
    with pytest.raises(NotFound, match="number_not_found"):
        await acts.change_number(office, ADMIN, first, NUMBER_112, FOUR)
    assert await changes(office) == ["number.add", "number.add", "number.change", "number.remove"]


async def test_the_list_of_numbers_has_an_end(office: Office, clinic: Clinic) -> None:
    async with office.database.transaction() as connection:
        for place in range(rules.MAX_NUMBERS):
            await store.add_number(connection, EmergencyNumber(bytes([place] * 16), "Line", "112", "", place))
    with pytest.raises(Conflict, match="numbers_enough"):
        await acts.add_number(office, ADMIN, NUMBER_112, ONE)


@pytest.mark.parametrize("person", [NADIA, DESK, ROSA])
async def test_nobody_else_changes_anything(office: Office, clinic: Clinic, person: Person) -> None:
    for attempt in (
        acts.create_service(office, person, FIRST, ONE),
        acts.change_service(office, person, SINGLE.id, FIRST, ONE),
        acts.retire_service(office, person, SINGLE.id, ONE),
        acts.offer_again(office, person, SINGLE.id, ONE),
        acts.write_policies(office, person, rules.policies_from(POLICIES), ONE),
        acts.add_number(office, person, NUMBER_112, ONE),
        acts.change_number(office, person, NADIA.id, NUMBER_112, ONE),
        acts.remove_number(office, person, NADIA.id, ONE),
    ):
        with pytest.raises(NotFound, match="not_found"):
            await attempt
    assert await every_service(office) == [SINGLE, COUPLE]
    assert await changes(office) == []

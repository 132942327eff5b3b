"""Services and public profiles, as they were written."""

import pytest

from telehealth.audit.office import Office
from telehealth.clinic import store
from telehealth.clinic.rules import Policies
from telehealth.errors import NotFound
from tests.clock import FakeClock
from tests.people import COUPLE, NADIA, NADIAS_PROFILE, OMAR, OMARS_PROFILE, ROSA, SINGLE, Clinic


async def test_services_and_therapists_come_back_in_the_clinics_order(office: Office, clinic: Clinic) -> None:
    async with office.database.reading() as connection:
        assert await store.services(connection) == [SINGLE, COUPLE]
        assert await store.therapists(connection) == [NADIAS_PROFILE, OMARS_PROFILE]


async def test_one_is_found_by_its_id_and_an_unknown_one_is_not(office: Office, clinic: Clinic) -> None:
    async with office.database.reading() as connection:
        assert await store.service(connection, COUPLE.id) == COUPLE
        assert await store.therapist(connection, NADIA.id) == NADIAS_PROFILE
        with pytest.raises(NotFound):
            await store.service(connection, NADIA.id)
        with pytest.raises(NotFound):
            await store.therapist(connection, ROSA.id)  # a person, but no therapist


async def test_policies_are_the_plainest_until_they_are_written_and_then_the_last_ones(
    office: Office,
) -> None:
    async with office.database.transaction() as connection:
        assert await store.policies(connection) == Policies("", "none", None)
        for written in (
            Policies("A day ahead.", "limited", "relay"),
            Policies("An hour ahead.", "none", None),
        ):
            await store.keep_policies(connection, written)
            assert await store.policies(connection) == written


async def test_a_service_is_offered_by_those_who_are_here_and_only_while_it_is_offered(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    async def offers(service_id: bytes, therapist_id: bytes) -> bool:
        async with office.database.reading() as connection:
            return await store.still_offers(connection, service_id, therapist_id)

    assert [await offers(SINGLE.id, OMAR.id), await offers(COUPLE.id, OMAR.id)] == [True, False]
    async with office.database.transaction() as connection:
        await store.change_therapist(connection, OMAR.id, {"retired_at": clock()})
        await store.change_service(connection, COUPLE.id, {"retired_at": clock()})
    assert [await offers(SINGLE.id, OMAR.id), await offers(COUPLE.id, NADIA.id)] == [False, False]
    assert await offers(SINGLE.id, NADIA.id)

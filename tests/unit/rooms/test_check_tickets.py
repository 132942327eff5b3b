"""Tickets for device checks: for whoever is signed in, used once, about nobody's record."""

import base64

import pytest
from sqlalchemy import func, select

from signaling.admission import Entry
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.people import store as people
from telehealth.person import Person
from telehealth.rooms.admission import RoomAdmission
from telehealth.rooms.trying import TryingAdmission, mint_check_ticket
from tests.clock import FakeClock
from tests.people import ROSA, Clinic
from tests.unit.rooms.test_admission import sign_in


@pytest.fixture
async def admission(office: Office, clinic: Clinic) -> TryingAdmission:
    """Rosa is signed in."""
    await sign_in(office, ROSA)
    return TryingAdmission(RoomAdmission(office, ice_policy="all"))


async def test_a_check_has_a_room_of_its_own_and_is_on_nobodys_record(
    office: Office, clinic: Clinic, admission: TryingAdmission, clock: FakeClock
) -> None:
    before = await _entries(office)
    one, other = [await _check(office, admission, ROSA) for _ in range(2)]
    assert (one.kind, one.name, one.host, one.seat) == ("check", "", False, other.seat)
    assert one.room != other.room
    assert await admission.may_stay(one)
    assert await _entries(office) == before
    async with office.database.transaction() as connection:
        await people.end_session(connection, ROSA.session)
    assert not await admission.may_stay(one)


async def test_a_ticket_for_a_check_is_used_once_and_ends_with_its_session(
    office: Office, clinic: Clinic, admission: TryingAdmission, clock: FakeClock
) -> None:
    first, second = [base64.urlsafe_b64decode(await mint_check_ticket(office, ROSA) + "=") for _ in range(2)]
    assert await admission.redeem(first) is not None
    assert await admission.redeem(first) is None
    clock.advance(seconds=31)
    assert await admission.redeem(second) is None
    third = base64.urlsafe_b64decode(await mint_check_ticket(office, ROSA) + "=")
    async with office.database.transaction() as connection:
        await people.end_session(connection, ROSA.session)
    assert await admission.redeem(third) is None


async def _entries(office: Office) -> int:
    async with office.database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(audit_leaves))).scalar_one()


async def _check(office: Office, admission: TryingAdmission, person: Person) -> Entry:
    made = await admission.redeem(base64.urlsafe_b64decode(await mint_check_ticket(office, person) + "="))
    assert made is not None
    return made

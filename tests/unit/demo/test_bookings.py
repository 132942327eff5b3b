"""The demo's clinic as it is filled, on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from telehealth.appointments import acts as appointments
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.clinic import store as clinic
from telehealth.demo import bookings, seed
from telehealth.demo.clinic import BOOKINGS, SOON_REASON
from telehealth.demo.folder import Folder, open_folder
from telehealth.hours import acts as hours
from telehealth.person import Person
from tests.clock import FakeClock


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return open_folder(tmp_path / "data")


@pytest.fixture
async def members(office: Office, folder: Folder) -> dict[str, Person]:
    made = await seed.clinic(office, folder)
    await bookings.book_ahead(office, made)
    return made


async def entries(office: Office) -> int:
    async with office.database.reading() as connection:
        found = await connection.execute(select(func.count()).select_from(audit_leaves))
        return int(found.scalar_one())


async def test_the_clinic_is_what_the_issue_asks_for(office: Office, members: dict[str, Person]) -> None:
    async with office.database.reading() as connection:
        therapists, services = await clinic.therapists(connection), await clinic.services(connection)
    assert len({therapist.zone for therapist in therapists}) == 3
    assert len({therapist.specialties for therapist in therapists}) == 3
    assert {30, 50, 80} <= {service.minutes for service in services}
    assert len(services) == 6
    assert [service.minutes for service in services if service.therapists_needed == 2] == [80]
    assert [service.minutes for service in services if service.confirms_first] == [100]
    async with office.database.reading() as connection:
        assert "call us" in (await clinic.policies(connection)).cancellation
        assert [each.number for each in await clinic.emergency_numbers(connection)] == ["112", "030 555 0100"]
    assert [service.seats for service in services if service.minutes == 80] == [2, 2]
    roles = sorted(person.role for person in members.values())
    assert roles == ["administrator", *["client"] * 3, "front_desk", *["therapist"] * 3]


async def test_somebody_is_away_for_a_while_and_takes_a_breath_between_sessions(
    office: Office, members: dict[str, Person]
) -> None:
    since = office.clock()
    plan = (await hours.hours(office, members["elif"], since, since)).plan
    (away,) = plan.dated.values()
    assert away.last_day is not None
    assert (away.kind, away.last_day - away.day) == ("off", timedelta(days=9))
    assert plan.workload.break_minutes == 5


async def test_a_second_start_adds_nothing(
    office: Office, folder: Folder, members: dict[str, Person]
) -> None:
    soon = await bookings.appointment_soon(office, members)
    before = await entries(office)
    again = await seed.clinic(office, folder)
    await bookings.book_ahead(office, again)
    assert again == members
    assert await bookings.appointment_soon(office, again) == soon
    assert await entries(office) == before


async def test_everything_booked_ahead_is_there_and_the_couple_shares_its_own(
    office: Office, members: dict[str, Person]
) -> None:
    booked = {key: await appointments.mine(office, members[key]) for key in ("partner_one", "partner_two")}
    shared = {each.id for each in booked["partner_one"]} & {each.id for each in booked["partner_two"]}
    assert len(shared) == len([each for each in BOOKINGS if len(each.clients) == 2])
    alone = [each for each in booked["partner_two"] if each.id not in shared]
    assert [each.client_names for each in alone] == [("Sam Whitlock",)]


async def test_the_room_of_the_appointment_that_begins_soon_is_open(
    office: Office, clock: FakeClock, members: dict[str, Person]
) -> None:
    soon = await bookings.appointment_soon(office, members)
    assert soon is not None
    assert timedelta() < soon.starts_at - clock() <= timedelta(minutes=10)
    first = (await appointments.mine(office, members["first_client"]))[0]
    assert (first.starts_at, first.reason) == (soon.starts_at, SOON_REASON)
    assert first.opens_at <= clock() <= first.closes_at
    assert first.therapist.id == members[soon.therapist].id


async def test_once_it_is_nearly_over_a_start_makes_another(
    office: Office, clock: FakeClock, members: dict[str, Person]
) -> None:
    soon = await bookings.appointment_soon(office, members)
    assert soon is not None
    clock.now = soon.starts_at + timedelta(minutes=60)
    later = await bookings.appointment_soon(office, members)
    assert later is not None
    assert later.starts_at > clock()


async def test_when_the_client_is_not_free_there_is_none_and_nothing_breaks(
    office: Office, clock: FakeClock, members: dict[str, Person]
) -> None:
    soon = await bookings.appointment_soon(office, members)
    assert soon is not None
    clock.now = soon.starts_at + timedelta(minutes=30)  # too late to join, not yet over
    assert await bookings.appointment_soon(office, members) is None


def test_steps_are_full_five_minutes(clock: FakeClock) -> None:
    assert bookings.next_step(clock()) == clock()
    assert bookings.next_step(clock() + timedelta(seconds=1)) == clock() + timedelta(minutes=5)

"""Somebody begins to work here, is shown, goes and comes back; nobody goes while a client still counts on them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from telehealth.appointments.ahead import ahead_of
from telehealth.appointments.wanted import check_open, wanted
from telehealth.audit.office import Office
from telehealth.availability.store import with_hours
from telehealth.clinic import rules, staffing, store
from telehealth.clinic.elsewhere import Elsewhere
from telehealth.clinic.forgetting import forget_therapist
from telehealth.clinic.rules import Newcomer, Profile
from telehealth.clinic.store import Therapist
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.people import roster
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import ADMIN, COUPLE, DESK, NADIA, OMAR, ROSA, SINGLE, Clinic
from tests.unit.appointments.scene import TEN, book, hold
from tests.unit.clinic.forms import PROFILE
from tests.unit.people.scene import entries

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
ELSEWHERE = Elsewhere(ahead=ahead_of, with_hours=with_hours)
WANTED: Profile = rules.profile_from(
    {**PROFILE, "name": "Omar F.", "zone": "Asia/Kathmandu"}, {"Asia/Kathmandu"}
)


async def therapists(office: Office) -> list[Therapist]:
    async with office.database.reading() as connection:
        return await store.therapists(connection)


async def retire(office: Office, person: Person, key: str = ONE) -> None:
    await staffing.retire_therapist(office, ADMIN, person.id, ELSEWHERE, key)


async def test_a_therapist_who_begins_has_a_sealed_name_and_a_profile_that_no_service_names_yet(
    office: Office, clinic: Clinic
) -> None:
    new = Newcomer("Nadia Behrens", "therapist")
    made = [await staffing.create_staff(office, ADMIN, new, "Europe/Berlin", ONE) for _ in range(2)]
    assert made[0] == made[1]
    found = (await therapists(office))[-1]
    assert (found.id, found.name, found.slug, found.zone) == (
        made[0],
        new.name,
        "nadia-behrens-2",
        "Europe/Berlin",
    )
    member = await roster.member(office, ADMIN, made[0])
    assert (member.name, member.role, member.tied) == ("Nadia Behrens", "therapist", False)
    lena = Person(made[0], "therapist")
    assert await entries(office, lena) == [("person.create", "success"), ("record.look", "success")]


async def test_who_is_no_therapist_has_no_profile(office: Office, clinic: Clinic) -> None:
    for role, key in (("front_desk", ONE), ("administrator", TWO)):
        made = await staffing.create_staff(office, ADMIN, Newcomer("Lena", role), "Europe/Berlin", key)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            await staffing.leaving(office, ADMIN, made, ELSEWHERE)
    assert [each.id for each in await therapists(office)] == [NADIA.id, OMAR.id]


async def test_a_profile_is_shown_as_it_was_last_written(office: Office, clinic: Clinic) -> None:
    await staffing.change_profile(office, ADMIN, OMAR.id, WANTED, ONE)
    first, second = await therapists(office)
    assert (first.id, first.name, first.slug, first.zone) == (
        OMAR.id,
        "Omar F.",
        "omar-fassbinder",
        "Asia/Kathmandu",
    )
    assert first.specialties == ("Desire", "Couples")
    assert (first.position, second.position) == (1, 2)
    assert await entries(office, OMAR) == [("profile.public", "success")]


async def test_a_therapist_goes_is_seen_no_more_and_comes_back(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    await retire(office, OMAR)
    await retire(office, OMAR, TWO)
    assert [each.id for each in await therapists(office)] == [NADIA.id]
    async with office.database.reading() as connection:
        assert (await store.service(connection, SINGLE.id)).therapist_ids == (NADIA.id,)
        assert (await store.therapist(connection, OMAR.id)).retired_at == clock()
    await staffing.take_back(office, ADMIN, OMAR.id, THREE)
    async with office.database.reading() as connection:
        assert (await store.service(connection, SINGLE.id)).therapist_ids == (NADIA.id, OMAR.id)
    assert await entries(office, OMAR) == [("person.retire", "success"), ("person.return", "success")]


async def test_nobody_goes_while_a_client_has_a_time_with_them(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    booked = await book(office, ROSA)
    with pytest.raises(Conflict, match="clients_booked"):
        await retire(office, NADIA)
    leaving = await staffing.leaving(office, ADMIN, NADIA.id, ELSEWHERE)
    assert [(each.starts_at, each.service_id, each.being_booked) for each in leaving.ahead] == [
        (booked.starts_at, SINGLE.id, False)
    ]
    assert ("person.refused", "refused") in await entries(office, NADIA)
    await retire(office, OMAR, TWO)
    clock.advance(booked.ends_at - clock())
    await retire(office, NADIA)
    assert await therapists(office) == []


async def test_a_time_that_is_being_chosen_counts_until_it_is_free_again(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    await hold(office, datetime(2026, 11, 24, 9, tzinfo=UTC))
    assert [
        each.being_booked for each in (await staffing.leaving(office, ADMIN, NADIA.id, ELSEWHERE)).ahead
    ] == [True]
    with pytest.raises(Conflict, match="clients_booked"):
        await retire(office, NADIA)
    clock.advance(timedelta(minutes=5))
    await retire(office, NADIA)


async def test_who_has_gone_since_a_time_was_asked_for_is_not_booked(office: Office, clinic: Clinic) -> None:
    asked = {"service_id": SINGLE.id, "therapist_id": NADIA.id, "start": TEN, "holder": b"h" * 32}
    async with office.work(ROSA) as work:
        wish = await wanted(work, ROSA, zone=ZoneInfo("UTC"), **asked)  # type: ignore[arg-type]
        await check_open(work, wish)
    await retire(office, NADIA)
    with pytest.raises(Invalid, match="not_offered"):
        async with office.work(ROSA) as work:
            await check_open(work, wish)


async def test_what_a_gone_therapist_offered_stays_noted_when_the_service_changes(
    office: Office, clinic: Clinic
) -> None:
    await retire(office, OMAR)
    async with office.database.transaction() as connection:
        await store.set_offering(connection, SINGLE.id, [NADIA.id, OMAR.id])
    await staffing.take_back(office, ADMIN, OMAR.id, TWO)
    async with office.database.reading() as connection:
        assert set((await store.service(connection, SINGLE.id)).therapist_ids) == {NADIA.id, OMAR.id}
        assert (await store.service(connection, COUPLE.id)).therapist_ids == (NADIA.id,)


async def test_an_erased_profile_is_retired(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    async with office.database.transaction() as connection:
        assert await forget_therapist(connection, OMAR.id, clock()) == 1
    assert [each.id for each in await therapists(office)] == [NADIA.id]


@pytest.mark.parametrize("person", [NADIA, DESK, ROSA])
async def test_nobody_else_says_who_works_here(office: Office, clinic: Clinic, person: Person) -> None:
    for attempt in (
        staffing.create_staff(office, person, Newcomer("Lena", "administrator"), "UTC", ONE),
        staffing.change_profile(office, person, OMAR.id, WANTED, ONE),
        staffing.leaving(office, person, OMAR.id, ELSEWHERE),
        staffing.retire_therapist(office, person, OMAR.id, ELSEWHERE, ONE),
        staffing.take_back(office, person, OMAR.id, ONE),
    ):
        with pytest.raises(NotFound, match="not_found"):
            await attempt
    assert {type_ for type_, _ in await entries(office, OMAR)} == {"person.refused"}

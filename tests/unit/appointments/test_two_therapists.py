"""Co-therapy: a time is offered only when two are free, and taken, moved and given back for both or not at all."""

import asyncio
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from telehealth.appointments import acts
from telehealth.appointments.models import appointments
from telehealth.appointments.wanted import Taken
from telehealth.audit.office import Office, Work
from telehealth.availability import store as availability
from telehealth.availability.acts import OpenTime, open_times
from telehealth.availability.models import occupancies
from telehealth.availability.rules import Weekly
from telehealth.clinic import store as clinic_store
from telehealth.errors import Invalid, NotFound
from telehealth.notices import acts as notices
from tests.people import MIKA, NADIA, OMAR, ROSA, SINGLE, STRANGER, Clinic
from tests.unit.appointments.scene import BERLIN, TEN, Browser, book, hold, new_key, taken

PAIR = replace(
    SINGLE,
    id=b"service-pair....",
    slug="pair",
    position=3,
    minutes=50,
    therapists_needed=2,
    notice_minutes=0,
)
# Nadia works 9 to 13 in Berlin, Omar 10 to 16 in New York (16 to 22 in Berlin); with an evening of hers they meet.
FOUR = TEN + timedelta(hours=6)  # 16:00 in Berlin
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def pair(office: Office, clinic: Clinic) -> None:
    await add_pair(office)


async def add_pair(office: Office) -> None:
    """A service for two, and evenings at which they can."""

    async def act(work: Work) -> None:
        await clinic_store.add_service(work.connection, PAIR)
        for weekday in range(5):
            evening = Weekly(weekday, 16 * 60, 18 * 60)
            await availability.add_hours(work.connection, work.chance(16), NADIA.id, evening)

    await office.act(None, act)


async def open_now(office: Office, *named: bytes) -> list[OpenTime]:
    return await open_times(
        office,
        service_id=PAIR.id,
        therapist_ids=list(named) or None,
        first=FOUR.date(),
        days=1,
        zone=BERLIN,
        holder=None,
    )


async def test_only_times_at_which_both_are_free_are_offered(office: Office) -> None:
    found = await open_now(office)
    assert [each.start for each in found] == [FOUR, FOUR + timedelta(minutes=30), FOUR + timedelta(hours=1)]
    assert {(each.therapist_id, each.co_therapist_id) for each in found} == {(NADIA.id, OMAR.id)}
    assert {(each.therapist_id, each.co_therapist_id) for each in await open_now(office, OMAR.id)} == {
        (OMAR.id, NADIA.id)
    }
    await book(office, STRANGER, FOUR, therapist_id=OMAR.id, name="Sam", browser=Browser("sams"))
    assert [each.start for each in await open_now(office)] == [FOUR + timedelta(hours=1)]


async def test_it_is_held_booked_moved_and_cancelled_for_both(office: Office) -> None:
    held = await hold(office, FOUR, service_id=PAIR.id)
    assert {held.therapist_id, held.co_therapist_id} == {NADIA.id, OMAR.id}
    assert await taken(office) == [(NADIA.id, FOUR, "held"), (OMAR.id, FOUR, "held")]
    made = await book(office, start=FOUR, held=held, service_id=PAIR.id)
    assert made.id == held.id
    assert [each.name for each in made.therapists] == ["Nadia Behrens", "Omar Fassbinder"]
    for therapist in (NADIA, OMAR):
        assert (await acts.appointment(office, therapist, made.id)).client_names == (
            "Rosa Example-Lindqvist",
        )
        assert [each.kind for each in await notices.mine(office, therapist)] == ["appointment_booked"]
    later = FOUR + 2 * DAY
    await acts.move(office, OMAR, made.id, start=later, key=new_key())
    assert await taken(office) == [(party, later, "booked") for party in sorted((NADIA.id, OMAR.id, ROSA.id))]
    assert "appointment_moved" in {each.kind for each in await notices.mine(office, NADIA)}
    await acts.cancel(office, NADIA, made.id, new_key())
    assert {state for _, _, state in await taken(office)} == {"cancelled"}


async def test_where_one_of_them_is_taken_nothing_moves(office: Office) -> None:
    made = await book(office, start=FOUR, service_id=PAIR.id)
    await book(office, STRANGER, FOUR + 2 * DAY, therapist_id=OMAR.id, name="Sam", browser=Browser("sams"))
    before = await taken(office)
    with pytest.raises(Taken) as refused:
        await acts.move(office, ROSA, made.id, start=FOUR + 2 * DAY, key=new_key())
    assert all(each.co_therapist_id for each in refused.value.alternatives)
    assert await taken(office) == before


async def test_who_else_is_there_can_be_chosen_but_not_nobody_and_not_twice(office: Office) -> None:
    for other in (NADIA.id, MIKA.id):
        with pytest.raises((Invalid, NotFound)):
            await book(office, start=FOUR, service_id=PAIR.id, co_therapist_id=other)
    with pytest.raises(Invalid):
        await book(office, start=FOUR, service_id=SINGLE.id, co_therapist_id=OMAR.id)
    made = await book(office, start=FOUR, service_id=PAIR.id, therapist_id=OMAR.id, co_therapist_id=NADIA.id)
    assert (made.therapist.id, made.co_therapist and made.co_therapist.id) == (OMAR.id, NADIA.id)


async def test_both_or_neither_when_everybody_asks_at_once(office: Office) -> None:
    half = timedelta(minutes=30)

    async def attempt(number: int) -> str:
        browser = Browser(f"browser-{number}", f"street-{number}")
        person = (ROSA, MIKA, STRANGER)[number % 3]
        service = (PAIR.id, SINGLE.id)[number % 2]
        therapist = (NADIA.id, OMAR.id)[number // 2 % 2]
        start = FOUR + half * (number % 3)
        try:
            made = await book(
                office, person, start, service_id=service, therapist_id=therapist, name="Sam", browser=browser
            )
        except (Taken, Invalid):
            return "refused"
        return made.state

    done = await asyncio.gather(*(attempt(number) for number in range(24)))
    assert set(done) <= {"booked", "refused"}
    parties: dict[bytes, set[bytes]] = defaultdict(set)
    async with office.database.reading() as connection:
        for row in await connection.execute(select(occupancies)):
            parties[row.appointment_id].add(row.party)
        rows = (await connection.execute(select(appointments))).all()
    assert len(rows) == done.count("booked") > 0
    for row in rows:
        therapists = {row.therapist_id, row.co_therapist_id} - {None}
        assert parties[row.id] == therapists | {row.booked_by}
        assert (row.service_id == PAIR.id) == (len(therapists) == 2)

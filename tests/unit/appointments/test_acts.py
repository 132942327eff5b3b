"""Who sees which appointments, and how much of them; every look is on record."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from telehealth.appointments import acts
from telehealth.appointments.placing import place
from telehealth.audit.office import Office
from telehealth.errors import NotFound
from telehealth.keys.models import record_keys
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import (
    ADMIN,
    COUPLE,
    DESK,
    MIKA,
    NADIA,
    NADIAS_PROFILE,
    OMAR,
    ROSA,
    SINGLE,
    STRANGER,
    Clinic,
)
from tests.unit.appointments.scene import BERLIN, TEN, book, entries, hold, new_key, taken

TUESDAY = date(2026, 11, 24)
ELEVEN = TEN + timedelta(hours=1)


async def couples(office: Office) -> bytes:
    """A couple's session in which both have said something."""
    async with office.work(ROSA) as work:
        said = {ROSA.id: "Rosa's words", MIKA.id: "Mika's words"}
        made = await place(work, COUPLE, NADIAS_PROFILE, ELEVEN, said)
    assert made is not None
    return made


async def test_partners_see_the_session_and_their_own_words_alone(office: Office, clinic: Clinic) -> None:
    id_ = await couples(office)
    rosas = await acts.appointment(office, ROSA, id_)
    mikas = await acts.appointment(office, MIKA, id_)
    assert (rosas.reason, mikas.reason) == ("Rosa's words", "Mika's words")
    assert set(rosas.client_names) == {"Rosa Example-Lindqvist", "Mika Example"}
    assert set(rosas.client_ids) == {ROSA.id, MIKA.id}
    assert (rosas.opens_at, rosas.closes_at) == (
        ELEVEN - timedelta(minutes=15),
        ELEVEN + timedelta(minutes=80 + 60),
    )


async def test_the_therapist_reads_what_was_said(office: Office, clinic: Clinic) -> None:
    found = await acts.appointment(office, NADIA, await couples(office))
    assert found.reason is not None
    assert set(found.reason.split("\n\n")) == {"Rosa's words", "Mika's words"}


async def test_the_front_desk_sees_names_and_never_the_reason(office: Office, clinic: Clinic) -> None:
    id_ = await couples(office)
    [found] = await acts.day(office, DESK, TUESDAY, BERLIN)
    assert found == await acts.appointment(office, DESK, id_)
    assert set(found.client_names) == {"Rosa Example-Lindqvist", "Mika Example"}
    assert found.reason is None


async def test_opening_an_appointment_is_a_look_beside_that_at_the_days_list(
    office: Office, clinic: Clinic
) -> None:
    made = await book(office, ROSA, reason="Rosa's words")
    for _ in range(2):
        await acts.day(office, NADIA, TUESDAY, BERLIN)
        await acts.mine(office, NADIA)
    assert await entries(office, ["record.look"]) == {"record.look": 1}
    for _ in range(2):
        await acts.appointment(office, NADIA, made.id)
    assert await entries(office, ["record.look"]) == {"record.look": 2}


@pytest.mark.parametrize("person", [STRANGER, OMAR, ADMIN])
async def test_nobody_else_finds_it_and_the_try_is_on_record(
    office: Office, clinic: Clinic, person: Person
) -> None:
    id_ = await couples(office)
    with pytest.raises(NotFound) as refused:
        await acts.appointment(office, person, id_)
    unknown = bytes(16)
    with pytest.raises(NotFound) as unknown_refused:
        await acts.appointment(office, person, unknown)
    assert refused.value.sentence == unknown_refused.value.sentence
    assert await acts.day(office, person, TUESDAY, BERLIN) == []
    assert await acts.mine(office, person) == []
    # once for each partner whom it concerned, and once for the id that nobody has
    assert await entries(office, ["appointment.refused"]) == {"appointment.refused": 3}


async def test_a_hold_is_no_appointment_to_anyone(office: Office, clinic: Clinic) -> None:
    held = await hold(office, person=ROSA)
    for person in (ROSA, NADIA, DESK):
        with pytest.raises(NotFound):
            await acts.appointment(office, person, held.id)
    assert await acts.day(office, NADIA, TUESDAY, BERLIN) == []


async def test_a_clients_list_begins_with_the_next_one(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    past = await book(office, start=TEN)
    later = await book(office, start=TEN + timedelta(days=3))
    soon = await book(office, start=TEN + timedelta(days=2))
    cancelled = await book(office, start=TEN + timedelta(days=6))
    await acts.cancel(office, ROSA, cancelled.id, new_key())
    clock.now = past.closes_at
    assert [each.id for each in await acts.mine(office, ROSA)] == [
        soon.id,
        later.id,
        cancelled.id,
        past.id,
    ]
    clock.now = past.closes_at - timedelta(seconds=1)
    assert next(each.id for each in await acts.mine(office, ROSA)) == past.id


async def test_a_day_is_the_asking_persons_day(office: Office, clinic: Clinic) -> None:
    made = await book(office)  # 10:00 in Berlin, 22:00 in Auckland
    later = await book(office, start=TEN + timedelta(hours=2), person=MIKA)  # 12:00 and 00:00 the day after
    assert [each.id for each in await acts.day(office, NADIA, TUESDAY, BERLIN)] == [made.id, later.id]
    assert [each.id for each in await acts.day(office, NADIA, TUESDAY, "Pacific/Auckland")] == [made.id]
    next_day = TUESDAY + timedelta(days=1)
    assert [each.id for each in await acts.day(office, NADIA, next_day, "Pacific/Auckland")] == [later.id]


async def test_a_look_counts_once_for_each_person_and_quarter_of_an_hour(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    id_ = await couples(office)
    for _ in range(2):
        await acts.appointment(office, NADIA, id_)
        await acts.day(office, NADIA, TUESDAY, BERLIN)
    assert await entries(office, ["record.look"]) == {"record.look": 4}
    clock.advance(minutes=15)
    await acts.mine(office, ROSA)
    assert await entries(office, ["record.look"]) == {"record.look": 6}


async def test_words_whose_key_is_gone_stay_closed(office: Office, clinic: Clinic) -> None:
    made = await book(office, reason="to be erased")
    async with office.database.transaction() as connection:
        await connection.execute(delete(record_keys).where(record_keys.c.cls == "booking"))
    assert (await acts.appointment(office, NADIA, made.id)).reason is None


async def test_placing_takes_everybodys_time_or_nothing(office: Office, clinic: Clinic) -> None:
    await book(office, MIKA, TEN)
    async with office.work(DESK) as work:
        half_past = TEN + timedelta(minutes=30)
        assert await place(work, SINGLE, NADIAS_PROFILE, half_past, {ROSA.id: ""}) is None
        evening = TEN + timedelta(hours=9)  # outside the hours: allowed here
        assert await place(work, SINGLE, NADIAS_PROFILE, evening, {ROSA.id: "later"}) is not None
    assert [party for party, _, _ in await taken(office)] == [MIKA.id, NADIA.id, NADIA.id, ROSA.id]
    with pytest.raises(IntegrityError):  # somebody unknown is no conflict
        await _place_for_nobody(office)


async def _place_for_nobody(office: Office) -> None:
    async with office.work(DESK) as work:
        await place(work, SINGLE, NADIAS_PROFILE, TEN + timedelta(days=2), {b"nobody".ljust(16, b"."): ""})

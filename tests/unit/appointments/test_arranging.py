"""Booking on behalf: what is free is booked, what is not is said first, and a series keeps the wall clock."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from telehealth.appointments import acts, rules
from telehealth.appointments.acts import Order
from telehealth.appointments.models import appointments
from telehealth.audit.office import Office
from telehealth.errors import Conflict, Forbidden, Invalid, NotFound
from telehealth.notices import acts as notices
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import ADMIN, COUPLE, DESK, MIKA, NADIA, OMAR, ROSA, SINGLE, STRANGER, Clinic
from tests.unit.appointments.scene import TEN, Browser, book, entries, new_key, taken

THURSDAY = TEN + timedelta(days=2)
WEEK = timedelta(weeks=1)
ORDER = Order(SINGLE.id, NADIA.id, (ROSA.id,), THURSDAY)
BERLIN = ZoneInfo("Europe/Berlin")


async def test_the_front_desk_books_for_a_client_and_all_are_told(office: Office, clinic: Clinic) -> None:
    key = new_key()
    (made,) = await acts.place_for(office, DESK, ORDER, key=key, message="As agreed.")
    assert made.clash is None
    assert made.appointment_id is not None
    assert await acts.place_for(office, DESK, ORDER, key=key, message="As agreed.") == [made]
    assert await taken(office) == [(NADIA.id, THURSDAY, "booked"), (ROSA.id, THURSDAY, "booked")]
    (told,) = await notices.mine(office, ROSA)
    assert (told.kind, told.body["by"], told.body["message"]) == (
        "appointment_booked",
        "practice",
        "As agreed.",
    )
    assert [each.kind for each in await notices.mine(office, NADIA)] == ["appointment_booked"]
    assert await entries(office, ["appointment.book"]) == {"appointment.book": 1}


async def test_a_series_shows_what_is_not_free_and_books_the_rest_as_one(
    office: Office, clinic: Clinic
) -> None:
    await book(office, STRANGER, THURSDAY + WEEK, name="Sam", browser=Browser("sams"))
    await book(office, ROSA, THURSDAY + 2 * WEEK + timedelta(hours=6), therapist_id=OMAR.id)
    order = replace(ORDER, every=1, times=4)
    clashes = [None, "therapist_busy", None, None]
    assert [each.clash for each in await acts.plan(office, DESK, order)] == clashes
    made = await acts.place_for(office, DESK, order, key=new_key())
    assert [each.clash for each in made] == clashes
    assert [each.start for each in made] == [THURSDAY + count * WEEK for count in range(4)]
    async with office.database.reading() as connection:
        ours = appointments.c.series_id.is_not(None)
        rows = (await connection.execute(select(appointments.c.series_id).where(ours))).scalars().all()
    assert len(rows) == 3
    assert len(set(rows)) == 1
    unread = [each for each in await notices.mine(office, ROSA) if each.read_at is None]
    assert len(unread) == 1  # a page says it once; a mail goes for each
    with pytest.raises(Conflict) as refused:
        await acts.place_for(office, DESK, order, key=new_key())
    assert refused.value.code == "none_free"
    busy = [each.clash for each in await acts.plan(office, DESK, replace(order, client_ids=(ROSA.id,)))]
    assert busy == ["client_busy", "therapist_busy", "client_busy", "client_busy"]


async def test_outside_the_hours_only_when_they_say_so_and_never_over_anything(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    evening = replace(ORDER, start=THURSDAY + timedelta(hours=9))
    assert [each.clash for each in await acts.plan(office, DESK, evening)] == ["not_open"]
    with pytest.raises(Conflict):
        await acts.place_for(office, DESK, evening, key=new_key())
    (made,) = await acts.place_for(office, DESK, replace(evening, anyway=True), key=new_key())
    assert made.appointment_id is not None
    over = replace(evening, start=evening.start + timedelta(minutes=30), client_ids=(MIKA.id,), anyway=True)
    assert [each.clash for each in await acts.plan(office, DESK, over)] == ["therapist_busy"]
    with pytest.raises(Conflict):
        await acts.place_for(office, DESK, over, key=new_key())
    past = replace(ORDER, start=clock.now - timedelta(hours=1), anyway=True)
    assert [each.clash for each in await acts.plan(office, DESK, past)] == ["past"]


async def test_notice_and_horizon_bind_visitors_alone(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    soon, far = clock.now + timedelta(minutes=30), THURSDAY + 20 * WEEK
    for start in (soon, far):
        assert [each.clash for each in await acts.plan(office, DESK, replace(ORDER, start=start))] == [None]


async def test_a_therapist_books_for_their_own_clients_with_themselves_alone(
    office: Office, clinic: Clinic
) -> None:
    with pytest.raises(NotFound) as refused:
        await acts.plan(office, NADIA, ORDER)
    assert refused.value.code == "client_not_found"
    await book(office, ROSA)
    (made,) = await acts.place_for(office, NADIA, ORDER, key=new_key())
    assert made.appointment_id is not None
    with pytest.raises(NotFound):
        await acts.plan(office, OMAR, ORDER)
    assert (await notices.mine(office, NADIA))[0].body["by"] == "client"  # not told of what she did herself


@pytest.mark.parametrize("person", [ROSA, ADMIN])
async def test_nobody_else_books_for_others(office: Office, clinic: Clinic, person: Person) -> None:
    with pytest.raises(Forbidden):
        await acts.place_for(office, person, ORDER, key=new_key())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"client_ids": (OMAR.id,)}, "client_not_found"),
        ({"client_ids": (b"nobody..........",)}, "client_not_found"),
        ({"client_ids": ()}, "too_many_clients"),
        ({"client_ids": (ROSA.id, MIKA.id)}, "too_many_clients"),
        ({"client_ids": (ROSA.id, ROSA.id), "service_id": COUPLE.id}, "too_many_clients"),
        ({"times": 27, "every": 1}, "series"),
        ({"times": 2}, "series"),
        ({"times": 2, "every": 3}, "series"),
        ({"service_id": COUPLE.id, "therapist_id": OMAR.id}, "not_offered"),
    ],
)
async def test_what_cannot_be_ordered_is_refused(
    office: Office, clinic: Clinic, change: dict[str, object], code: str
) -> None:
    with pytest.raises((Invalid, NotFound)) as refused:
        await acts.plan(office, DESK, replace(ORDER, **change))  # type: ignore[arg-type]
    assert refused.value.code == code


async def test_a_couple_is_booked_for_both(office: Office, clinic: Clinic) -> None:
    order = replace(ORDER, service_id=COUPLE.id, client_ids=(ROSA.id, MIKA.id))
    (made,) = await acts.place_for(office, DESK, order, key=new_key())
    assert made.appointment_id is not None
    assert {who for who, _, _ in await taken(office)} == {NADIA.id, ROSA.id, MIKA.id}


def test_a_series_keeps_the_wall_clock_when_clocks_change() -> None:
    start = datetime(2027, 3, 18, 17, 0, tzinfo=BERLIN)
    found = rules.series(start, BERLIN, every=1, times=3)
    assert [each.astimezone(BERLIN).hour for each, _ in found] == [17, 17, 17]
    assert [each.hour for each, _ in found] == [16, 16, 15]
    night = datetime(2027, 3, 21, 2, 30, tzinfo=BERLIN)
    assert [exists for _, exists in rules.series(night, BERLIN, every=1, times=2)] == [True, False]
    twice = datetime(2026, 10, 11, 2, 30, tzinfo=BERLIN)
    last, exists = rules.series(twice, BERLIN, every=2, times=2)[1]
    assert exists
    assert last.hour == 0  # the first of the two half past twos

"""Holds: five minutes, one for each browser, and what happens when they run out."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from telehealth.appointments import acts, store
from telehealth.appointments.acts import Taken
from telehealth.audit.office import Office
from telehealth.errors import Conflict, Invalid, NotFound, TooMany
from tests.clock import FakeClock
from tests.people import COUPLE, DESK, MIKA, NADIA, OMAR, ROSA, SINGLE, Clinic
from tests.unit.appointments.scene import BERLIN, HALF_HOUR, HERE, TEN, Browser, book, entries, hold, taken

THERE = Browser("another", "elsewhere")


async def test_a_time_is_kept_for_five_minutes(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    made = await hold(office)
    assert made.held_until == clock.now + timedelta(minutes=5)
    assert (made.starts_at, made.ends_at, made.expired) == (TEN, TEN + timedelta(minutes=50), False)
    assert await taken(office) == [(NADIA.id, TEN, "held")]
    clock.advance(minutes=5)
    found = await acts.find_hold(office, None, made.id, HERE.cookie)
    assert found.expired
    assert await entries(office, ["appointment.hold"]) == {"appointment.hold": 1}


async def test_a_held_time_is_refused_to_others_with_the_nearest_open_ones(
    office: Office, clinic: Clinic
) -> None:
    await hold(office)
    with pytest.raises(Taken) as refused:
        await hold(office, browser=THERE)
    assert refused.value.code == "time_taken"
    assert "Tuesday 24 November, 10:00" in refused.value.sentence
    near = refused.value.alternatives
    assert len(near) == 6
    assert [time.therapist_id for time in near[:4]] == [NADIA.id] * 4
    assert near[0].start == TEN - timedelta(hours=1)  # 9:00 and 11:00 are the nearest; 9:30 would run into it
    assert near[1].start == TEN + timedelta(hours=1)
    assert {time.therapist_id for time in near[4:]} == {OMAR.id}


async def test_every_alternative_can_be_held(office: Office, clinic: Clinic) -> None:
    await hold(office)
    with pytest.raises(Taken) as refused:
        await hold(office, browser=THERE)
    for time in refused.value.alternatives:
        await hold(office, time.start, browser=THERE, therapist_id=time.therapist_id)


async def test_an_expired_hold_gives_way_to_whoever_needs_the_time(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    first = await hold(office)
    clock.advance(minutes=5)
    second = await hold(office, TEN + HALF_HOUR, browser=THERE)
    assert await taken(office) == [(NADIA.id, TEN + HALF_HOUR, "held")]
    with pytest.raises(NotFound):
        await acts.find_hold(office, None, first.id, HERE.cookie)
    assert (await acts.find_hold(office, None, second.id, THERE.cookie)).id == second.id


async def test_an_expired_hold_that_nobody_needs_stays_for_an_hour(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    first = await hold(office)
    clock.advance(minutes=30)
    await hold(office, TEN + timedelta(hours=2), browser=THERE)
    assert (await acts.find_hold(office, None, first.id, HERE.cookie)).expired
    clock.advance(minutes=36)
    await hold(office, TEN + timedelta(hours=2), browser=Browser("third", "elsewhere"))
    with pytest.raises(NotFound):
        await acts.find_hold(office, None, first.id, HERE.cookie)


async def test_one_hold_for_each_browser(office: Office, clinic: Clinic) -> None:
    await hold(office)
    await hold(office, TEN + timedelta(hours=1))
    await hold(office, TEN, browser=THERE)  # the first one was given back
    assert await taken(office) == [
        (NADIA.id, TEN, "held"),
        (NADIA.id, TEN + timedelta(hours=1), "held"),
    ]


async def test_one_hold_for_each_person_in_all_browsers(office: Office, clinic: Clinic) -> None:
    await hold(office, person=ROSA)
    await hold(office, TEN + timedelta(hours=1), person=ROSA, browser=THERE)
    assert await taken(office) == [(NADIA.id, TEN + timedelta(hours=1), "held")]


async def test_the_same_time_chosen_again_is_the_same_hold(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    first = await hold(office)
    clock.advance(minutes=3)
    assert await hold(office) == first  # not a way to keep it for longer
    clock.advance(minutes=2)
    again = await hold(office)
    assert again.id != first.id
    assert again.held_until == clock.now + timedelta(minutes=5)


async def test_a_refused_choice_leaves_the_earlier_hold(office: Office, clinic: Clinic) -> None:
    await hold(office)
    kept = await hold(office, TEN + timedelta(hours=1), browser=THERE)
    with pytest.raises(Taken):
        await hold(office, browser=THERE)
    assert not (await acts.find_hold(office, None, kept.id, THERE.cookie)).expired


async def test_three_visitors_of_one_address_and_no_more(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    for hours in range(3):
        await hold(office, TEN + timedelta(hours=hours - 1), browser=Browser(f"visitor {hours}"))
    fourth = Browser("visitor 4")
    with pytest.raises(TooMany) as refused:
        await hold(office, TEN + timedelta(hours=2), browser=fourth)
    assert refused.value.code == "too_many_holds"
    await hold(office, TEN + timedelta(hours=2), browser=Browser("somebody", "elsewhere"))
    await hold(office, TEN + timedelta(days=2), browser=fourth, person=ROSA)  # signed in: not a visitor
    clock.advance(minutes=5)
    await hold(office, TEN, browser=Browser("visitor 5"))


@pytest.mark.parametrize(
    "start",
    [
        TEN + timedelta(minutes=5),  # off the grid
        TEN + timedelta(seconds=1),
        TEN - timedelta(hours=2),  # before the hours
        TEN + timedelta(hours=2, minutes=30),  # over the end of the hours
        TEN + timedelta(days=1),  # the day off
        TEN - timedelta(days=1, minutes=30),  # within the notice
        TEN - timedelta(days=7),  # past
        TEN + timedelta(days=70),  # beyond the horizon
        datetime(9999, 12, 31, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
    ],
)
async def test_a_time_that_is_not_shown_cannot_be_held(
    office: Office, clinic: Clinic, start: datetime
) -> None:
    with pytest.raises(Invalid) as refused:
        await hold(office, start)
    assert refused.value.code == "not_offered"
    assert await taken(office) == []


async def test_only_what_a_therapist_offers_can_be_held(office: Office, clinic: Clinic) -> None:
    with pytest.raises(Invalid) as refused:
        await hold(office, TEN + timedelta(hours=7), service_id=COUPLE.id, therapist_id=OMAR.id)
    assert refused.value.code == "not_offered"
    with pytest.raises(NotFound):
        await hold(office, service_id=b"no-such-service.")
    with pytest.raises(NotFound):
        await hold(office, therapist_id=ROSA.id)


async def test_somebody_who_is_booked_then_is_told_so(office: Office, clinic: Clinic) -> None:
    new_yorks_ten = TEN + timedelta(hours=6)
    await book(office, ROSA, new_yorks_ten, therapist_id=OMAR.id)
    with pytest.raises(Taken) as refused:
        await hold(office, new_yorks_ten + HALF_HOUR, therapist_id=OMAR.id, person=ROSA)
    assert refused.value.code == "you_are_booked_then"
    ends = new_yorks_ten + timedelta(minutes=50)
    assert all(
        time.start >= ends or time.start + timedelta(minutes=50) <= new_yorks_ten
        for time in refused.value.alternatives
    )
    assert await entries(office, ["person.refused"]) == {"person.refused": 1}


async def test_a_hold_is_extended_once_to_fifteen_minutes(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    made = await hold(office)
    clock.advance(minutes=4)
    extended = await acts.extend(office, made.id, HERE.cookie)
    assert extended.held_until == clock.now + timedelta(minutes=15)
    clock.advance(minutes=4)
    assert await acts.extend(office, made.id, HERE.cookie) == extended


async def test_an_expired_hold_is_not_extended(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    made = await hold(office)
    clock.advance(minutes=5)
    with pytest.raises(Conflict) as refused:
        await acts.extend(office, made.id, HERE.cookie)
    assert refused.value.code == "hold_expired"


async def test_a_hold_is_not_there_for_anyone_else(office: Office, clinic: Clinic) -> None:
    made = await hold(office, person=ROSA)
    with pytest.raises(NotFound):
        await acts.find_hold(office, None, made.id, THERE.cookie)
    with pytest.raises(NotFound):
        await acts.find_hold(office, MIKA, made.id, THERE.cookie)
    with pytest.raises(NotFound):
        await acts.extend(office, made.id, THERE.cookie)
    assert await entries(office, ["appointment.refused"]) == {"appointment.refused": 3}
    assert (await acts.find_hold(office, ROSA, made.id, THERE.cookie)).id == made.id
    assert (await acts.find_hold(office, DESK, made.id, HERE.cookie)).id == made.id


async def test_a_hold_is_given_back_by_its_browser_alone(office: Office, clinic: Clinic) -> None:
    made = await hold(office)
    await acts.release(office, made.id, THERE.cookie)
    assert await taken(office) == [(NADIA.id, TEN, "held")]
    await acts.release(office, made.id, HERE.cookie)
    assert await taken(office) == []
    await acts.release(office, made.id, HERE.cookie)  # twice does no harm
    await hold(office, browser=THERE)


async def test_a_booked_time_cannot_be_given_back_as_a_hold(office: Office, clinic: Clinic) -> None:
    held = await hold(office)
    await book(office, held=held)
    await acts.release(office, held.id, HERE.cookie)
    assert (NADIA.id, TEN, "booked") in await taken(office)


async def test_what_is_booked_meanwhile_keeps_its_time(office: Office, clinic: Clinic) -> None:
    held = await hold(office)
    await book(office, held=held)
    await office.act(None, lambda work: store.forget(work.connection, [held.id]))
    assert {(party, state) for party, _, state in await taken(office)} == {
        (NADIA.id, "booked"),
        (ROSA.id, "booked"),
    }


async def test_given_back_and_booked_at_once_it_is_one_or_the_other(office: Office, clinic: Clinic) -> None:
    for day in range(3):
        held = await hold(office, TEN + timedelta(days=7 * day))
        answers = await asyncio.gather(
            book(office, held=held, start=held.starts_at),
            acts.release(office, held.id, HERE.cookie),
            return_exceptions=True,
        )
        assert isinstance(answers[0], acts.Appointment | Taken), answers[0]
        booked = [NADIA.id, ROSA.id] if isinstance(answers[0], acts.Appointment) else []
        assert [party for party, start, _ in await taken(office) if start == held.starts_at] == booked


async def test_an_unknown_zone_is_refused(office: Office, clinic: Clinic) -> None:
    with pytest.raises(Invalid) as refused:
        await acts.hold(
            office,
            None,
            service_id=SINGLE.id,
            therapist_id=NADIA.id,
            start=TEN,
            holder=HERE.cookie,
            address=HERE.address,
            zone=f"{BERLIN}/Mitte",
        )
    assert refused.value.code == "unknown_zone"

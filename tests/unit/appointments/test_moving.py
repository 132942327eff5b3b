"""Moving: everybody's time together, within the window, never over somebody else's, and those concerned are told."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from telehealth.appointments import acts
from telehealth.appointments.models import appointments
from telehealth.appointments.wanted import Taken
from telehealth.audit.office import Office, Work
from telehealth.availability import store as availability
from telehealth.availability.models import occupancies
from telehealth.availability.rules import Dated
from telehealth.clinic.models import services
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.keys.models import record_keys, subject_keys
from telehealth.notices import acts as notices
from telehealth.people.models import people
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import (
    BERLIN,
    HALF_HOUR,
    TEN,
    Browser,
    book,
    entries,
    hold,
    new_key,
    place_both,
    taken,
)

THURSDAY = TEN + timedelta(days=2)  # 10:00 in Berlin, more than a day away
LATER = THURSDAY + timedelta(hours=1)


async def move(
    office: Office, person: Person, appointment_id: bytes, start: datetime = LATER, **more: object
) -> acts.Appointment:
    """Move it."""
    asked: dict[str, object] = {"start": start, "key": new_key(), "zone": BERLIN}
    return await acts.move(office, person, appointment_id, **(asked | more))  # type: ignore[arg-type]


async def kinds(office: Office, person: Person) -> list[tuple[str, str]]:
    """What this person is told, sorted: kind and who did it."""
    return sorted((each.kind, each.body["by"]) for each in await notices.mine(office, person))


async def test_a_client_moves_an_appointment_and_everybodys_time_moves(
    office: Office, clinic: Clinic
) -> None:
    made, key = await book(office, start=THURSDAY, reason="A planted reason"), new_key()
    moved = await move(office, ROSA, made.id, key=key)
    assert (moved.id, moved.starts_at, moved.ends_at) == (made.id, LATER, LATER + timedelta(minutes=50))
    assert (moved.state, moved.sequence, moved.reason) == ("booked", 1, "A planted reason")
    assert await taken(office) == [(NADIA.id, LATER, "booked"), (ROSA.id, LATER, "booked")]
    async with office.database.reading() as connection:
        row = (await connection.execute(select(appointments))).one()
    assert (row.local_start, row.zone) == ("2026-11-26T11:00", BERLIN)
    assert await move(office, ROSA, made.id, key=key) == moved  # pressed twice, moved once
    assert await entries(office, ["appointment.move"]) == {"appointment.move": 1}
    assert (await book(office, STRANGER, THURSDAY, name="Sam")).starts_at == THURSDAY  # free again


async def test_those_concerned_are_told_and_staff_write_a_few_words(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    made = await book(office, start=THURSDAY)
    await move(office, ROSA, made.id)
    clock.now += timedelta(seconds=1)
    await move(office, DESK, made.id, THURSDAY, message=" I am sorry. ")
    assert await kinds(office, ROSA) == [
        ("appointment_booked", "you"),
        ("appointment_moved", "practice"),
        ("appointment_moved", "you"),
    ]
    assert await kinds(office, NADIA) == [
        ("appointment_booked", "client"),
        ("appointment_moved", "client"),
        ("appointment_moved", "practice"),
    ]
    last = (await notices.mine(office, ROSA))[0]
    assert (last.body["message"], last.body["before"]) == ("I am sorry.", LATER.isoformat())
    assert last.read_at is None
    assert all("message" not in each.body for each in await notices.mine(office, NADIA))
    await move(office, NADIA, made.id)
    assert len(await notices.mine(office, NADIA)) == 3  # what she did herself she knows


async def test_what_somebody_did_is_not_announced_to_them_as_news(office: Office, clinic: Clinic) -> None:
    await book(office)
    assert await notices.announcements(office, ROSA) == []
    assert len(await notices.announcements(office, NADIA)) == 1


async def test_it_may_overlap_the_time_it_had(office: Office, clinic: Clinic) -> None:
    made = await book(office, start=THURSDAY)
    assert (await move(office, ROSA, made.id, THURSDAY + HALF_HOUR)).starts_at == THURSDAY + HALF_HOUR


async def test_a_time_that_is_taken_or_held_is_refused_and_nothing_moves(
    office: Office, clinic: Clinic
) -> None:
    made = await book(office, start=THURSDAY)
    await book(office, STRANGER, LATER, name="Sam", browser=Browser("sams"))
    await hold(office, LATER + timedelta(hours=1), browser=Browser("another"))
    before = await taken(office)
    for start in (LATER, LATER + timedelta(hours=1)):
        for person in (ROSA, DESK):
            with pytest.raises(Taken) as refused:
                await move(office, person, made.id, start)
            assert refused.value.code == "time_taken"
            assert all(each.therapist_id == NADIA.id for each in refused.value.alternatives)
            assert refused.value.alternatives
    with pytest.raises(Taken):  # staff's liberty ends where somebody else's time begins
        await move(office, NADIA, made.id, LATER + HALF_HOUR, anyway=True)
    assert await taken(office) == before


async def test_an_expired_hold_is_not_in_the_way(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    made = await book(office, start=THURSDAY)
    await hold(office, LATER, browser=Browser("another"))
    clock.now += timedelta(minutes=6)
    assert (await move(office, ROSA, made.id)).starts_at == LATER


async def test_outside_the_hours_only_staff_may_move_it_and_only_when_they_say_so(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    made, evening = await book(office, start=THURSDAY), THURSDAY + timedelta(hours=9)
    for person, anyway in ((ROSA, False), (ROSA, True), (NADIA, False)):
        with pytest.raises(Invalid) as refused:
            await move(office, person, made.id, evening, anyway=anyway)
        assert refused.value.code == "not_offered"
    assert (await move(office, NADIA, made.id, evening, anyway=True)).starts_at == evening
    for start in (clock.now, clock.now + timedelta(days=401)):
        with pytest.raises(Invalid):
            await move(office, NADIA, made.id, start, anyway=True)


async def test_the_same_time_is_no_move(office: Office, clinic: Clinic) -> None:
    made = await book(office, start=THURSDAY)
    with pytest.raises(Invalid) as refused:
        await move(office, ROSA, made.id, THURSDAY)
    assert refused.value.code == "same_time"


async def test_after_the_window_a_client_does_not_move_but_staff_do_until_the_start(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    made = await book(office, start=THURSDAY)
    clock.now = THURSDAY - timedelta(hours=24) + timedelta(seconds=1)
    with pytest.raises(Conflict) as refused:
        await move(office, ROSA, made.id)
    assert refused.value.code == "too_late_to_move"
    assert (await move(office, DESK, made.id)).starts_at == LATER
    clock.now = LATER
    with pytest.raises(Conflict):
        await move(office, NADIA, made.id, LATER + timedelta(days=1))


@pytest.mark.parametrize("person", [MIKA, STRANGER, OMAR, ADMIN])
async def test_strangers_cannot_move_and_their_try_is_on_record(
    office: Office, clinic: Clinic, person: Person
) -> None:
    made = await book(office, start=THURSDAY)
    with pytest.raises(NotFound):
        await move(office, person, made.id)
    assert await entries(office, ["appointment.refused"]) == {"appointment.refused": 1}


async def test_a_client_with_something_else_then_is_shown_other_times(office: Office, clinic: Clinic) -> None:
    made = await book(office, start=THURSDAY)
    await book(office, start=THURSDAY + timedelta(hours=6), therapist_id=OMAR.id)  # 11:00 in New York
    with pytest.raises(Taken) as refused:
        await move(office, ROSA, made.id, THURSDAY + timedelta(hours=6))
    assert refused.value.code == "you_are_booked_then"


@pytest.mark.parametrize(("by", "asked"), [(ROSA, (MIKA,)), (NADIA, ()), (DESK, ())])
async def test_a_couples_time_moves_for_both_and_a_partner_is_asked(
    office: Office, clinic: Clinic, by: Person, asked: tuple[Person, ...]
) -> None:
    """By one of them it is their own time from now on; staff have asked them both."""
    both = await place_both(office, THURSDAY)
    moved = await move(office, by, both)
    assert set(moved.client_ids) == {ROSA.id, MIKA.id}
    assert set(moved.unsaid_ids) == {each.id for each in asked}
    assert {(who, start) for who, start, _ in await taken(office)} == {
        (NADIA.id, LATER - timedelta(minutes=10)),
        *((each.id, LATER) for each in (ROSA, MIKA) if each not in asked),
    }
    assert [kind for kind, _ in await kinds(office, MIKA)] == ["appointment_moved"]
    told = (await notices.mine(office, MIKA))[0].body
    assert ("asked" in told) == (MIKA in asked)


async def test_a_partners_own_time_neither_stops_the_move_nor_shows(office: Office, clinic: Clinic) -> None:
    both, six = await place_both(office, THURSDAY), THURSDAY + timedelta(hours=6)
    await book(office, MIKA, six, therapist_id=OMAR.id)
    with pytest.raises(Conflict) as refused:  # staff may ask the two; they are not told whose time it is
        await move(office, DESK, both, six, anyway=True)
    assert refused.value.code == "client_busy"
    await _open_afternoon(office)
    moved = await move(office, ROSA, both, six)
    assert set(moved.client_ids) == {ROSA.id, MIKA.id}  # as if nothing had been in the way
    assert moved.company == "waiting"
    assert [who for who, start, _ in await taken(office) if start == six] == [MIKA.id, OMAR.id, ROSA.id]
    assert "also" not in (await notices.mine(office, ROSA))[0].body
    told = next(each for each in await notices.mine(office, MIKA) if each.kind == "appointment_moved")
    assert told.body["also"] == "busy"


async def test_whoever_was_erased_and_left_only_words_is_neither_moved_nor_told(
    office: Office, clinic: Clinic
) -> None:
    both = await place_both(office, THURSDAY)

    async def gone(work: Work) -> None:
        for table, subject in (
            (record_keys, record_keys.c.subject_id),
            (subject_keys, subject_keys.c.subject_id),
        ):
            await work.connection.execute(delete(table).where(subject == MIKA.id))
        await work.connection.execute(delete(occupancies).where(occupancies.c.party == MIKA.id))
        await work.connection.execute(update(people).where(people.c.id == MIKA.id).values(name=None))

    await office.act(None, gone)
    await move(office, ROSA, both)
    assert {who for who, _, _ in await taken(office)} == {NADIA.id, ROSA.id}
    assert await kinds(office, MIKA) == []


async def test_of_a_move_and_a_booking_at_once_one_is_done(office: Office, clinic: Clinic) -> None:
    made = await book(office, start=THURSDAY)
    for day in range(1, 5):
        start = THURSDAY + timedelta(days=7, minutes=60 * (day % 3))
        moving = move(office, ROSA, made.id, start)
        booking = book(office, STRANGER, start, name="Sam", browser=Browser(f"browser-{day}"))
        done = await asyncio.gather(moving, booking, return_exceptions=True)
        assert sorted(isinstance(each, BaseException) for each in done) == [False, True]
        assert all(isinstance(each, Taken) for each in done if isinstance(each, BaseException))
        for each in done:
            if isinstance(each, acts.Appointment) and each.id != made.id:
                await acts.cancel(office, STRANGER, each.id, new_key())
        await move(office, DESK, made.id, THURSDAY + timedelta(days=1, minutes=60 * (day % 2)))
    stood = [start for who, start, state in await taken(office) if who == NADIA.id and state == "booked"]
    assert len(stood) == 1


async def test_a_client_asks_anew_where_a_therapist_confirms_first(office: Office, clinic: Clinic) -> None:
    made = await book(office, start=THURSDAY)

    async def confirms(work: Work) -> None:
        await work.connection.execute(update(services).values(confirms_first=True))

    await office.act(None, confirms)
    assert (await move(office, NADIA, made.id)).state == "booked"
    asked = await move(office, ROSA, made.id, THURSDAY)
    assert (asked.state, asked.sequence) == ("asked", 2)
    assert await taken(office) == [(NADIA.id, THURSDAY, "asked"), (ROSA.id, THURSDAY, "asked")]
    assert ("appointment_asked", "client") in await kinds(office, NADIA)


async def _open_afternoon(office: Office) -> None:
    async def act(work: Work) -> None:
        extra = Dated(THURSDAY.date(), "extra", 13 * 60, 20 * 60)
        await availability.add_exception(work.connection, work.chance(16), NADIA.id, extra)

    await office.act(None, act)

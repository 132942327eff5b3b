"""The waiting list on both databases: in order, with a deadline, and safe against two at once."""

import asyncio
from datetime import timedelta
from unittest.mock import AsyncMock

import pytest
from sqlalchemy import update

from telehealth.appointments import acts as appointments
from telehealth.appointments.acts import Appointment
from telehealth.audit.office import Office
from telehealth.errors import Conflict, Forbidden, Invalid, NotFound
from telehealth.people.models import people
from telehealth.waiting import acts, offering, store
from tests.clock import FakeClock
from tests.people import DESK, MIKA, NADIA, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import BERLIN, TEN, book, entries, new_key, taken
from tests.unit.couples.scene import busy_elsewhere
from tests.unit.waiting.scene import OTHER, offer, wish


async def test_a_freed_time_is_kept_for_whoever_waited_longest(
    office: Office, clock: FakeClock, booked: list[Appointment]
) -> None:
    await wish(office, ROSA)
    clock.advance(minutes=1)
    await wish(office, MIKA)
    assert await acts.turn(office) == 0
    await appointments.cancel(office, OTHER, booked[-1].id, new_key())
    assert await acts.turn(office) == 1
    found = await offer(office, ROSA)
    assert found is not None
    assert found.offer is not None
    assert found.offer.starts_at == booked[-1].starts_at
    assert found.offer.answer_by == clock() + timedelta(hours=4)
    assert await offer(office, MIKA) is None
    with pytest.raises(appointments.Taken):
        await book(office, MIKA, booked[-1].starts_at)
    assert await entries(office, ["waiting.join", "waiting.offer"]) == {"waiting.join": 2, "waiting.offer": 1}


async def test_accepting_books_it_and_ends_the_wait(office: Office, booked: list[Appointment]) -> None:
    await wish(office, ROSA)
    await appointments.cancel(office, OTHER, booked[-1].id, new_key())
    await acts.turn(office)
    found = await offer(office, ROSA)
    assert found is not None
    assert found.offer is not None
    key = new_key()
    made = await acts.accept(office, ROSA, found.offer.appointment_id, zone=BERLIN, key=key)
    assert (made.state, made.starts_at) == ("booked", booked[-1].starts_at)
    assert await acts.mine(office, ROSA) == []
    again = await acts.accept(office, ROSA, found.offer.appointment_id, zone=BERLIN, key=key)
    assert again.id == made.id
    assert await acts.turn(office) == 0


async def test_a_server_that_dies_while_it_is_accepted_leaves_all_or_nothing(
    office: Office, clock: FakeClock, booked: list[Appointment], monkeypatch: pytest.MonkeyPatch
) -> None:
    await wish(office, ROSA)
    await appointments.cancel(office, OTHER, booked[-1].id, new_key())
    await acts.turn(office)
    found = await offer(office, ROSA)
    assert found is not None
    assert found.offer is not None
    with monkeypatch.context() as dying:
        dying.setattr(store, "end", AsyncMock(side_effect=ConnectionError))
        with pytest.raises(ConnectionError):
            await acts.accept(office, ROSA, found.offer.appointment_id, zone=BERLIN, key=new_key())
    assert [row for row in await taken(office) if row[0] == ROSA.id] == []
    made = await acts.accept(office, ROSA, found.offer.appointment_id, zone=BERLIN, key=new_key())
    clock.advance(timedelta(hours=4))
    await acts.turn(office)
    assert (NADIA.id, made.starts_at, "booked") in await taken(office)


async def test_two_clicks_at_once_book_it_once(office: Office, booked: list[Appointment]) -> None:
    await wish(office, ROSA)
    await appointments.cancel(office, OTHER, booked[-1].id, new_key())
    await acts.turn(office)
    found = await offer(office, ROSA)
    assert found is not None
    assert found.offer is not None
    id_ = found.offer.appointment_id

    async def attempt() -> bytes | None:
        try:
            return (await acts.accept(office, ROSA, id_, zone=BERLIN, key=new_key())).id
        except Conflict:
            return None

    answers = await asyncio.gather(*(attempt() for _ in range(4)))
    assert {each for each in answers if each is not None} == {id_}
    assert len([row for row in await taken(office) if row[0] == ROSA.id]) == 1


async def test_a_no_goes_to_the_next_in_line_and_is_not_asked_again(
    office: Office, clock: FakeClock, booked: list[Appointment]
) -> None:
    await wish(office, ROSA)
    clock.advance(minutes=1)
    await wish(office, MIKA)
    await appointments.cancel(office, OTHER, booked[-1].id, new_key())
    await acts.turn(office)
    found = await offer(office, ROSA)
    assert found is not None
    assert found.offer is not None
    await acts.decline(office, ROSA, found.offer.appointment_id)
    await acts.decline(office, ROSA, found.offer.appointment_id)
    assert await acts.turn(office) == 1
    assert await offer(office, ROSA) is None
    assert await offer(office, MIKA) is not None
    with pytest.raises(Conflict) as refused:
        await acts.accept(office, ROSA, found.offer.appointment_id, zone=BERLIN, key=new_key())
    assert refused.value.code == "offer_over"


async def test_an_offer_that_is_not_answered_lapses_and_the_time_goes_on(
    office: Office, clock: FakeClock, booked: list[Appointment]
) -> None:
    await wish(office, ROSA)
    clock.advance(minutes=1)
    await wish(office, MIKA)
    await appointments.cancel(office, OTHER, booked[-1].id, new_key())
    await acts.turn(office)
    clock.advance(timedelta(hours=4))
    assert await acts.turn(office) == 2  # one lapsed, one made
    assert await offer(office, ROSA) is None
    assert await offer(office, MIKA) is not None


async def test_who_did_not_answer_is_left_alone_for_a_while(
    office: Office, clock: FakeClock, booked: list[Appointment]
) -> None:
    await wish(office, ROSA, until="2026-11-28")
    await busy_elsewhere(office, ROSA, booked[-1].starts_at)
    assert await acts.turn(office) == 1  # what is open on Thursday
    clock.advance(timedelta(hours=4))
    assert await acts.turn(office) == 1  # it lapsed
    clock.advance(timedelta(hours=19))
    assert await acts.turn(office) == 0
    clock.advance(timedelta(hours=1))
    assert await acts.turn(office) == 1


async def test_several_workers_at_once_offer_each_time_once(
    office: Office, booked: list[Appointment]
) -> None:
    for person in (ROSA, MIKA):
        await wish(office, person)
    await appointments.cancel(office, OTHER, booked[-1].id, new_key())
    counts = await asyncio.gather(*(acts.turn(office) for _ in range(3)))
    assert sum(counts) == 1


async def test_a_time_that_was_chosen_by_oneself_does_not_give_the_offer_back(
    office: Office, booked: list[Appointment]
) -> None:
    await wish(office, ROSA)
    await appointments.cancel(office, OTHER, booked[-1].id, new_key())
    await acts.turn(office)
    await book(office, ROSA, TEN + timedelta(days=2))
    assert await offer(office, ROSA) is not None


async def test_who_is_busy_then_or_wished_for_something_else_is_offered_nothing(
    office: Office, booked: list[Appointment]
) -> None:
    await wish(office, ROSA, part="evening")
    await wish(office, MIKA)
    await appointments.cancel(office, OTHER, booked[-1].id, new_key())
    await busy_elsewhere(office, MIKA, booked[-1].starts_at)
    assert await acts.turn(office) == 0


async def test_however_many_wait_before_each_is_thought_of(
    office: Office, clock: FakeClock, booked: list[Appointment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offering, "AT_ONCE", 1)
    await wish(office, ROSA, part="evening")
    clock.advance(minutes=1)
    await wish(office, MIKA)
    await appointments.cancel(office, OTHER, booked[-1].id, new_key())
    assert await acts.turn(office) == 1
    assert await offer(office, MIKA) is not None


async def test_a_closed_account_is_offered_nothing_and_holds_up_nobody(
    office: Office, clock: FakeClock, booked: list[Appointment]
) -> None:
    await wish(office, ROSA)
    clock.advance(minutes=1)
    await wish(office, MIKA)
    async with office.database.transaction() as connection:
        closed = update(people).where(people.c.id == ROSA.id)
        await connection.execute(closed.values(disabled_at=clock()))
    await appointments.cancel(office, OTHER, booked[-1].id, new_key())
    assert await acts.turn(office) == 1
    assert await offer(office, MIKA) is not None


async def test_leaving_frees_what_is_kept(office: Office, booked: list[Appointment]) -> None:
    id_ = await wish(office, ROSA)
    await appointments.cancel(office, OTHER, booked[-1].id, new_key())
    await acts.turn(office)
    with pytest.raises(NotFound):
        await acts.leave(office, MIKA, id_)
    for _ in range(2):
        await acts.leave(office, ROSA, id_)
    assert await acts.mine(office, ROSA) == []
    assert (await book(office, MIKA, booked[-1].starts_at)).state == "booked"


async def test_what_is_refused_says_why(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    key = new_key()
    first = await wish(office, ROSA, key=key)
    assert await wish(office, ROSA, key=key) == first
    with pytest.raises(Forbidden):
        await wish(office, DESK)
    with pytest.raises(Invalid) as missing:
        await wish(office, STRANGER, name=None)
    assert missing.value.code == "name_missing"
    with pytest.raises(Invalid) as nothing:
        await wish(office, ROSA, therapist_id=b"nobody..........")
    assert nothing.value.code == "not_waited_for"
    for _ in range(2):
        await wish(office, ROSA)
    with pytest.raises(Conflict) as enough:
        await wish(office, ROSA)
    assert enough.value.code == "enough_wishes"
    clock.advance(timedelta(days=2))
    await acts.turn(office)
    assert await acts.mine(office, ROSA) == []


async def test_an_offer_is_nobody_elses(office: Office, booked: list[Appointment]) -> None:
    await wish(office, ROSA)
    await appointments.cancel(office, OTHER, booked[-1].id, new_key())
    await acts.turn(office)
    found = await offer(office, ROSA)
    assert found is not None
    assert found.offer is not None
    with pytest.raises(NotFound):
        await acts.accept(office, MIKA, found.offer.appointment_id, zone=BERLIN, key=new_key())
    with pytest.raises(NotFound):
        await acts.decline(office, MIKA, found.offer.appointment_id)

"""Booking: once, for the right person, sealed, or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from telehealth.appointments import acts, booking, holding
from telehealth.appointments.acts import Taken
from telehealth.appointments.models import appointment_clients, appointments
from telehealth.appointments.wanted import Wanted
from telehealth.audit.office import Office, Work
from telehealth.availability import store as availability
from telehealth.availability.acts import OpenTime
from telehealth.availability.models import holds
from telehealth.availability.rules import Dated
from telehealth.errors import Forbidden, Invalid
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, SINGLE, STRANGER, Clinic
from tests.unit.appointments.scene import (
    BERLIN,
    HALF_HOUR,
    HERE,
    TEN,
    Browser,
    book,
    entries,
    hold,
    taken,
)

THERE = Browser("another", "elsewhere")
TEN_OPEN = OpenTime(TEN, NADIA.id, SINGLE.id)


async def test_a_held_time_is_booked_under_the_same_id(office: Office, clinic: Clinic) -> None:
    held = await hold(office)
    made = await book(office, held=held, reason="A planted reason")
    assert made.id == held.id
    assert (made.state, made.starts_at, made.reason) == ("booked", TEN, "A planted reason")
    assert made.client_names == ("Rosa Example-Lindqvist",)
    assert await taken(office) == [(NADIA.id, TEN, "booked"), (ROSA.id, TEN, "booked")]
    async with office.database.reading() as connection:
        assert (await connection.execute(select(holds))).all() == []
        row = (await connection.execute(select(appointments))).one()
    assert (row.local_start, row.zone, row.booked_by) == ("2026-11-24T10:00", BERLIN, ROSA.id)
    assert row.zone_version
    assert await entries(office, ["appointment.book"]) == {"appointment.book": 1}


async def test_a_time_is_booked_without_a_hold_if_it_is_open(office: Office, clinic: Clinic) -> None:
    made = await book(office)
    assert made.state == "booked"
    with pytest.raises(Taken) as refused:
        await book(office, STRANGER, name="Sam", browser=THERE)
    assert refused.value.code == "time_taken"
    assert TEN_OPEN not in refused.value.alternatives
    assert len(refused.value.alternatives) == 6


async def test_another_choice_than_the_held_one_gives_the_hold_back(office: Office, clinic: Clinic) -> None:
    held = await hold(office)
    made = await book(office, start=TEN + timedelta(hours=1), held=held)
    assert made.id != held.id
    assert (NADIA.id, TEN, "held") not in await taken(office)


async def test_a_time_held_by_somebody_else_is_refused(office: Office, clinic: Clinic) -> None:
    held = await hold(office, browser=THERE)
    with pytest.raises(Taken) as refused:
        await book(office, held=held)
    assert refused.value.code == "time_taken"
    assert await taken(office) == [(NADIA.id, TEN, "held")]


async def test_an_expired_hold_of_an_open_time_says_so_and_offers_it_first(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    held = await hold(office)
    clock.advance(minutes=5)
    with pytest.raises(Taken) as refused:
        await book(office, held=held)
    assert refused.value.code == "hold_expired"
    assert refused.value.alternatives[0] == TEN_OPEN
    assert len(refused.value.alternatives) == 6
    assert len(set(refused.value.alternatives)) == 6
    assert (await book(office)).starts_at == TEN  # chosen again from the list


async def test_an_expired_hold_that_is_gone_says_the_same(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    held = await hold(office)
    clock.advance(minutes=5)
    other = await hold(office, TEN + HALF_HOUR, browser=THERE)
    await acts.release(office, other.id, THERE.cookie)
    with pytest.raises(Taken) as refused:
        await book(office, held=held)
    assert refused.value.code == "hold_expired"
    assert refused.value.alternatives[0] == TEN_OPEN


async def test_an_expired_hold_of_a_time_taken_since_is_refused(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    held = await hold(office)
    clock.advance(minutes=5)
    await book(office, STRANGER, name="Sam", browser=THERE)
    with pytest.raises(Taken) as refused:
        await book(office, held=held)
    assert refused.value.code == "time_taken"
    assert TEN_OPEN not in refused.value.alternatives


async def test_a_hold_keeps_its_promise_past_the_notice(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    clock.now = TEN - timedelta(minutes=62)
    held = await hold(office)
    clock.advance(minutes=4)
    with pytest.raises(Invalid):  # for everybody else it is too late
        await hold(office, browser=THERE)
    assert (await book(office, held=held)).state == "booked"


async def test_a_hold_does_not_reach_into_the_past(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    clock.now = TEN - timedelta(minutes=60)
    held = await hold(office)
    await acts.extend(office, held.id, HERE.cookie)
    async with office.database.transaction() as connection:
        await connection.execute(holds.update().values(held_until=TEN + timedelta(hours=1)))
    clock.now = TEN
    with pytest.raises(Invalid) as refused:
        await book(office, held=held)
    assert refused.value.code == "not_offered"


async def test_nobody_is_in_two_sessions_at_once(office: Office, clinic: Clinic) -> None:
    """The hold was made before signing in, so that only booking can notice."""
    async with office.work(None) as work:
        at_night = Dated(TEN.date(), "extra", 0, 600)  # Omar, too, is there at ten in Berlin
        await availability.add_exception(work.connection, work.chance(16), OMAR.id, at_night)
    await book(office, start=TEN, therapist_id=OMAR.id)
    held = await hold(office, TEN + HALF_HOUR, browser=THERE)
    with pytest.raises(Taken) as refused:
        await book(office, start=TEN + HALF_HOUR, held=held, browser=THERE)
    assert refused.value.code == "you_are_booked_then"
    near = refused.value.alternatives
    assert TEN - timedelta(hours=1) in {time.start for time in near}
    fifty = timedelta(minutes=50)
    assert all(time.start >= TEN + fifty or time.start + fifty <= TEN for time in near)


async def test_the_database_has_the_last_word(
    office: Office, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody took the time between our look and our write: still a clear refusal, and nothing half done."""
    await book(office)

    async def looks_open(_work: Work, _wish: Wanted) -> None:
        return None

    monkeypatch.setattr(booking, "check_open", looks_open)
    monkeypatch.setattr(holding, "check_open", looks_open)
    with pytest.raises(Taken) as refused:
        await book(office, STRANGER, name="Sam", browser=THERE)
    assert refused.value.code == "time_taken"
    with pytest.raises(Taken) as refused:
        await hold(office, browser=THERE)
    assert refused.value.code == "time_taken"
    assert await taken(office) == [(NADIA.id, TEN, "booked"), (ROSA.id, TEN, "booked")]
    with pytest.raises(IntegrityError):  # somebody unknown is no conflict
        await hold(office, TEN + timedelta(hours=1), person=Person(bytes(16), "client"), browser=THERE)


async def test_the_name_is_asked_once_and_kept(office: Office, clinic: Clinic) -> None:
    held = await hold(office)
    with pytest.raises(Invalid) as refused:
        await book(office, STRANGER, held=held)
    assert refused.value.code == "name_missing"
    assert set(refused.value.fields) == {"name"}
    made = await book(office, STRANGER, held=held, name="  Sam   Planted-Name ")
    assert made.client_names == ("Sam Planted-Name",)
    again = await book(office, STRANGER, TEN + timedelta(hours=1))
    assert again.client_names == ("Sam Planted-Name",)
    assert await entries(office, ["profile.change"]) == {"profile.change": 1}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": "x" * 2_001}, "reason_too_long"),
        ({"name": "x" * 81}, "name_too_long"),
        ({"name": " "}, "name_missing"),
        ({"key": "short"}, "malformed_key"),
        ({"zone": "Nowhere/Atall"}, "unknown_zone"),
        ({"start": TEN + timedelta(minutes=1)}, "not_offered"),
    ],
)
async def test_what_is_wrong_is_refused_and_the_hold_stays(
    office: Office, clinic: Clinic, changes: dict[str, Any], code: str
) -> None:
    held = await hold(office)
    with pytest.raises(Invalid) as refused:
        await book(office, held=held, **changes)
    assert refused.value.code == code
    assert await taken(office) == [(NADIA.id, TEN, "held")]
    assert (await book(office, held=held)).id == held.id


@pytest.mark.parametrize("person", [NADIA, DESK, ADMIN])
async def test_staff_do_not_book_for_themselves(office: Office, clinic: Clinic, person: Person) -> None:
    with pytest.raises(Forbidden) as refused:
        await book(office, person)
    assert refused.value.code == "not_a_client"
    assert await taken(office) == []


async def test_an_unknown_person_cannot_book(office: Office, clinic: Clinic) -> None:
    with pytest.raises(IntegrityError):
        await book(office, Person(b"nobody".ljust(16, b"."), "client"), name="Nobody")
    assert await taken(office) == []


async def test_what_was_said_is_sealed_even_when_nothing_was(office: Office, clinic: Clinic) -> None:
    await book(office, reason="A planted reason")
    await book(office, MIKA, TEN + timedelta(hours=1))
    async with office.database.reading() as connection:
        rows = (await connection.execute(select(appointment_clients.c.reason))).scalars().all()
    assert len({len(sealed) for sealed in rows}) == 1
    assert not any(b"planted" in sealed for sealed in rows)

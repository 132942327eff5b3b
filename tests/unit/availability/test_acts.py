"""Open times from the database: what is taken is not shown, in a fixed number of statements."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from telehealth.appointments import acts as appointments
from telehealth.appointments.placing import place
from telehealth.audit.office import Office
from telehealth.availability import acts, store
from telehealth.availability.acts import OpenTime
from telehealth.availability.rules import Dated, Workload
from telehealth.db.engine import Database
from telehealth.errors import Invalid, NotFound
from tests.clock import FakeClock
from tests.people import MIKA, NADIA, NADIAS_PROFILE, OMAR, ROSA, SINGLE, Clinic
from tests.unit.appointments.scene import book

TUESDAY = date(2026, 11, 24)
TEN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # 10:00 in Berlin
HOLDER = b"holder".ljust(32, b".")
FIXED = 7  # two for the service and its therapists, five for their calendars


async def nadias(office: Office, *, days: int = 1, holder: bytes | None = None) -> list[str]:
    found = await acts.open_times(
        office,
        service_id=SINGLE.id,
        therapist_ids=[NADIA.id],
        first=TUESDAY,
        days=days,
        zone="Europe/Berlin",
        holder=holder,
    )
    return [f"{time.start + timedelta(hours=1):%H:%M}" for time in found]


async def test_hours_are_shown_and_a_day_off_is_not(office: Office, clinic: Clinic) -> None:
    morning = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00"]
    assert await nadias(office) == morning
    assert await nadias(office, days=2) == morning  # Wednesday is the day off


async def test_a_booked_time_and_its_buffer_are_not_shown(office: Office, clinic: Clinic) -> None:
    async with office.work(ROSA) as work:
        assert await place(work, SINGLE, NADIAS_PROFILE, TEN, {ROSA.id: ""})
    assert await nadias(office) == ["09:00", "11:00", "11:30", "12:00"]


async def test_a_break_and_a_full_day_hold_for_showing_and_for_booking(
    office: Office, clinic: Clinic
) -> None:
    async with office.work(NADIA) as work:
        await store.set_workload(work.connection, NADIA.id, Workload(break_minutes=15))
        assert await place(work, SINGLE, NADIAS_PROFILE, TEN, {ROSA.id: ""})
    assert await nadias(office) == ["11:30", "12:00"]
    with pytest.raises(appointments.Taken):
        await book(office, MIKA, TEN + timedelta(hours=1))
    async with office.work(NADIA) as work:
        await store.set_workload(work.connection, NADIA.id, Workload(sessions_per_day=1))
    assert await nadias(office) == []
    with pytest.raises(appointments.Taken):
        await book(office, MIKA, TEN + timedelta(hours=2))


async def test_a_session_of_the_night_counts_for_its_own_day_though_clocks_change(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    """A day of 25 hours: what began just after midnight and what begins late in the evening are of one day."""
    clock.now = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
    sunday, after_midnight = date(2026, 10, 25), datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
    async with office.work(NADIA) as work:
        all_day = Dated(sunday, "extra", 0, 1440)
        await store.add_exception(work.connection, work.chance(16), NADIA.id, all_day)
        await store.set_workload(work.connection, NADIA.id, Workload(sessions_per_day=1))
        assert await place(work, SINGLE, NADIAS_PROFILE, after_midnight, {ROSA.id: ""})
    with pytest.raises(appointments.Taken):
        await book(office, MIKA, datetime(2026, 10, 25, 22, 0, tzinfo=UTC))


async def test_a_vacation_of_weeks_is_seen_in_its_middle(office: Office, clinic: Clinic) -> None:
    month = timedelta(days=30)
    async with office.work(NADIA) as work:
        away = Dated(TUESDAY - month, "off", 0, 1440, last_day=TUESDAY + month)
        await store.add_exception(work.connection, work.chance(16), NADIA.id, away)
    assert await nadias(office) == []


async def test_a_held_time_is_shown_to_its_holder_and_to_all_once_expired(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    await appointments.hold(
        office,
        None,
        service_id=SINGLE.id,
        therapist_id=NADIA.id,
        start=TEN,
        holder=HOLDER,
        address=HOLDER,
        zone="Europe/Berlin",
    )
    assert "10:00" not in await nadias(office)
    assert "10:00" not in await nadias(office, holder=b"another".ljust(32, b"."))
    assert "10:00" in await nadias(office, holder=HOLDER)
    clock.advance(minutes=5)
    assert "10:00" in await nadias(office)


async def test_anyone_means_all_who_offer_it_in_order_of_time(office: Office, clinic: Clinic) -> None:
    found = await acts.open_times(
        office,
        service_id=SINGLE.id,
        therapist_ids=None,
        first=TUESDAY,
        days=1,
        zone="Asia/Kathmandu",
        holder=None,
    )
    assert found == sorted(found, key=lambda time: time.start)
    assert {time.therapist_id for time in found} == {NADIA.id, OMAR.id}
    assert found[0] == OpenTime(datetime(2026, 11, 23, 18, 30, tzinfo=UTC), OMAR.id, SINGLE.id)
    local_days = {(time.start + timedelta(hours=5, minutes=45)).date() for time in found}
    assert local_days == {TUESDAY}  # the day is the asking person's


async def test_a_therapist_who_does_not_offer_it_shows_nothing(office: Office, clinic: Clinic) -> None:
    found = await acts.open_times(
        office,
        service_id=clinic.couple.id,
        therapist_ids=[OMAR.id],
        first=TUESDAY,
        days=7,
        zone="Europe/Berlin",
        holder=None,
    )
    assert found == []


async def test_an_unknown_service_and_an_unknown_zone_are_refused(office: Office, clinic: Clinic) -> None:
    with pytest.raises(NotFound):
        await _ask(office, service_id=b"nobody-offers-it", zone="Europe/Berlin")
    with pytest.raises(Invalid):
        await _ask(office, service_id=SINGLE.id, zone="Nowhere/Atall")


async def _ask(office: Office, *, service_id: bytes, zone: str) -> list[OpenTime]:
    return await acts.open_times(
        office, service_id=service_id, therapist_ids=None, first=TUESDAY, days=7, zone=zone, holder=None
    )


async def test_the_number_of_statements_does_not_grow(
    office: Office, clinic: Clinic, database: Database
) -> None:
    async with office.work(ROSA) as work:
        for week in range(4):
            for person in (ROSA, MIKA):
                start = TEN + timedelta(days=7 * week, hours=0 if person is ROSA else 1)
                assert await place(work, SINGLE, NADIAS_PROFILE, start, {person.id: ""})
    said: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    await nadias(office, days=7)
    assert len([statement for statement in said if statement != "BEGIN"]) == FIXED
    said.clear()
    found = await acts.open_times(
        office,
        service_id=SINGLE.id,
        therapist_ids=None,
        first=TUESDAY,
        days=56,
        zone="Europe/Berlin",
        holder=None,
    )
    assert len(found) > 100
    assert len([statement for statement in said if statement != "BEGIN"]) == FIXED

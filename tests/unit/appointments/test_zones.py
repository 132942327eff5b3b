"""Zone rules that change between booking and session: the wall clock stays, all else follows or is handed over."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from telehealth.appointments import acts, zones
from telehealth.appointments.acts import Appointment
from telehealth.appointments.models import appointments
from telehealth.appointments.placing import place
from telehealth.audit.office import Office, Work
from telehealth.availability.models import busy_times, occupancies
from telehealth.availability.zones import zone_version
from telehealth.calendars.acts import subscribe
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import MIKA, NADIA, OMAR, OMARS_PROFILE, ROSA, SINGLE, STRANGER, Clinic
from tests.unit.appointments.scene import HERE, TEN, Browser, book, entries, hold, new_key, taken, told_beside

HOUR = timedelta(hours=1)
NEWER, OLDER = "9999a", "1999a"


def summer_for_ever(_name: str) -> tzinfo:
    """Berlin no longer puts its clocks back: what is at ten there comes an hour earlier."""
    return timezone(timedelta(hours=2))


def an_hour_later(_name: str) -> tzinfo:
    return timezone(timedelta())


async def starts(office: Office, *made: Appointment) -> list[datetime]:
    async with office.database.reading() as connection:
        rows = await connection.execute(select(appointments.c.id, appointments.c.starts_at))
        found = {row.id: row.starts_at for row in rows}
    return [found[each.id] for each in made]


async def busy_elsewhere(office: Office, person: Person, starts_at: datetime, ends_at: datetime) -> None:
    """A calendar that this therapist subscribes to says so."""
    id_ = await subscribe(office, person, f"https://calendar.example/{new_key()}.ics", new_key())
    values = {"calendar_id": id_, "starts_at": starts_at, "ends_at": ends_at}
    async with office.database.transaction() as connection:
        await connection.execute(busy_times.insert().values(**values))


async def kinds_to(office: Office, person: Person) -> list[str]:
    return [each.kind for each in await told_beside(office, person)]


async def versions(office: Office) -> Sequence[str]:
    async with office.database.reading() as connection:
        return (await connection.execute(select(appointments.c.zone_version))).scalars().all()


async def test_nothing_is_done_with_the_data_of_the_day_of_booking(office: Office, clinic: Clinic) -> None:
    await book(office)
    assert await zones.turn(office, zones=summer_for_ever) == 0
    assert await zones.turn(office, zones=summer_for_ever, version=OLDER) == 0
    assert await versions(office) == [zone_version()]


async def test_where_the_rules_say_the_same_only_the_version_is_noted(office: Office, clinic: Clinic) -> None:
    made = await book(office)
    assert await zones.turn(office, version=NEWER) == 0
    assert await versions(office) == [NEWER]
    assert await starts(office, made) == [TEN]
    assert await kinds_to(office, ROSA) == []


async def test_an_appointment_stays_on_the_wall_clock_and_both_are_told(
    office: Office, clinic: Clinic
) -> None:
    made = await book(office)
    assert await zones.turn(office, zones=summer_for_ever, version=NEWER) == 1
    assert await starts(office, made) == [TEN - HOUR]
    async with office.database.reading() as connection:
        rows = (await connection.execute(select(occupancies).order_by(occupancies.c.ends_at))).all()
        row = (await connection.execute(select(appointments))).one()
    assert {(each.party, each.starts_at) for each in rows} == {(NADIA.id, TEN - HOUR), (ROSA.id, TEN - HOUR)}
    assert [each.ends_at - each.starts_at for each in rows] == [timedelta(minutes=50), HOUR]
    assert (row.local_start, row.ends_at, row.sequence) == (
        "2026-11-24T10:00",
        TEN - timedelta(minutes=10),
        1,
    )
    for person in (ROSA, NADIA):
        (told,) = await told_beside(office, person)
        assert told.kind == "zone_changed"
        assert (told.body["was"], told.body["start"]) == (TEN.isoformat(), (TEN - HOUR).isoformat())
        assert (told.body["local"], told.body["zone"]) == ("10:00", "Europe/Berlin")
    assert await entries(office, ["appointment.follow_clock"]) == {"appointment.follow_clock": 1}
    assert await zones.turn(office, zones=summer_for_ever, version=NEWER) == 0
    assert len(await told_beside(office, ROSA)) == 1


@pytest.mark.parametrize(("rules", "by"), [(summer_for_ever, -HOUR), (an_hour_later, HOUR)])
async def test_appointments_in_a_row_make_way_for_one_another(
    office: Office, clinic: Clinic, rules: zones.Zones, by: timedelta
) -> None:
    """Back to back with their buffers: none of them can move before the next one has."""
    made = [
        await book(office, person, TEN + count * HOUR, name="Sam")
        for count, person in enumerate((ROSA, MIKA, STRANGER))
    ]
    assert await zones.turn(office, zones=rules, version=NEWER) == 3
    assert await starts(office, *made) == [TEN + count * HOUR + by for count in range(3)]
    assert await zones.clashing(office, NADIA, zones=rules) == []


async def test_a_clash_moves_nothing_and_the_therapist_sees_it_until_it_is_solved(
    office: Office, clinic: Clinic
) -> None:
    """The client has something in another zone, whose rules stay."""
    made = await book(office)
    async with office.work(ROSA) as work:
        await place(work, SINGLE, OMARS_PROFILE, TEN - HOUR, {ROSA.id: ""})
    before = await taken(office)

    def berlin_only(name: str) -> tzinfo:
        return summer_for_ever(name) if name == "Europe/Berlin" else ZoneInfo(name)

    assert await zones.turn(office, zones=berlin_only, version=NEWER) == 1
    assert await taken(office) == before
    assert await starts(office, made) == [TEN]
    assert await kinds_to(office, NADIA) == ["zone_clash"]
    assert await kinds_to(office, ROSA) == []
    assert [each.id for each in await zones.clashing(office, NADIA, zones=berlin_only)] == [made.id]
    assert await zones.clashing(office, OMAR, zones=berlin_only) == []
    assert set(await versions(office)) == {NEWER}
    await acts.cancel(office, NADIA, made.id, new_key())
    assert await zones.clashing(office, NADIA, zones=berlin_only) == []
    assert await zones.turn(office, zones=berlin_only, version=NEWER) == 0


@pytest.mark.parametrize(("begins", "clashes"), [(TEN - HOUR / 2, True), (TEN, False)])
async def test_a_busy_time_of_a_subscribed_calendar_is_a_clash(
    office: Office, clinic: Clinic, begins: datetime, clashes: bool
) -> None:
    """At nine the session and its buffer would take until ten."""
    made = await book(office)
    await busy_elsewhere(office, NADIA, begins, begins + HOUR / 2)
    await busy_elsewhere(office, OMAR, TEN - HOUR, TEN)
    assert await zones.turn(office, zones=summer_for_ever, version=NEWER) == 1
    assert await starts(office, made) == [TEN if clashes else TEN - HOUR]
    assert await kinds_to(office, NADIA) == ["zone_clash" if clashes else "zone_changed"]
    clashing = await zones.clashing(office, NADIA, zones=summer_for_ever)
    assert [each.id for each in clashing] == ([made.id] if clashes else [])


async def test_an_expired_hold_is_no_clash_and_a_live_one_is_waited_for(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    one, other = await book(office), await book(office, MIKA, TEN + 2 * HOUR)
    await hold(office, TEN + HOUR, browser=Browser("one"))
    clock.advance(minutes=4)
    await hold(office, TEN - HOUR, browser=HERE)
    clock.advance(minutes=2)
    assert await zones.turn(office, zones=summer_for_ever, version=NEWER) == 1
    assert await starts(office, one, other) == [TEN, TEN + HOUR]
    clock.advance(minutes=5)
    assert await zones.turn(office, zones=summer_for_ever, version=NEWER) == 1
    assert await starts(office, one, other) == [TEN - HOUR, TEN + HOUR]
    assert await kinds_to(office, NADIA) == ["zone_changed", "zone_changed"]


async def test_what_would_be_over_already_or_never_be_is_handed_over(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    made = await book(office)
    clock.now = TEN - HOUR
    assert await zones.turn(office, zones=summer_for_ever, version=NEWER) == 1
    assert await starts(office, made) == [TEN]
    assert await kinds_to(office, NADIA) == ["zone_clash"]


def test_a_wall_clock_time_is_found_at_its_first_occurrence_or_not_at_all() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert zones.start_of("2026-11-24T10:00", berlin) == TEN
    assert zones.start_of("2026-10-25T02:30", berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert zones.start_of("2027-03-28T02:30", berlin) is None


async def test_what_was_cancelled_meanwhile_is_left_as_it_is(
    office: Office, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await book(office, start=TEN + timedelta(days=2))
    lock = zones._lock

    async def cancelled_first(work: Work, found: zones.Dated) -> list[bytes] | None:
        await work.connection.execute(
            appointments.update().where(appointments.c.id == made.id).values(state="cancelled")
        )
        return await lock(work, found)

    monkeypatch.setattr(zones, "_lock", cancelled_first)
    await zones.turn(office, zones=summer_for_ever, version=NEWER)
    assert await starts(office, made) == [TEN + timedelta(days=2)]
    assert await kinds_to(office, ROSA) == []

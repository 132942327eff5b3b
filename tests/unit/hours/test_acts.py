"""Changing one's own hours: what it does to appointments is known before, and chosen."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from telehealth.appointments import acts as appointments
from telehealth.appointments.acts import Appointment
from telehealth.audit.office import Office
from telehealth.availability import acts as availability
from telehealth.availability.rules import Dated, Weekly, Workload
from telehealth.errors import Conflict, NotFound
from telehealth.hours import acts
from telehealth.hours.acts import Choice
from telehealth.hours.rules import Change
from telehealth.notices import acts as notices
from telehealth.notices.store import Notice
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, SINGLE, Clinic
from tests.unit.appointments.scene import TEN, book, entries, new_key

NEW = b"new-hours-......"
TUESDAY = date(2026, 11, 24)
WEEK = timedelta(days=7)
VACATION = Change(NEW, Dated(TUESDAY, "off", 0, 1440, TUESDAY + WEEK), is_new=True)


async def shown(office: Office, person: Person = NADIA) -> acts.Hours:
    return await acts.hours(office, person, TEN - timedelta(days=1), TEN + WEEK)


async def save(
    office: Office,
    change: Change,
    *outside: Appointment,
    choice: Choice | None = None,
    person: Person = NADIA,
    key: str | None = None,
) -> bytes:
    ids = {each.id for each in outside}
    return await acts.save(office, person, change, choice=choice, shown=ids, key=key or new_key())


async def offers_to(office: Office, person: Person) -> list[Notice]:
    return [each for each in await notices.mine(office, person) if each.kind == acts.OFFER]


async def open_starts(office: Office, day: date) -> list[str]:
    found = await availability.open_times(
        office,
        service_id=SINGLE.id,
        therapist_ids=[NADIA.id],
        first=day,
        days=1,
        zone="Europe/Berlin",
        holder=None,
    )
    return [f"{time.start + timedelta(hours=1):%H:%M}" for time in found]


async def test_hours_are_added_joined_changed_and_removed(office: Office, clinic: Clinic) -> None:
    await save(office, Change(NEW, Weekly(1, 780, 900), is_new=True))
    plan = (await shown(office)).plan
    assert plan.weekly[NEW] == Weekly(1, 540, 900)
    assert len(plan.weekly) == 5
    assert (await open_starts(office, TUESDAY))[-1] == "14:00"
    await save(office, Change(NEW, Weekly(1, 600, 720, valid_from=TUESDAY)))
    assert await open_starts(office, TUESDAY) == ["10:00", "10:30", "11:00"]
    await save(office, Change(NEW, None))
    assert await open_starts(office, TUESDAY) == []
    assert await entries(office, ["hours.change"]) == {"hours.change": 3}


async def test_vacation_extra_hours_and_workload_are_kept(office: Office, clinic: Clinic) -> None:
    await save(office, VACATION)
    extra = Change(b"extra".ljust(16, b"."), Dated(TUESDAY, "extra", 1080, 1200), is_new=True)
    await save(office, extra)
    await save(office, Change(b"load".ljust(16, b"."), Workload(15, 3), is_new=True))
    plan = (await shown(office)).plan
    assert plan.dated[NEW] == VACATION.becomes
    assert plan.workload == Workload(15, 3)
    assert await open_starts(office, TUESDAY) == ["18:00", "18:30", "19:00"]
    await save(office, Change(b"load".ljust(16, b"."), Workload(), is_new=True))
    assert (await shown(office)).plan.workload == Workload()


async def test_what_a_change_leaves_out_is_shown_before_and_nothing_is_saved_without_a_choice(
    office: Office, clinic: Clinic
) -> None:
    made = await book(office)
    found = await acts.preview(office, NADIA, VACATION)
    assert [each.id for each in found] == [made.id]
    assert found[0].client_names == ("Rosa Example-Lindqvist",)
    for choice, ids in ((None, [made]), ("keep", [])):
        with pytest.raises(Conflict) as refused:
            await save(office, VACATION, *ids, choice=choice)  # type: ignore[arg-type]
        assert refused.value.code == "hours_conflict"
    assert NEW not in (await shown(office)).plan.dated
    assert (await shown(office)).outside == []


async def test_they_can_stay_and_are_seen_to_lie_outside(office: Office, clinic: Clinic) -> None:
    made = await book(office)
    await save(office, VACATION, made, choice="keep")
    now = await shown(office)
    assert [(each.id, each.offered_at) for each in now.outside] == [(made.id, None)]
    assert [each.id for each in now.appointments] == [made.id]
    assert await offers_to(office, ROSA) == []


async def test_the_clients_can_be_asked_to_choose_another_time(office: Office, clinic: Clinic) -> None:
    made, kept = await book(office), await book(office, MIKA, TEN + 2 * WEEK)
    await save(office, VACATION, made, choice="offer")
    (told,) = await offers_to(office, ROSA)
    assert told.body["id"] == made.id.hex()
    assert await offers_to(office, MIKA) == []
    (outside,) = (await shown(office)).outside
    assert (outside.id, outside.offered_at) == (made.id, office.clock())
    assert kept.state == "booked"


async def test_who_is_asked_to_choose_another_time_can_until_it_begins(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    made, other = await book(office), await book(office, MIKA, TEN + timedelta(hours=1))
    clock.advance(timedelta(hours=2))
    assert not (await appointments.appointment(office, ROSA, made.id)).may_move
    await save(office, VACATION, made, other, choice="offer")
    asked = await appointments.appointment(office, ROSA, made.id)
    assert (asked.may_move, asked.is_late) == (True, False)
    assert len(asked.proposals) == 5
    assert not any(TEN - timedelta(hours=10) < each < TEN + WEEK for each in asked.proposals)
    moved = await appointments.take(office, ROSA, made.id, start=asked.proposals[-1], key=new_key())
    assert (moved.starts_at, moved.offered_at) == (asked.proposals[-1], None)
    assert not (await appointments.cancel(office, MIKA, other.id, new_key())).cancelled_late


async def test_a_booking_made_meanwhile_is_not_left_out_unseen(office: Office, clinic: Clinic) -> None:
    first = await book(office)
    await book(office, MIKA, TEN + timedelta(hours=1))
    with pytest.raises(Conflict) as refused:
        await save(office, VACATION, first, choice="offer")
    assert refused.value.code == "hours_conflict"
    assert await offers_to(office, ROSA) == []


async def test_the_same_form_sent_twice_is_one_change(office: Office, clinic: Clinic) -> None:
    key = new_key()
    assert await save(office, VACATION, key=key) == NEW
    again = replace(VACATION, id=b"another-id......")
    assert await save(office, again, key=key) == NEW
    assert list((await shown(office)).plan.dated.values()).count(VACATION.becomes) == 1  # type: ignore[arg-type]
    with pytest.raises(Conflict) as refused:
        await save(office, Change(NEW, None), key=key)
    assert refused.value.code == "idempotency_mismatch"


@pytest.mark.parametrize("person", [ROSA, DESK, ADMIN])
async def test_nobody_but_therapists_has_hours(office: Office, clinic: Clinic, person: Person) -> None:
    with pytest.raises(NotFound):
        await shown(office, person)
    with pytest.raises(NotFound):
        await save(office, VACATION, person=person)


async def test_another_therapists_hours_are_not_found_and_the_try_is_on_record(
    office: Office, clinic: Clinic
) -> None:
    nadias = next(iter((await shown(office)).plan.weekly))
    for change in (Change(nadias, None), Change(nadias, Weekly(1, 0, 60))):
        with pytest.raises(NotFound):
            await save(office, change, person=OMAR)
        with pytest.raises(NotFound):
            await acts.preview(office, OMAR, change)
    assert nadias in (await shown(office)).plan.weekly
    assert await entries(office, ["hours.refused"]) == {"hours.refused": 4}

"""How sound and picture were is a count without a person; that it did not work is a technical failure."""

from collections.abc import Awaitable
from datetime import timedelta

import pytest
from sqlalchemy import select

from telehealth.appointments import acts as appointments
from telehealth.audit.office import Office
from telehealth.errors import Conflict, NotFound
from telehealth.person import Person
from telehealth.rooms import acts, impressions, outcomes
from telehealth.rooms.admission import RoomAdmission
from telehealth.rooms.impressions import Month
from telehealth.rooms.models import impressions as table
from telehealth.rooms.rules import Impression
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, Clinic
from tests.unit.appointments.scene import TEN, book, entries, new_key
from tests.unit.rooms.test_admission import both_at_the_door, sign_in

CLOSED = TEN + timedelta(minutes=110)


@pytest.fixture
async def appointment_id(office: Office, clinic: Clinic, clock: FakeClock) -> bytes:
    """Rosa and Nadia have come, and are connected."""
    made = await book(office, ROSA)
    clock.now = TEN - timedelta(minutes=10)
    await sign_in(office, ROSA, NADIA)
    await both_at_the_door(office, RoomAdmission(office, ice_policy="all"), made.id)
    await outcomes.connected(office, ROSA, made.id)
    return made.id


async def say(
    office: Office, appointment_id: bytes, answer: str, part: str = "", *, person: Person = ROSA
) -> None:
    await impressions.say(office, person, appointment_id, Impression(answer, part))


async def counted(office: Office) -> dict[str, int]:
    async with office.database.reading() as c:
        return {row.word: row.times for row in await c.execute(select(table))}


async def how(office: Office, appointment_id: bytes) -> tuple[str, str | None]:
    found = await appointments.appointment(office, ROSA, appointment_id)
    return found.state, found.outcome


async def test_each_who_was_there_counts_once_and_nothing_says_who(
    office: Office, appointment_id: bytes
) -> None:
    await say(office, appointment_id, "rough")
    await say(office, appointment_id, "rough")
    await say(office, appointment_id, "rough", "sound")
    await say(office, appointment_id, "rough", "picture")
    await say(office, appointment_id, "good", person=NADIA)
    assert await counted(office) == {"rough": 1, "sound": 1, "good": 1}
    assert set(table.c.keys()) == {"month", "word", "times"}
    for person, has_said in ((ROSA, True), (NADIA, True)):
        asked = await impressions.asked(office, person, appointment_id)
        assert (asked.may_say, asked.has_said) == (True, has_said)


async def test_nobody_else_says_anything_and_nobody_does_after_two_days(
    office: Office, appointment_id: bytes, clock: FakeClock
) -> None:
    for person in (MIKA, OMAR, DESK, ADMIN):
        for act in (
            impressions.asked(office, person, appointment_id),
            say(office, appointment_id, "good", person=person),
        ):
            await _is_not_there(act)
    clock.now = TEN + timedelta(minutes=50, days=2)
    with pytest.raises(Conflict) as refused:
        await say(office, appointment_id, "good")
    assert refused.value.code == "impression_over"
    assert not (await impressions.asked(office, ROSA, appointment_id)).may_say
    assert await counted(office) == {}


async def _is_not_there(act: Awaitable[object]) -> None:
    with pytest.raises(NotFound):
        await act


async def test_who_never_came_is_not_asked(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    made = await book(office, ROSA)
    clock.now = CLOSED
    asked = await impressions.asked(office, ROSA, made.id)
    assert (asked.may_say, asked.has_said) == (False, False)
    await _is_not_there(say(office, made.id, "failed"))


@pytest.mark.parametrize("is_first", [True, False], ids=["before it is known", "after it is known"])
async def test_that_it_did_not_work_is_a_technical_failure(
    office: Office, appointment_id: bytes, clock: FakeClock, is_first: bool
) -> None:
    clock.now = CLOSED
    if is_first:
        await say(office, appointment_id, "failed")
    assert await outcomes.turn(office) == 1
    if not is_first:
        assert await how(office, appointment_id) == ("attended", "attended")
        await say(office, appointment_id, "failed", "line")
    assert await how(office, appointment_id) == ("booked", "technical")
    assert await entries(office, ["room.fail"]) == {"room.fail": 1}


async def test_what_its_therapist_said_stands(
    office: Office, appointment_id: bytes, clock: FakeClock
) -> None:
    clock.now = CLOSED
    await outcomes.judge(office, NADIA, appointment_id, "late", new_key())
    await say(office, appointment_id, "failed")
    assert await how(office, appointment_id) == ("attended", "late")
    await outcomes.judge(office, NADIA, appointment_id, "attended", new_key())
    assert await how(office, appointment_id) == ("attended", "attended")


async def test_another_time_is_asked_about_anew_and_does_not_fail_for_the_one_before(
    office: Office, appointment_id: bytes, clock: FakeClock
) -> None:
    await say(office, appointment_id, "failed")
    start = TEN + timedelta(weeks=1)
    await appointments.move(office, NADIA, appointment_id, start=start, key=new_key())
    clock.now = start - timedelta(minutes=5)
    for person in (ROSA, NADIA):
        await acts.mint_ticket(office, person, appointment_id)
    await outcomes.connected(office, ROSA, appointment_id)
    assert not (await impressions.asked(office, ROSA, appointment_id)).has_said
    clock.now = start + timedelta(minutes=110)
    assert await outcomes.turn(office) == 1
    assert await how(office, appointment_id) == ("attended", "attended")


async def test_the_clinic_sees_months_of_five_and_more(office: Office, clinic: Clinic) -> None:
    said = [("2026-08", 9, 0), ("2026-09", 4, 0), ("2026-10", 4, 1), ("2026-11", 5, 2)]
    async with office.database.transaction() as c:
        for month, good, failed in said:
            rows = {"good": good, "failed": failed, "line": failed}
            await c.execute(
                table.insert(),
                [{"month": month, "word": word, "times": times} for word, times in rows.items()],
            )
    none = dict.fromkeys(("good", "rough", "failed", "sound", "picture", "line"), 0)
    assert await impressions.months(office) == [
        Month("2026-11", none | {"good": 5, "failed": 2, "line": 2}),
        Month("2026-10", none | {"good": 4, "failed": 1, "line": 1}),
        Month("2026-09", None),
    ]

"""Services that a therapist confirms first: asked, then booked, declined with other times, or lapsed."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from telehealth.appointments import acts, ahead, forgetting, lapsing
from telehealth.appointments.models import proposals
from telehealth.audit.office import Office, Work
from telehealth.availability import store as availability
from telehealth.availability.rules import Dated
from telehealth.clinic import staffing
from telehealth.clinic.elsewhere import Elsewhere
from telehealth.clinic.models import services
from telehealth.errors import Conflict, Forbidden, Invalid, NotFound
from telehealth.notices import acts as notices
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import TEN, Browser, book, entries, hold, new_key, taken

THURSDAY = TEN + timedelta(days=2)
FRIDAY = TEN + timedelta(days=3)


@pytest.fixture(autouse=True)
async def confirmed_first(office: Office, clinic: Clinic) -> None:
    async def act(work: Work) -> None:
        await work.connection.execute(update(services).values(confirms_first=True))

    await office.act(None, act)


async def kinds(office: Office, person: Person) -> set[str]:
    return {each.kind for each in await notices.mine(office, person)}


async def test_a_request_takes_the_time_and_is_confirmed(office: Office) -> None:
    held = await hold(office, THURSDAY)
    asked = await book(office, start=THURSDAY, held=held)
    assert (asked.id, asked.state, asked.may_cancel, asked.may_move) == (held.id, "asked", True, True)
    assert asked.answer_by == THURSDAY - timedelta(days=1)
    assert await taken(office) == [(NADIA.id, THURSDAY, "asked"), (ROSA.id, THURSDAY, "asked")]
    assert await kinds(office, ROSA) == await kinds(office, NADIA) == {"appointment_asked"}
    with pytest.raises(acts.Taken):
        await book(office, STRANGER, THURSDAY, name="Sam", browser=Browser("another"))
    key = new_key()
    confirmed = await acts.confirm(office, NADIA, asked.id, key=key)
    assert confirmed.state == "booked"
    assert await acts.confirm(office, NADIA, asked.id, key=key) == confirmed
    assert await taken(office) == [(NADIA.id, THURSDAY, "booked"), (ROSA.id, THURSDAY, "booked")]
    assert "appointment_confirmed" in await kinds(office, ROSA)
    assert await entries(office, ["appointment.confirm"]) == {"appointment.confirm": 1}


@pytest.mark.parametrize(
    ("person", "refusal"), [(ROSA, Forbidden), (DESK, Forbidden), (MIKA, NotFound), (OMAR, NotFound)]
)
async def test_only_the_therapist_who_was_asked_answers(
    office: Office, person: Person, refusal: type[Exception]
) -> None:
    asked = await book(office, start=THURSDAY)
    for answer in (acts.confirm, acts.decline):
        with pytest.raises(refusal):
            await answer(office, person, asked.id, key=new_key())
    assert (await acts.appointment(office, ROSA, asked.id)).state == "asked"


async def test_what_is_not_open_any_more_is_confirmed_only_knowingly(office: Office) -> None:
    asked = await book(office, start=THURSDAY)

    async def off(work: Work) -> None:
        away = Dated(THURSDAY.date(), "off", 0, 1440)
        await availability.add_exception(work.connection, work.chance(16), NADIA.id, away)

    await office.act(None, off)
    with pytest.raises(Conflict) as refused:
        await acts.confirm(office, NADIA, asked.id, key=new_key())
    assert refused.value.code == "not_in_hours"
    assert (await acts.confirm(office, NADIA, asked.id, key=new_key(), anyway=True)).state == "booked"


async def test_what_was_answered_or_has_begun_is_not_answered(office: Office, clock: FakeClock) -> None:
    first, second = await book(office, start=THURSDAY), await book(office, MIKA, FRIDAY)
    await acts.cancel(office, ROSA, first.id, new_key())
    for answer in (acts.confirm, acts.decline):
        with pytest.raises(Conflict) as refused:
            await answer(office, NADIA, first.id, key=new_key())
        assert refused.value.code == "not_asked"
    clock.now = FRIDAY
    with pytest.raises(Conflict) as refused:
        await acts.confirm(office, NADIA, second.id, key=new_key())
    assert refused.value.code == "too_late_to_answer"


async def test_a_declined_request_is_taken_at_a_proposed_time_with_one_click(office: Office) -> None:
    asked = await book(office, start=THURSDAY, reason="A planted reason")
    declined = await acts.decline(
        office, NADIA, asked.id, key=new_key(), message="I am away.", proposals=[FRIDAY, THURSDAY]
    )
    assert (declined.state, declined.proposals) == ("declined", (THURSDAY, FRIDAY))
    told = next(each for each in await notices.mine(office, ROSA) if each.kind == "appointment_declined")
    assert (told.body["message"], told.body["proposed"]) == ("I am away.", "2")
    assert (await book(office, STRANGER, THURSDAY, name="Sam", browser=Browser("sams"))).state == "asked"
    with pytest.raises(Conflict) as refused:
        await acts.take(office, ROSA, asked.id, start=FRIDAY + timedelta(hours=1), key=new_key())
    assert refused.value.code == "not_proposed"
    with pytest.raises(acts.Taken):
        await acts.take(office, ROSA, asked.id, start=THURSDAY, key=new_key())
    key = new_key()
    made = await acts.take(office, ROSA, asked.id, start=FRIDAY, key=key)
    assert (made.id, made.state, made.starts_at, made.reason) == (
        asked.id,
        "booked",
        FRIDAY,
        "A planted reason",
    )
    assert await acts.take(office, ROSA, asked.id, start=FRIDAY, key=key) == made
    assert {(NADIA.id, FRIDAY, "booked"), (ROSA.id, FRIDAY, "booked")} <= set(await taken(office))
    async with office.database.reading() as connection:
        assert (await connection.execute(select(proposals))).all() == []


async def test_what_is_over_and_who_has_left_gives_no_other_time(office: Office, clock: FakeClock) -> None:
    booked, asked = await book(office, start=THURSDAY), await book(office, MIKA, FRIDAY)
    await acts.confirm(office, NADIA, booked.id, key=new_key())
    later, last = FRIDAY + timedelta(hours=1), FRIDAY + timedelta(hours=2)
    await acts.propose(office, NADIA, booked.id, key=new_key(), proposals=[later])
    await acts.decline(office, NADIA, asked.id, key=new_key(), proposals=[last])
    clock.now = THURSDAY
    with pytest.raises(Conflict) as refused:
        await acts.take(office, ROSA, booked.id, start=later, key=new_key())
    assert refused.value.code == "not_proposed"
    assert (await acts.appointment(office, ROSA, booked.id)).proposals == ()
    clock.now += timedelta(hours=1)
    await staffing.retire_therapist(
        office,
        ADMIN,
        NADIA.id,
        Elsewhere(ahead=ahead.ahead_of, with_hours=availability.with_hours),
        new_key(),
    )
    with pytest.raises(Invalid) as gone:
        await acts.take(office, MIKA, asked.id, start=last, key=new_key())
    assert gone.value.code == "not_offered"


@pytest.mark.parametrize(
    ("hours", "code"),
    [((9,), "proposal_not_open"), ((24, 24), "too_many_proposals"), (tuple(range(6)), "too_many_proposals")],
)
async def test_only_open_times_are_proposed_five_at_most(
    office: Office, hours: tuple[int, ...], code: str
) -> None:
    asked = await book(office, start=THURSDAY)
    starts = [THURSDAY + timedelta(hours=each) for each in hours]
    with pytest.raises(Invalid) as refused:
        await acts.decline(office, NADIA, asked.id, key=new_key(), proposals=starts)
    assert refused.value.code == code
    assert (await acts.appointment(office, ROSA, asked.id)).state == "asked"


async def test_other_times_can_be_proposed_for_what_is_booked_and_it_stays_until_one_is_taken(
    office: Office,
) -> None:
    asked = await book(office, start=THURSDAY)
    with pytest.raises(Conflict):
        await acts.propose(office, NADIA, asked.id, key=new_key(), proposals=[FRIDAY])
    await acts.confirm(office, NADIA, asked.id, key=new_key())
    with pytest.raises(Forbidden):
        await acts.propose(office, ROSA, asked.id, key=new_key(), proposals=[FRIDAY])
    with pytest.raises(Invalid, match="choose the times"):
        await acts.propose(office, NADIA, asked.id, key=new_key(), proposals=[])
    proposed = await acts.propose(office, NADIA, asked.id, key=new_key(), proposals=[FRIDAY])
    assert (proposed.state, proposed.starts_at, proposed.proposals) == ("booked", THURSDAY, (FRIDAY,))
    made = await acts.take(office, ROSA, asked.id, start=FRIDAY, key=new_key())
    assert (made.state, made.starts_at, made.sequence, made.proposals) == ("booked", FRIDAY, 1, ())
    assert "appointment_moved" in await kinds(office, NADIA)


async def test_a_request_that_nobody_answers_lapses_once_and_frees_the_time(
    office: Office, clock: FakeClock
) -> None:
    asked = await book(office, start=THURSDAY)
    clock.now = THURSDAY - timedelta(days=1, seconds=1)
    assert await lapsing.turn(office) == 0
    clock.now += timedelta(seconds=1)
    assert sum(await asyncio.gather(*(lapsing.turn(office) for _ in range(3)))) == 1
    assert (await acts.appointment(office, ROSA, asked.id)).state == "declined"
    assert "appointment_lapsed" in await kinds(office, ROSA) & await kinds(office, NADIA)
    told = next(each for each in await notices.mine(office, ROSA) if each.kind == "appointment_lapsed")
    assert told.body["by"] == "nobody"
    assert (await book(office, MIKA, THURSDAY)).state == "asked"
    assert await lapsing.turn(office) == 0
    assert await entries(office, ["appointment.lapse"]) == {"appointment.lapse": 1}


async def test_what_somebody_asked_for_goes_with_them(office: Office, clock: FakeClock) -> None:
    asked = await book(office, start=THURSDAY)
    async with office.database.transaction() as connection:
        left = await forgetting.leave(connection, ROSA.id, clock.now, ["booking"])
    assert left.cancelled == (asked.id,)
    assert {state for _, _, state in await taken(office)} == {"cancelled"}

"""An account that ends by age takes only what is past its own days with it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from telehealth.audit.office import Work
from telehealth.keys.keyring import SUBJECT_CLASSES
from telehealth.keys.models import erasures
from telehealth.notices.acts import announce
from telehealth.people.models import people
from telehealth.privacy import holding, retention
from telehealth.privacy.acts import Registry, erase
from telehealth.privacy.certificate import in_words
from tests.clock import FakeClock
from tests.people import ADMIN, ROSA, Clinic
from tests.unit.appointments.scene import book
from tests.unit.privacy.scene import keys_of

NEVER: dict[str, int] = {cls: 0 for cls in SUBJECT_CLASSES}  # noqa: C420 - its keys are text, not only these
NOTE = b"a-clinical-note."


@pytest.fixture
async def noted(registry: Registry, clinic: Clinic) -> Registry:
    """Rosa has a clinical record, words for an appointment, and a message."""
    office = registry.office
    await book(office, ROSA, reason="Words of Rosa's own")

    async def act(work: Work) -> None:
        await work.ring.new_record(work.connection, NOTE, "clinical", [ROSA.id])
        await announce(work, ROSA.id, "emergency_end", {"at": work.now.isoformat()})

    await office.act(None, act)
    return registry


async def opens(registry: Registry) -> bool:
    async with registry.office.database.reading() as c:
        return bool(await registry.office.ring.records(c, [NOTE]))


async def done_at(registry: Registry) -> list[object]:
    async with registry.office.database.reading() as c:
        return list((await c.execute(select(erasures.c.done_at))).scalars())


async def test_clinical_records_that_are_kept_for_ever_outlive_the_account(
    noted: Registry, clock: FakeClock
) -> None:
    clock.advance(timedelta(days=3700))
    days = NEVER | {"account": 3650, "booking": 1460, "correspondence": 365}
    assert (await retention.run(noted, days)).account == 3  # the others have nothing that is kept
    assert await keys_of(noted.office, ROSA.id) == {"clinical"}
    assert await opens(noted)
    async with noted.office.database.reading() as c:
        assert (await c.execute(select(people.c.name).where(people.c.id == ROSA.id))).scalar_one() is None
    assert len([at for at in await done_at(noted) if at is None]) == 1
    (stone,) = [stone for stone in noted.tombstones.read() if stone.kept]
    assert (stone.subject_id, stone.kept) == (ROSA.id, ("clinical",))
    assert in_words(stone)[-2].startswith("Still kept, by a legal hold or because its own time is not over")
    assert (await retention.run(noted, days)).account == 0


async def test_what_an_account_left_behind_goes_after_its_own_days(noted: Registry, clock: FakeClock) -> None:
    days = {"account": 30, "booking": 60, "clinical": 90, "correspondence": 10}
    for advance, left in ((40, {"booking", "clinical"}), (30, {"clinical"}), (31, set[str]())):
        clock.advance(timedelta(days=advance))
        await retention.run(noted, days)
        assert await keys_of(noted.office, ROSA.id) == left
    assert not await opens(noted)
    assert None not in await done_at(noted)


async def test_clinical_records_that_go_first_leave_the_account(noted: Registry, clock: FakeClock) -> None:
    clock.advance(timedelta(days=100))
    done = await retention.run(noted, NEVER | {"account": 3650, "clinical": 90})
    assert (done.clinical, done.account) == (1, 0)
    assert len(await keys_of(noted.office, ROSA.id)) == 4


async def test_a_booking_that_is_kept_for_ever_and_messages_too_outlive_the_account(
    noted: Registry, clock: FakeClock
) -> None:
    clock.advance(timedelta(days=100))
    await retention.run(noted, NEVER | {"account": 30, "clinical": 30})
    assert await keys_of(noted.office, ROSA.id) == {"booking", "correspondence"}


async def test_a_hold_that_is_released_ends_nothing_before_its_own_days(
    noted: Registry, clock: FakeClock
) -> None:
    hold_id = await holding.hold(noted.office, ADMIN, ROSA.id, cls="booking", reason="File 17")
    clock.advance(timedelta(days=100))
    days = {"account": 30, "booking": 30, "clinical": 3650, "correspondence": 30}
    await retention.run(noted, days)
    assert await keys_of(noted.office, ROSA.id) == {"booking", "clinical"}
    assert (await holding.release(noted, ADMIN, hold_id)).erased is None
    assert await keys_of(noted.office, ROSA.id) == {"booking", "clinical"}
    await retention.run(noted, days)
    assert await keys_of(noted.office, ROSA.id) == {"clinical"}


async def test_a_wish_to_be_erased_takes_what_age_had_left(noted: Registry, clock: FakeClock) -> None:
    clock.advance(timedelta(days=100))
    await retention.run(noted, NEVER | {"account": 30})
    assert "clinical" in await keys_of(noted.office, ROSA.id)
    assert (await erase(noted, None, ROSA.id)).certificate.kept == ()
    assert await keys_of(noted.office, ROSA.id) == set()

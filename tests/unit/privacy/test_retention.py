"""What has been kept long enough goes by itself, class by class, and nothing else does."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from telehealth.appointments import acts as appointments
from telehealth.appointments.models import appointment_clients
from telehealth.appointments.models import appointments as appointment_rows
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office, Work
from telehealth.availability.models import occupancies
from telehealth.emergency.models import emergency_grants
from telehealth.keys.indexes import INDEXES
from telehealth.keys.keyring import SUBJECT_CLASSES
from telehealth.keys.models import record_keys
from telehealth.keys.verification import verify as verify_keys
from telehealth.notices.acts import announce
from telehealth.notices.models import notices
from telehealth.people.models import sessions
from telehealth.privacy import holding, retention
from telehealth.privacy.acts import Registry
from telehealth.privacy.models import legal_holds
from telehealth.privacy.retention import Done
from tests.clock import FakeClock
from tests.people import ADMIN, MIKA, NADIA, ROSA, Clinic
from tests.unit.appointments.scene import TEN, book, hold
from tests.unit.emergency.scene import opened
from tests.unit.privacy.scene import keys_of, live, sign_in, types_about

NEVER: dict[str, int] = {cls: 0 for cls in SUBJECT_CLASSES}  # noqa: C420 - its keys are text, not only these
RECORD = b"a-clinical-note."


def only(cls: str, days: int) -> dict[str, int]:
    return NEVER | {cls: days}


async def rows(office: Office, table: object) -> int:
    async with office.database.reading() as c:
        return int((await c.execute(select(func.count()).select_from(table))).scalar_one())  # type: ignore


async def tell(office: Office) -> None:
    async def act(work: Work) -> None:
        await announce(work, ROSA.id, "emergency_end", {"at": work.now.isoformat()})

    await office.act(None, act)


async def test_messages_go_after_their_days_and_not_before(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    office = registry.office
    await tell(office)
    clock.advance(timedelta(days=10))
    await tell(office)
    clock.advance(timedelta(days=20))
    assert (await retention.run(registry, only("correspondence", 30))).correspondence == 0
    clock.advance(seconds=1)
    assert (await retention.run(registry, only("correspondence", 30))).correspondence == 1
    assert await rows(office, notices) == 1
    assert (await types_about(office, ROSA.id))[-1] == "retention.correspondence"
    async with office.database.reading() as c:
        kept = select(func.count()).where(record_keys.c.cls == "correspondence")
        assert (await c.execute(kept)).scalar_one() == 1


async def test_old_appointments_go_whole_with_their_words_and_keys(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    office = registry.office
    await book(office, ROSA, reason="planted-old")
    later = await book(office, MIKA, TEN + timedelta(days=7), reason="Words that stay")
    clock.advance(timedelta(days=33))
    assert (await retention.run(registry, only("booking", 30))).booking == 1
    for table in (appointment_rows, appointment_clients):
        assert await rows(office, table) == 1, table.name
    assert await rows(office, occupancies) == 2
    assert [each.reason for each in await appointments.mine(office, NADIA)] == ["Words that stay"]
    assert (await types_about(office, ROSA.id))[-1] == "retention.booking"
    assert "retention.booking" not in await types_about(office, MIKA.id)
    assert later.id


async def test_more_than_a_batch_goes_in_one_night(
    registry: Registry, clinic: Clinic, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        await tell(registry.office)
    clock.advance(timedelta(days=31))
    said: list[tuple[str, int]] = []
    done = await retention.run(
        registry, only("correspondence", 30), lambda what, count: said.append((what, count))
    )
    assert done.correspondence == 5
    assert [count for what, count in said if what == "correspondence"] == [2, 4, 5, 5]


async def test_a_legal_hold_outlives_every_day(registry: Registry, clinic: Clinic, clock: FakeClock) -> None:
    office = registry.office
    await live(office)
    for cls in SUBJECT_CLASSES:
        await holding.hold(office, None, ROSA.id, cls=cls, reason="File 17")
    clock.advance(timedelta(days=5000))
    done = await retention.run(registry, {**dict.fromkeys(SUBJECT_CLASSES, 30)})
    assert (done.booking, done.clinical) == (0, 0)
    assert done.correspondence == 1  # the therapist's, who was told of the booking
    assert await keys_of(office, ROSA.id) == set(SUBJECT_CLASSES)
    assert await keys_of(office, MIKA.id) == set()  # whose time was over as well, and nothing held


async def test_zero_days_is_for_ever(registry: Registry, clinic: Clinic, clock: FakeClock) -> None:
    await live(registry.office)
    clock.advance(timedelta(days=36_000))
    done = await retention.run(registry, NEVER)
    assert (done.account, done.booking, done.clinical, done.correspondence) == (0, 0, 0, 0)


async def test_clients_are_erased_long_after_their_last_contact(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    office = registry.office
    person = await sign_in(office)
    clock.advance(timedelta(days=70))
    await sign_in(office)
    clock.advance(timedelta(days=40))
    done = await retention.run(registry, only("account", 100))
    assert done.account == 3  # Rosa, Mika and the stranger never came
    assert len(await keys_of(office, person.id)) == 4
    assert len(await keys_of(office, NADIA.id)) == 4
    clock.advance(timedelta(days=70))
    assert (await retention.run(registry, only("account", 100))).account == 1
    assert await keys_of(office, person.id) == set()
    assert {stone.basis for stone in registry.tombstones.read()} == {"retention"}
    assert (await retention.run(registry, only("account", 100))).account == 0


async def test_an_appointment_is_contact_also_once_it_is_removed_itself(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    office = registry.office
    clock.advance(timedelta(days=700))
    await book(office, ROSA, TEN + timedelta(days=700))
    clock.advance(timedelta(days=50))
    days = NEVER | {"booking": 30, "account": 100}
    done = await retention.run(registry, days)
    assert (done.booking, done.account) == (1, 2)
    assert len(await keys_of(office, ROSA.id)) == 4
    clock.advance(timedelta(days=60))
    assert (await retention.run(registry, days)).account == 1


async def test_clinical_records_go_and_whoever_comes_back_can_have_new_ones(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    office = registry.office

    async def note(work: Work) -> None:
        await work.ring.new_record(work.connection, RECORD, "clinical", [ROSA.id])

    await office.act(None, note)
    clock.advance(timedelta(days=101))
    assert (await retention.run(registry, only("clinical", 100))).clinical == 1
    async with office.database.reading() as c:
        assert await office.ring.records(c, [RECORD]) == {}
    assert (await types_about(office, ROSA.id))[-1] == "retention.clinical"
    await office.act(None, note)


async def test_clinical_records_are_counted_from_the_last_appointment_and_nothing_else(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    """Also when the appointment was removed meanwhile, and whatever else the client or somebody else did since."""
    office = registry.office
    clock.advance(timedelta(days=100))
    await book(office, ROSA, TEN + timedelta(days=140))  # ends on the 141st day
    person = await sign_in(office)

    async def note(work: Work) -> None:
        for subject, record_id in ((ROSA.id, RECORD), (person.id, b"another-note....")):
            await work.ring.new_record(work.connection, record_id, "clinical", [subject])

    await office.act(None, note)
    days = NEVER | {"booking": 10, "clinical": 90}
    clock.advance(timedelta(days=52))  # the 152nd
    done = await retention.run(registry, days)
    assert (done.booking, done.clinical) == (1, 0)
    await sign_in(office)
    clock.advance(timedelta(days=50))  # more than 90 since the booking, fewer since the appointment
    await sign_in(office)
    await appointments.mine(office, ROSA)
    async with office.database.reading() as c:
        assert await office.ring.records(c, [RECORD]) != {}
    assert (await retention.run(registry, days)).clinical == 1  # who never had an appointment
    clock.advance(timedelta(days=45))  # more than 90 since the appointment
    await sign_in(office)
    assert (await retention.run(registry, days)).clinical == 1


async def test_no_words_are_left_of_clinical_records_whose_keys_went(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    office = registry.office
    await opened(office, client=ROSA)
    hold_id = await holding.hold(office, ADMIN, ROSA.id, cls="clinical", reason="File 17")
    await holding.release(registry, ADMIN, hold_id)
    clock.advance(timedelta(days=101))
    assert (await retention.run(registry, only("clinical", 100))).clinical == 2
    async with office.database.reading() as c:
        row = (await c.execute(select(emergency_grants))).one()
        assert (row.name, row.reason, row.subject_id) == (None, None, ROSA.id)
        assert (await c.execute(select(legal_holds))).all() == []
    report = await verify_keys(
        office.database, office.ring, registry.tables, INDEXES, lambda _done, _all: None
    )
    assert report.is_whole, report.findings


async def test_what_lives_for_hours_goes_every_night(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    office = registry.office
    await sign_in(office)
    await hold(office, TEN + timedelta(days=14))
    await book(office, ROSA)
    clock.advance(timedelta(hours=11))
    await retention.run(registry, NEVER)
    assert await rows(office, sessions) == 1
    clock.advance(timedelta(days=1))
    done = await retention.run(registry, NEVER)
    assert isinstance(done, Done)
    assert done.passing >= 2  # the session, and the answer that booked
    assert await rows(office, sessions) == 0


async def test_a_run_is_on_record(registry: Registry, clinic: Clinic) -> None:
    await retention.run(registry, NEVER)
    async with registry.office.database.reading() as c:
        found = await c.execute(select(audit_leaves.c.patient).where(audit_leaves.c.type == "retention.run"))
        assert found.scalars().all() == [None]

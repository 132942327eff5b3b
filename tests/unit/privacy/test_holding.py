"""A legal hold keeps one class of somebody's records, from erasure and from age, until it is released."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from telehealth.appointments import acts as appointments
from telehealth.appointments.models import appointment_clients
from telehealth.audit.office import Office
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.keys.keyring import SUBJECT_CLASSES
from telehealth.keys.models import erasures
from telehealth.people.models import people, sessions
from telehealth.privacy import acts, holding, retention, store
from telehealth.privacy.acts import Registry
from telehealth.waiting import acts as waiting
from telehealth.waiting.models import waiting as waiting_table
from tests.clock import FakeClock
from tests.people import ADMIN, MIKA, NADIA, ROSA, Clinic
from tests.unit.appointments.scene import taken
from tests.unit.privacy.scene import keys_of, live, shared_appointment, types_about
from tests.unit.waiting.scene import wish

REASON = "planted-file-17"


async def hold(registry: Registry, cls: str = "booking", reason: str = REASON) -> bytes:
    return await holding.hold(registry.office, ADMIN, ROSA.id, cls=cls, reason=reason)


async def test_what_is_held_survives_the_erasure_of_everything_else(
    registry: Registry, clinic: Clinic
) -> None:
    made = await live(registry.office)
    await hold(registry)
    done = await acts.erase(registry, ROSA, ROSA.id)
    assert done.certificate.kept == ("booking",)
    assert done.certificate.erased == ("account", "clinical", "correspondence")
    assert await keys_of(registry.office, ROSA.id) == {"booking"}
    found = await appointments.appointment(registry.office, NADIA, made.id)
    assert (found.reason, found.client_names) == ("planted-reason-of-rosa", ())


async def test_held_words_for_a_shared_time_stay_until_the_hold_is_released(
    registry: Registry, clinic: Clinic
) -> None:
    office = registry.office
    shared = await shared_appointment(office)
    hold_id = await hold(registry)
    done = await acts.erase(registry, ROSA, ROSA.id)
    assert done.certificate.counts["appointments left to others"] == 1
    assert ROSA.id not in {party for party, _, _ in await taken(office)}
    assert (await appointments.appointment(office, MIKA, shared)).reason == "Words of Mika's own"
    assert await words_for(office, shared) == {ROSA.id: "Words of Rosa's own", MIKA.id: "Words of Mika's own"}
    finished = (await holding.release(registry, ADMIN, hold_id)).erased
    assert finished is not None
    assert finished.certificate.counts["appointments left to others"] == 0
    assert await words_for(office, shared) == {MIKA.id: "Words of Mika's own"}


async def test_words_that_are_held_do_not_keep_a_time_that_nobody_comes_to(
    registry: Registry, clinic: Clinic
) -> None:
    await shared_appointment(registry.office)
    await hold(registry)
    await acts.erase(registry, ROSA, ROSA.id)
    done = await acts.erase(registry, MIKA, MIKA.id)
    assert done.certificate.counts["appointments cancelled"] == 1
    assert {state for _, _, state in await taken(registry.office)} == {"cancelled"}


async def words_for(office: Office, appointment_id: bytes) -> dict[bytes, str]:
    """What everybody wrote for one appointment, as far as it opens."""
    mine = appointment_clients.c.appointment_id == appointment_id
    async with office.database.reading() as c:
        rows = (await c.execute(select(appointment_clients).where(mine))).all()
        keys = await office.ring.records(c, [row.record_id for row in rows])
    return {
        row.person_id: keys[row.record_id].open("appointment_clients", "reason", row.revision, row.reason)
        for row in rows
    }


async def test_a_held_account_is_closed_and_its_sessions_end(registry: Registry, clinic: Clinic) -> None:
    await live(registry.office)
    await hold(registry, "account")
    done = await acts.erase(registry, ROSA, ROSA.id)
    assert len(done.sessions) == 1
    async with registry.office.database.reading() as c:
        row = (await c.execute(select(people).where(people.c.id == ROSA.id))).one()
        assert (await c.execute(select(sessions).where(sessions.c.person_id == ROSA.id))).all() == []
    assert row.name is not None
    assert row.disabled_at is not None
    assert {state for _, _, state in await taken(registry.office)} == {"cancelled"}


async def test_releasing_the_last_hold_finishes_the_erasure(registry: Registry, clinic: Clinic) -> None:
    await live(registry.office)
    first, second = await hold(registry), await hold(registry, reason="File 18")
    await acts.erase(registry, ROSA, ROSA.id)
    assert (await holding.release(registry, ADMIN, first)).erased is None
    assert await keys_of(registry.office, ROSA.id) == {"booking"}
    last = (await holding.release(registry, ADMIN, second)).erased
    assert last is not None
    assert (last.certificate.erased, last.certificate.kept) == (("booking",), ())
    assert await keys_of(registry.office, ROSA.id) == set()
    assert [stone.erased for stone in registry.tombstones.read()][1] == ("booking",)
    async with registry.office.database.reading() as c:
        assert (await c.execute(select(erasures.c.done_at))).scalar_one() == registry.office.clock()


async def test_releasing_a_hold_on_somebody_who_stays_erases_nothing(
    registry: Registry, clinic: Clinic
) -> None:
    hold_id = await hold(registry)
    assert (await holding.release(registry, None, hold_id)).erased is None
    assert len(await keys_of(registry.office, ROSA.id)) == 4
    assert (await types_about(registry.office, ROSA.id))[-2:] == ["hold.lift", "hold.set"]


async def test_the_reason_is_sealed_for_the_person_it_is_about(registry: Registry, clinic: Clinic) -> None:
    hold_id = await hold(registry)
    async with registry.office.database.reading() as c:
        found = await store.hold_of(c, hold_id)
        assert found is not None
        key = await registry.office.ring.record(c, hold_id)
    assert bytes(found.reason).find(REASON.encode()) == -1
    assert key.open("legal_holds", "reason", 0, found.reason) == REASON


async def test_while_everything_is_held_erasing_only_closes_the_account(
    registry: Registry, clinic: Clinic
) -> None:
    for cls in ("account", "booking", "clinical", "correspondence"):
        await hold(registry, cls)
    done = await acts.erase(registry, ROSA, ROSA.id)
    assert done.certificate.erased == ()
    assert len(await keys_of(registry.office, ROSA.id)) == 4
    with pytest.raises(Conflict) as refused:
        await acts.erase(registry, None, ROSA.id)
    assert refused.value.code == "already_erased"


@pytest.mark.parametrize(
    ("cls", "reason", "code"),
    [
        ("everything", REASON, "class_unknown"),
        ("booking", "  ", "reason_missing"),
        ("booking", "x" * 1001, "reason_too_long"),
    ],
)
async def test_a_hold_without_sense_is_refused(
    registry: Registry, clinic: Clinic, cls: str, reason: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await hold(registry, cls, reason)
    assert refused.value.code == code


async def test_what_is_gone_cannot_be_held_back(registry: Registry, clinic: Clinic) -> None:
    await acts.erase(registry, None, MIKA.id)
    with pytest.raises(Conflict) as refused:
        await holding.hold(registry.office, None, MIKA.id, cls="booking", reason=REASON)
    assert refused.value.code == "already_erased"


async def test_nobody_is_held_who_is_not_there(registry: Registry, clinic: Clinic) -> None:
    with pytest.raises(NotFound) as refused:
        await holding.hold(registry.office, None, b"nobody..........", cls="booking", reason=REASON)
    assert refused.value.code == "person_not_found"


async def test_a_hold_is_released_once(registry: Registry, clinic: Clinic) -> None:
    hold_id = await hold(registry)
    await holding.release(registry, None, hold_id)
    with pytest.raises(Conflict) as refused:
        await holding.release(registry, None, hold_id)
    assert refused.value.code == "already_lifted"
    with pytest.raises(NotFound):
        await holding.release(registry, None, b"no-such-hold....")


async def test_who_is_erased_waits_no_more_though_a_hold_keeps_the_wish(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    office = registry.office
    await wish(office, ROSA, until="2026-11-28")
    assert await waiting.turn(office) == 1
    hold_id = await hold(registry)
    await acts.erase(registry, ROSA, ROSA.id)
    assert await taken(office) == []
    clock.advance(timedelta(days=40))
    assert await waiting.turn(office) == 0
    await retention.run(registry, dict.fromkeys(SUBJECT_CLASSES, 0))
    assert len(await waiting.mine(office, ROSA)) == 0
    assert await wishes_that_open(office) == 1
    await holding.release(registry, ADMIN, hold_id)
    assert await wishes_that_open(office) == 0


async def wishes_that_open(office: Office) -> int:
    async with office.database.reading() as c:
        ids = (await c.execute(select(waiting_table.c.id))).scalars().all()
        return len(await office.ring.records(c, ids))

"""An erasure in the middle of everything: whoever writes meanwhile leaves nothing of the person behind."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from telehealth.appointments import forgetting as appointments_forgetting
from telehealth.appointments.models import appointment_clients, appointments
from telehealth.audit.office import Office, Work
from telehealth.errors import Refusal
from telehealth.keys import erasing as keys
from telehealth.notices import forgetting as notices_forgetting
from telehealth.notices.acts import announce
from telehealth.notices.models import notices
from telehealth.notices.store import notices_of
from telehealth.privacy import acts, holding, retention
from telehealth.privacy.acts import Registry
from tests.clock import FakeClock
from tests.people import ADMIN, MIKA, ROSA, Clinic
from tests.unit.appointments.scene import TEN, Browser, book
from tests.unit.privacy.scene import keys_of, wraps_of

SLOTS = [TEN + timedelta(days=day, hours=hour) for day in (0, 2, 3) for hour in (0, 1, 2)]


async def tell(office: Office) -> None:
    async def act(work: Work) -> None:
        await announce(work, ROSA.id, "emergency_end", {"at": work.now.isoformat()})

    await office.act(None, act)


async def test_bookings_and_messages_beside_an_erasure_leave_no_key_behind(
    registry: Registry, clinic: Clinic
) -> None:
    office = registry.office
    acting = [book(office, ROSA, slot, browser=Browser(str(slot)), reason="planted") for slot in SLOTS]
    tasks = [asyncio.ensure_future(each) for each in (*acting, *(tell(office) for _ in range(6)))]
    erasing = asyncio.ensure_future(acts.erase(registry, ROSA, ROSA.id))
    ended = await asyncio.gather(*tasks, erasing, return_exceptions=True)
    assert not [each for each in ended if isinstance(each, BaseException) and not isinstance(each, Refusal)]
    assert not isinstance(ended[-1], BaseException)
    assert await keys_of(office, ROSA.id) == set()
    assert await wraps_of(office, ROSA.id) == 0
    query = select(appointments.c.state).join(
        appointment_clients, appointment_clients.c.appointment_id == appointments.c.id
    )
    async with office.database.reading() as c:
        left = set((await c.execute(query.where(appointment_clients.c.person_id == ROSA.id))).scalars())
    assert left <= {"cancelled"}


async def test_an_erasure_waits_for_a_message_that_is_being_written(
    registry: Registry, clinic: Clinic
) -> None:
    office = registry.office
    written, go_on = asyncio.Event(), asyncio.Event()

    async def act(work: Work) -> None:
        await announce(work, ROSA.id, "emergency_end", {"at": work.now.isoformat()})
        written.set()
        await asyncio.wait_for(go_on.wait(), 30)

    telling = asyncio.ensure_future(office.act(None, act))
    await asyncio.wait_for(written.wait(), 10)
    erasing = asyncio.ensure_future(acts.erase(registry, ROSA, ROSA.id))
    done, _ = await asyncio.wait({erasing}, timeout=0.3)
    assert not done
    go_on.set()
    await asyncio.wait_for(asyncio.gather(telling, erasing), 30)
    assert await keys_of(office, ROSA.id) == set()
    assert await wraps_of(office, ROSA.id) == 0
    async with office.database.reading() as c:
        assert (await c.execute(select(notices).where(notices.c.person_id == ROSA.id))).all() == []


async def test_a_partner_who_seals_something_shared_meanwhile_can_still_open_it(
    registry: Registry, clinic: Clinic
) -> None:
    office, record_id = registry.office, b"a-joint-record.."

    async def make(work: Work) -> None:
        await work.ring.new_record(work.connection, record_id, "correspondence", [ROSA.id, MIKA.id])

    await office.act(None, make)
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def seal(work: Work) -> bytes:
        key = await work.ring.record(work.connection, record_id)
        reached.set()
        await asyncio.wait_for(go_on.wait(), 30)
        sealed = key.seal("notices", "body", 0, '{"said": "by Mika"}')
        values = {"id": record_id, "person_id": MIKA.id, "kind": "said", "body": sealed}
        await work.connection.execute(insert(notices).values(created_at=work.now, **values))
        return bytes(sealed)

    sealing = asyncio.ensure_future(office.act(MIKA, seal))
    await asyncio.wait_for(reached.wait(), 10)
    erasing = asyncio.ensure_future(acts.erase(registry, ROSA, ROSA.id))
    done, _ = await asyncio.wait({erasing}, timeout=0.3)
    assert not done  # it waits for who is in the middle of something
    go_on.set()
    await asyncio.wait_for(asyncio.gather(sealing, erasing), 30)
    async with office.database.reading() as c:
        assert [each.body for each in await notices_of(c, office.ring, MIKA.id)] == [{"said": "by Mika"}]
        assert await keys.classes_of(c, ROSA.id) == set()


async def test_a_hold_that_was_acknowledged_beside_a_night_keeps_what_it_says(
    registry: Registry, clinic: Clinic, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes between the moment when something is found to be due and the one when it is removed."""
    office = registry.office
    if office.database.dialect == "sqlite":
        return  # its writers are one at a time
    await book(office, ROSA, reason="Words of Rosa's own")
    await tell(office)

    async def note(work: Work) -> None:
        await work.ring.new_record(work.connection, b"a-clinical-note.", "clinical", [ROSA.id])

    await office.act(None, note)
    async with office.database.reading() as c:
        told = len((await c.execute(select(notices.c.id).where(notices.c.person_id == ROSA.id))).all())
    assert told
    clock.advance(timedelta(days=40))

    def holding_first(module: object, name: str, cls: str) -> None:
        find, is_held = getattr(module, name), list[bytes]()

        async def found(*arguments: object, **named: object) -> object:
            due = await find(*arguments, **named)
            if not is_held:
                is_held.append(await holding.hold(office, ADMIN, ROSA.id, cls=cls, reason="File 17"))
            return due

        monkeypatch.setattr(module, name, found)

    holding_first(appointments_forgetting, "over_before", "booking")
    holding_first(notices_forgetting, "older_than", "correspondence")
    holding_first(retention, "without_appointment_since", "clinical")
    done = await retention.run(registry, {"account": 0, "booking": 30, "clinical": 30, "correspondence": 30})
    assert (done.booking, done.clinical) == (0, 0)
    assert await wraps_of(office, ROSA.id) >= 3
    async with office.database.reading() as c:
        assert (await c.execute(select(appointments.c.id))).all() != []
        kept = await c.execute(select(notices.c.id).where(notices.c.person_id == ROSA.id))
        assert len(kept.all()) == told

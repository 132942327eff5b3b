"""Records' keys made anew: key and data in one transaction, whoever reads or writes meanwhile."""

import pytest
from sqlalchemy import delete, select

from telehealth.appointments import acts
from telehealth.appointments.models import appointment_clients
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.crypto.aead import CannotOpen
from telehealth.errors import NotFound
from telehealth.keys.models import record_keys
from telehealth.keys.resealing import renew_record
from telehealth.keys.rotation import records as rotation
from telehealth.keys.rotation.steps import Rotated
from telehealth.notices.models import notices
from telehealth.office import SEALED_TABLES
from telehealth.people import store as people
from telehealth.people.models import people as people_table
from tests.clock import FakeClock
from tests.people import NADIA, NAMES, ROSA
from tests.unit.keys.rotation.conftest import WORDS
from tests.unit.keys.scene import Seen, begin_in, on_record, record_versions, sealed_versions


async def rotate(office: Office, seen: Seen | None = None) -> Rotated:
    return await rotation.rotate_records(begin_in(office), SEALED_TABLES, seen or Seen())


async def test_every_field_is_sealed_anew_and_opens(busy: Office) -> None:
    before = await sealed_versions(busy)
    seen = Seen()
    rotated = await rotate(busy, seen)
    assert rotated.remaining == 0
    assert seen.said[-1] == (rotated.done, rotated.done)
    assert await sealed_versions(busy) == {2: before[1]}
    assert await record_versions(busy, ROSA.id) == [2]
    assert [found.reason for found in await acts.mine(busy, ROSA)] == [WORDS]
    async with busy.database.reading() as c:
        assert (await people.names_of(c, busy.ring, [NADIA.id]))[NADIA.id] == NAMES[NADIA]
        session = await people.session_of(c, busy.ring, b"s" * 32)
        assert session is not None
        assert session.id_token is not None
        key = await busy.ring.record(c, session.person.id)
        assert key.open("sessions", people.token_column(session.id), 0, session.id_token) == "a.b.c"


async def test_a_second_rotation_goes_one_further(busy: Office) -> None:
    await rotate(busy)
    await rotate(busy)
    assert set(await sealed_versions(busy)) == {3}


async def test_the_key_before_opens_nothing_any_more(busy: Office) -> None:
    async with busy.database.reading() as c:
        old = await busy.ring.record(c, NADIA.id)
    await rotate(busy)
    async with busy.database.reading() as c:
        row = (await c.execute(select(people_table).where(people_table.c.id == NADIA.id))).one()
    with pytest.raises(CannotOpen):
        old.open("people", "name", row.revision, row.name)


async def test_the_record_of_who_looked_is_never_touched(busy: Office) -> None:
    audit_only = select(record_keys.c.record_id, record_keys.c.version, record_keys.c.wrapped).where(
        record_keys.c.record_id.not_in(select(people_table.c.id)),
        record_keys.c.record_id.not_in(select(appointment_clients.c.record_id)),
        record_keys.c.record_id.not_in(select(notices.c.id)),
    )
    async with busy.work(ROSA) as work:
        await work.audit(
            "note.write", "U", entity="note", entity_id=b"n" * 16, subjects=[ROSA.id], detail={"code": "x"}
        )
    async with busy.database.reading() as c:
        keys = (await c.execute(audit_only)).all()
        leaves = (await c.execute(select(audit_leaves))).all()
    await rotate(busy)
    async with busy.database.reading() as c:
        assert (await c.execute(audit_only)).all() == keys
        assert set(leaves) <= set((await c.execute(select(audit_leaves))).all())
    assert len(keys) == 1


async def test_one_that_was_killed_goes_on_with_those_not_done(
    busy: Office, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)

    def killed(done: int, _total: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rotation.rotate_records(begin_in(busy), SEALED_TABLES, killed)
    assert set(await sealed_versions(busy)) == {1, 2}
    clock.advance(minutes=5)
    first, last = Seen(), Seen()
    rotated = await rotate(busy, first)
    assert rotated.remaining == 0
    assert set(await sealed_versions(busy)) == {2}
    await rotate(busy, last)
    assert last.said[0][1] == first.said[0][1] + 4
    assert set(await sealed_versions(busy)) == {3}


async def test_one_that_was_killed_before_the_second_pass_is_swept_by_the_next(
    busy: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(_begin: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rotation, "_all_others_ended", killed)
        with pytest.raises(KeyboardInterrupt):
            await rotate(busy)
    assert await record_versions(busy, ROSA.id) == [1, 2]
    assert [found.reason for found in await acts.mine(busy, ROSA)] == [WORDS]
    rotated = await rotate(busy)
    assert (rotated.done, rotated.remaining) == (0, 0)
    assert await record_versions(busy, ROSA.id) == [2]


async def test_while_somebody_elses_transaction_stays_open_the_older_keys_stay(
    busy: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "PATIENCE", 3)

    async def somebody(_c: object) -> set[str]:
        return {"7/7"}

    with monkeypatch.context() as patched:
        patched.setattr(rotation, "others_under_way", somebody)
        rotated = await rotate(busy)
    assert rotated.remaining > 0
    assert "next run" in rotated.note
    assert await record_versions(busy, ROSA.id) == [1, 2]
    assert (await rotate(busy)).remaining == 0
    assert await record_versions(busy, ROSA.id) == [2]


async def test_what_was_sealed_under_the_older_key_meanwhile_is_found_by_the_second_pass(
    busy: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with busy.database.reading() as c:
        old = await busy.ring.record(c, ROSA.id)

    async def somebody_writes(_begin: object) -> bool:
        async with busy.database.transaction() as c:
            name = old.seal("people", "name", 1, "Rosa, late")
            mine = people_table.update().where(people_table.c.id == ROSA.id)
            await c.execute(mine.values(name=name, revision=1))
        return True

    with monkeypatch.context() as patched:
        patched.setattr(rotation, "_all_others_ended", somebody_writes)
        await rotate(busy)
    assert set(await sealed_versions(busy)) == {2}
    async with busy.database.reading() as c:
        assert (await people.names_of(c, busy.ring, [ROSA.id]))[ROSA.id] == "Rosa, late"


async def test_one_record_alone_gets_a_new_key_at_once(busy: Office) -> None:
    async with busy.database.transaction() as c:
        await renew_record(c, busy.ring, SEALED_TABLES, ROSA.id)
    assert await record_versions(busy, ROSA.id) == [2]
    assert await record_versions(busy, NADIA.id) == [1]
    async with busy.database.reading() as c:
        assert (await people.names_of(c, busy.ring, [ROSA.id]))[ROSA.id] == "Rosa"


async def test_a_record_that_nobody_can_open_gets_no_new_key(busy: Office) -> None:
    async with busy.database.transaction() as c:
        await c.execute(delete(record_keys).where(record_keys.c.record_id == ROSA.id))
        with pytest.raises(NotFound):
            await renew_record(c, busy.ring, SEALED_TABLES, ROSA.id)


async def test_the_rotation_is_on_record(busy: Office) -> None:
    await rotate(busy)
    assert await on_record(busy) == ["keys.rotate.records.begin", "keys.rotate.records.end"]

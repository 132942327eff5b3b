"""People's keys made anew: what they opened still opens, and the keys before open nothing."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments import acts
from telehealth.audit.details import detail_keys, open_detail
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.errors import Unavailable
from telehealth.keys import models
from telehealth.keys.rotation import subjects as rotation
from tests.clock import FakeClock
from tests.people import ROSA
from tests.unit.keys.rotation.conftest import WORDS
from tests.unit.keys.scene import Seen, begin_in, on_record


async def keys_of(office: Office) -> dict[tuple[bytes, str], tuple[int, bytes]]:
    async with office.database.reading() as c:
        rows = (await c.execute(select(models.subject_keys))).all()
    return {(row.subject_id, row.cls): (row.version, row.wrapped) for row in rows}


async def test_everybody_has_a_new_key_and_every_record_still_opens(busy: Office) -> None:
    before = await keys_of(busy)
    rotated = await rotation.rotate_subjects(begin_in(busy), Seen())
    after = await keys_of(busy)
    assert (rotated.done, rotated.remaining) == (len(before), 0)
    assert after.keys() == before.keys()
    assert {version for version, _ in after.values()} == {2}
    assert not {wrapped for _, wrapped in before.values()} & {wrapped for _, wrapped in after.values()}
    assert [found.reason for found in await acts.mine(busy, ROSA)] == [WORDS]


async def test_record_keys_and_sealed_words_stay_as_they_are(busy: Office) -> None:
    async with busy.database.reading() as c:
        details = (await c.execute(select(audit_leaves.c.leaf, audit_leaves.c.detail_ct))).all()
        keys = {
            row.record_id: (await busy.ring.record(c, row.record_id)).material for row in await _records(c)
        }
    await rotation.rotate_subjects(begin_in(busy), Seen())
    async with busy.database.reading() as c:
        now = {
            row.record_id: (await busy.ring.record(c, row.record_id)).material for row in await _records(c)
        }
        for row in await _records(c):
            assert row.subject_version == 2
        still = set((await c.execute(select(audit_leaves.c.leaf, audit_leaves.c.detail_ct))).all())
    assert now == keys
    assert set(details) <= still


async def _records(c: AsyncConnection) -> Sequence[Any]:
    return (await c.execute(select(models.record_keys))).all()


async def test_one_that_was_killed_goes_on_with_those_not_done(
    busy: Office, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 3)
    total = len(await keys_of(busy))

    def killed(done: int, _total: int) -> None:
        if done >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rotation.rotate_subjects(begin_in(busy), killed)
    clock.advance(minutes=5)
    rotated = await rotation.rotate_subjects(begin_in(busy), Seen())
    assert (rotated.done, rotated.remaining) == (total - 6, 0)
    assert {version for version, _ in (await keys_of(busy)).values()} == {2}
    clock.advance(minutes=5)
    assert (await rotation.rotate_subjects(begin_in(busy), Seen())).done == total


async def test_a_missing_epoch_is_told_and_nothing_is_touched(busy: Office, folder: FileKeks) -> None:
    before = await keys_of(busy)
    (folder.folder / "kek-202611-1").unlink()
    with pytest.raises(Unavailable):
        await rotation.rotate_subjects(begin_in(busy), Seen())
    assert await keys_of(busy) == before
    assert await on_record(busy) == []


async def test_the_record_of_who_looked_still_opens(busy: Office, clock: FakeClock) -> None:
    async with busy.work(ROSA) as work:
        await work.audit(
            "note.write", "U", entity="note", entity_id=b"n" * 16, subjects=[ROSA.id], detail={"code": "x"}
        )
        key = work.pseudonym_key
    clock.advance(minutes=5)
    await rotation.rotate_subjects(begin_in(busy), Seen())
    async with busy.database.reading() as c:
        row = (await c.execute(select(audit_leaves).where(audit_leaves.c.type == "note.write"))).one()
        keys = await detail_keys(c, busy.ring, key, [ROSA.id], row.ts)
    assert open_detail(keys[ROSA.id], row.id, row.detail_ct) == {"code": "x"}


async def test_the_rotation_is_on_record(busy: Office) -> None:
    await rotation.rotate_subjects(begin_in(busy), Seen())
    assert await on_record(busy) == ["keys.rotate.subjects.begin", "keys.rotate.subjects.end"]

"""The chainer: in order, several at once, and never stopped by a fault that passes."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from telehealth.audit import chain, checkpoint, store
from telehealth.audit.chain import Chainer, append_once, run
from telehealth.audit.models import audit_chain, audit_leaves, audit_pending
from telehealth.audit.office import Office, Work
from telehealth.audit.rules import START, link
from tests.clock import FakeClock
from tests.unit.audit.scene import ANN, write

SEED = bytes(range(32))
PUBLIC = checkpoint.signing_key(SEED).public_key()


async def links(office: Office) -> list[tuple[int, bytes, bytes, bytes]]:
    async with office.database.reading() as connection:
        rows = await connection.execute(select(audit_chain).order_by(audit_chain.c.seq))
        return [(row.seq, row.leaf, row.prev, row.hash) for row in rows]


async def append(office: Office, limit: int = 256) -> int:
    async with office.database.transaction() as connection:
        return await append_once(connection, limit)


async def test_entries_are_chained_in_order_and_each_once(office: Office) -> None:
    await write(office, 5, chained=False)
    assert await append(office, limit=3) == 3
    assert await append(office) == 2
    assert await append(office) == 0
    async with office.database.reading() as connection:
        written = select(audit_leaves.c.leaf).order_by(audit_leaves.c.ts)
        leaves = list((await connection.execute(written)).scalars())
        assert not await store.is_pending(connection)
    prev = START
    for number, (seq, leaf, before, hash_) in enumerate(await links(office), start=1):
        assert (seq, leaf, before, hash_) == (number, leaves[number - 1], prev, link(prev, leaf))
        prev = hash_
    assert len(leaves) == 5


async def test_chainers_beside_each_other_make_one_chain(office: Office) -> None:
    await write(office, 40, chained=False)
    await asyncio.gather(*(append(office, limit=7) for _ in range(8)))
    chained = await links(office)
    assert [seq for seq, *_ in chained] == list(range(1, 41))
    assert len({leaf for _, leaf, *_ in chained}) == 40


async def test_the_running_chainer_takes_what_comes_and_signs_at_the_end(
    office: Office, tmp_path: Path
) -> None:
    file, stop = tmp_path / "checkpoints", asyncio.Event()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(run(office, file, SEED, stop))
        await write(office, 3, chained=False)
        stop.set()
    chained = await links(office)
    assert len(chained) == 3
    last = checkpoint.read(PUBLIC, checkpoint.notes_in(file)[-1])
    assert (last.seq, last.head) == (3, chained[-1][3])
    assert last.origin == "practice-1/audit"


async def test_a_head_is_signed_at_once_then_after_256_entries(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "SIGN_EVERY_ENTRIES", 4)
    file = tmp_path / "checkpoints"
    chainer = Chainer(office, file, SEED)
    signed = []
    for _ in range(6):
        await write(office, 2, chained=False)
        await chainer.turn()
        signed.append([checkpoint.read(PUBLIC, note).seq for note in checkpoint.notes_in(file)])
    assert signed == [[2], [2], [2, 6], [2, 6], [2, 6, 10], [2, 6, 10]]


async def test_a_head_is_signed_after_a_minute_and_not_twice(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "SIGN_EVERY_SECONDS", 0)
    file = tmp_path / "checkpoints"
    chainer = Chainer(office, file, SEED)
    await chainer.turn()
    assert checkpoint.notes_in(file) == []
    await write(office, 1, chained=False)
    await chainer.turn()
    await chainer.turn(sign_now=True)
    assert len(checkpoint.notes_in(file)) == 1
    await write(office, 1, chained=False)
    await chainer.turn()
    assert len(checkpoint.notes_in(file)) == 2


async def test_what_is_signed_already_is_not_signed_again_after_a_start(
    office: Office, tmp_path: Path
) -> None:
    file = tmp_path / "checkpoints"
    await write(office, 2, chained=False)
    for seed, notes in ((SEED, 1), (SEED, 1), (bytes(range(1, 33)), 2)):  # a new key signs what there is
        await Chainer(office, file, seed).turn(sign_now=True)
        assert len(checkpoint.notes_in(file)) == notes
    await write(office, 1, chained=False)
    for _ in range(2):
        await Chainer(office, file, SEED).turn()
        assert len(checkpoint.notes_in(file)) == 3


async def test_a_database_that_is_away_for_a_while_does_not_stop_the_chainer(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()
    failed = asyncio.Event()

    async def away(_connection: object) -> bool:
        monkeypatch.undo()
        failed.set()
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))

    await write(office, 1, chained=False)
    monkeypatch.setattr(store, "is_pending", away)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(run(office, tmp_path / "checkpoints", SEED, stop))
        await failed.wait()
        stop.set()
    assert len(await links(office)) == 1
    assert "will be tried again: OperationalError" in caplog.text


async def test_a_checkpoint_volume_that_is_away_does_not_stop_the_chain(
    office: Office, tmp_path: Path
) -> None:
    stop = asyncio.Event()
    stop.set()
    await write(office, 1, chained=False)
    await run(office, tmp_path / "not mounted" / "checkpoints", SEED, stop)
    assert len(await links(office)) == 1


async def test_the_state_tells_length_time_and_newest_checkpoint(
    office: Office, tmp_path: Path, clock: FakeClock
) -> None:
    async with office.database.reading() as connection:
        empty = await store.state(connection)
    assert empty == store.State(0, None, verified=False, checkpoint_at=None)
    await write(office, 1, chained=False)
    await Chainer(office, tmp_path / "checkpoints", SEED).turn()
    async with office.database.reading() as connection:
        state = await store.state(connection)
    assert state == store.State(1, clock.now, verified=True, checkpoint_at=clock.now)


async def test_the_state_tells_a_checkpoint_that_does_not_fit(office: Office, clock: FakeClock) -> None:
    await write(office, 1)
    async with office.database.transaction() as connection:
        await store.note_checkpoint(connection, ANN.id, store.Head(1, bytes(32)), clock.now)
        assert not (await store.state(connection)).verified


async def test_an_act_that_is_rolled_back_leaves_nothing_to_chain(office: Office) -> None:
    async def act(work: Work) -> None:
        await work.audit("x", "U", entity="note", entity_id=ANN.id, subjects=[])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await office.act(ANN, act)
    async with office.database.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(audit_pending))).scalar_one() == 0

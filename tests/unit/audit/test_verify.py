"""Verification finds what somebody with the database in their hands would do to the record."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit import checkpoint
from telehealth.audit import verify as verification
from telehealth.audit.chain import Chainer
from telehealth.audit.checkpoint import Checkpoint
from telehealth.audit.models import append_only_ddl, audit_chain
from telehealth.audit.office import Office
from telehealth.audit.rules import START, link
from telehealth.audit.verify import Report, verify
from tests.unit.audit.scene import write

SEED = bytes(range(32))
KEY = checkpoint.signing_key(SEED)


@pytest.fixture
async def signed(office: Office, tmp_path: Path) -> Path:
    """Ten entries, the first eight of them signed; returns the checkpoint file."""
    file = tmp_path / "checkpoints"
    await write(office, 8, chained=False)
    await Chainer(office, file, SEED).turn()
    await write(office, 2)
    return file


async def verified(office: Office, file: Path) -> Report:
    return await verify(office.database, file, KEY.public_key())


def flaws(report: Report) -> list[tuple[int | None, str]]:
    return [(finding.seq, finding.flaw) for finding in report.findings]


@asynccontextmanager
async def tampering(office: Office) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """What an intruder who owns the database can do: no trigger and no foreign key is in the way."""
    database = office.database
    async with database.engine.connect() as connection:
        await connection.execution_options(writes=True)
        if database.dialect == "sqlite":
            raw = await connection.get_raw_connection()
            assert raw.driver_connection is not None
            for pragma in ("foreign_keys = OFF", "ignore_check_constraints = ON"):
                await raw.driver_connection.execute(f"PRAGMA {pragma}")
            for statement in append_only_ddl("sqlite"):
                await connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {statement.split()[2]}")
        else:
            await connection.exec_driver_sql("SET LOCAL session_replication_role = replica")

        async def run(statement: str) -> None:
            done = await connection.exec_driver_sql(statement)
            assert done.rowcount > 0, "nothing was tampered with"

        yield run
        await connection.commit()
        await connection.invalidate()


async def rewrite(office: Office, first: int, last: int) -> None:
    """Give the chain from `first` to `last` links that fit, as a patient intruder would."""
    async with office.database.reading() as connection:
        rows = (await connection.execute(select(audit_chain).order_by(audit_chain.c.seq))).all()
    prev = START if first == 1 else next(row.hash for row in rows if row.seq == first - 1)
    async with tampering(office) as run:
        for row in rows:
            if first <= row.seq <= last:
                hash_ = link(prev, row.leaf)
                where = f"WHERE seq = {row.seq}"
                await run(
                    f"UPDATE audit_chain SET prev = {_hex(office, prev)}, hash = {_hex(office, hash_)} {where}"
                )
                prev = hash_


def _hex(office: Office, value: bytes) -> str:
    return f"x'{value.hex()}'" if office.database.dialect == "sqlite" else f"'\\x{value.hex()}'::bytea"


def leaf_at(seq: int) -> str:
    return f"(SELECT leaf FROM audit_chain WHERE seq = {seq})"


async def test_an_untouched_record_is_whole(office: Office, signed: Path) -> None:
    report = await verified(office, signed)
    assert report.is_whole
    assert report.first_bad is None
    assert (report.head.seq, report.pending, report.checkpoints, report.last_checkpoint) == (10, 0, 1, 8)


async def test_an_empty_record_is_whole(office: Office, tmp_path: Path) -> None:
    report = await verify(office.database, tmp_path / "none", KEY.public_key().public_bytes_raw())
    assert (report.is_whole, report.head.seq) == (True, 0)


async def test_a_checkpoint_file_that_lost_its_end_or_is_gone_is_found(
    office: Office, signed: Path, tmp_path: Path
) -> None:
    (first,) = checkpoint.notes_in(signed)
    await Chainer(office, signed, SEED).turn()
    assert (await verified(office, signed)).is_whole
    checkpoint.append_to(tmp_path / "cut off", first)
    report = await verified(office, tmp_path / "cut off")
    assert flaws(report) == [(None, "bad_checkpoint")]
    assert report.findings[0].sentence.startswith("Entry 10 was signed, but the checkpoint file does not")
    assert flaws(await verified(office, tmp_path / "gone")) == [(None, "bad_checkpoint")]


async def test_a_service_that_signs_meanwhile_is_no_flaw(
    office: Office, signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and behind every reading of the database something is written and signed."""
    chainer, reading = Chainer(office, signed, SEED), office.database.reading

    async def goes_on() -> None:
        monkeypatch.setattr(office.database, "reading", reading)
        await write(office, 1, chained=False)
        await chainer.turn(sign_now=True)
        monkeypatch.setattr(office.database, "reading", busy)

    @asynccontextmanager
    async def busy() -> AsyncIterator[AsyncConnection]:
        await goes_on()
        async with reading() as connection:
            yield connection
        await goes_on()

    monkeypatch.setattr(office.database, "reading", busy)
    report = await verified(office, signed)
    assert report.is_whole, report.findings
    assert report.head.seq > 10


async def test_a_checkpoint_that_a_full_disk_tore_off_spoils_none_that_follow(
    office: Office, signed: Path
) -> None:
    with signed.open("ab") as file:
        file.write(checkpoint.notes_in(signed)[0].encode()[:60])
    assert (await verified(office, signed)).is_whole
    await Chainer(office, signed, SEED).turn()
    report = await verified(office, signed)
    assert (report.is_whole, report.checkpoints, report.last_checkpoint) == (True, 2, 10)


async def test_entries_that_wait_for_the_chainer_are_no_flaw(office: Office, signed: Path) -> None:
    await write(office, 2, chained=False)
    report = await verified(office, signed)
    assert (report.is_whole, report.pending) == (True, 2)


@pytest.mark.parametrize(
    "change",
    [
        "type = 'note.read'",
        "action = 'R'",
        "outcome = 'refused'",
        "agent = patient",
        "session = NULL",
        "entity_type = 'visit'",
        "entity_id = agent",
        "patient = NULL",
        "purpose = 'HRESCH'",
        "detail_ct = id",
        "id = entity_id",
    ],
)
async def test_every_edit_of_an_entry_is_found(office: Office, signed: Path, change: str) -> None:
    async with tampering(office) as run:
        await run(f"UPDATE audit_leaves SET {change} WHERE leaf = {leaf_at(4)}")
    report = await verified(office, signed)
    assert flaws(report) == [(4, "edited")]
    assert report.first_bad == 4


async def test_an_edit_of_the_time_is_found(office: Office, signed: Path) -> None:
    earlier = (
        "datetime(ts, '-1 day')" if office.database.dialect == "sqlite" else "ts - interval '1 microsecond'"
    )
    async with tampering(office) as run:
        await run(f"UPDATE audit_leaves SET ts = {earlier} WHERE leaf = {leaf_at(4)}")
    assert flaws(await verified(office, signed)) == [(4, "edited")]


UNREADABLE = {
    "sqlite": (
        "agent = 'x'",
        "ts = 'garbage'",
        "entity_id = 'text'",
        "action = x'41'",
        "detail_ct = 'text'",
        "type = CAST(x'ff' AS TEXT)",
        "id = 17",
    ),
    "postgresql": ("ts = '0044-03-15 BC'", "ts = 'infinity'"),  # its columns take nothing worse
}


async def test_every_entry_that_cannot_be_read_is_an_edited_one(office: Office, signed: Path) -> None:
    changes = UNREADABLE[office.database.dialect]
    async with tampering(office) as run:
        for seq, change in enumerate(changes, start=2):
            await run(f"UPDATE audit_leaves SET {change} WHERE leaf = {leaf_at(seq)}")
    report = await verified(office, signed)
    assert flaws(report) == [(seq, "edited") for seq in range(2, 2 + len(changes))]
    assert report.head.seq == 10


async def test_a_link_that_cannot_be_read_is_an_edited_one(office: Office, signed: Path) -> None:
    if office.database.dialect == "postgresql":
        return  # its columns take nothing else
    for change, first_bad in (("hash = 'text'", 6), ("leaf = 'text'", 4), ("seq = 'text'", 2)):
        async with tampering(office) as run:
            await run(f"UPDATE audit_chain SET {change} WHERE seq = {first_bad}")
        report = await verified(office, signed)
        assert report.first_bad == first_bad
        assert (first_bad, "edited") in flaws(report) or change.startswith("seq")
    async with tampering(office) as run:
        await run("UPDATE audit_checkpoints SET seq = 'text'")
    assert (None, "bad_checkpoint") in flaws(await verified(office, signed))


async def test_an_edit_after_the_last_checkpoint_is_found(office: Office, signed: Path) -> None:
    async with tampering(office) as run:
        await run(f"UPDATE audit_leaves SET outcome = 'refused' WHERE leaf = {leaf_at(10)}")
    assert flaws(await verified(office, signed)) == [(10, "edited")]


async def test_an_edit_that_also_corrects_the_leafs_own_hash_is_found(office: Office, signed: Path) -> None:
    async with tampering(office) as run:
        fake = _hex(office, bytes(32))
        await run(f"UPDATE audit_leaves SET outcome = 'refused', leaf = {fake} WHERE leaf = {leaf_at(4)}")
    assert flaws(await verified(office, signed)) == [(4, "deleted"), (None, "unchained")]


async def test_a_deleted_entry_is_found(office: Office, signed: Path) -> None:
    async with tampering(office) as run:
        await run(f"DELETE FROM audit_leaves WHERE leaf = {leaf_at(4)}")
    report = await verified(office, signed)
    assert flaws(report) == [(4, "deleted")]
    assert "entry 4" in report.findings[0].sentence


async def test_a_deleted_link_is_found(office: Office, signed: Path) -> None:
    async with tampering(office) as run:
        await run(f"DELETE FROM audit_leaves WHERE leaf = {leaf_at(4)}")
        await run("DELETE FROM audit_chain WHERE seq = 4")
    assert flaws(await verified(office, signed)) == [(4, "deleted")]


async def test_an_entry_taken_out_of_the_chain_is_found(office: Office, signed: Path) -> None:
    async with tampering(office) as run:
        await run("DELETE FROM audit_chain WHERE seq = 10")
    assert flaws(await verified(office, signed)) == [(None, "unchained")]


async def test_the_first_entry_deleted_is_found(office: Office, signed: Path) -> None:
    async with tampering(office) as run:
        await run(f"DELETE FROM audit_leaves WHERE leaf = {leaf_at(1)}")
        await run("DELETE FROM audit_chain WHERE seq = 1")
    assert (await verified(office, signed)).first_bad == 1


async def test_two_swapped_entries_are_found(office: Office, signed: Path) -> None:
    async with tampering(office) as run:
        for old, new in ((3, 103), (6, 3), (103, 6)):
            await run(f"UPDATE audit_chain SET seq = {new} WHERE seq = {old}")
    report = await verified(office, signed)
    assert report.first_bad == 3
    assert {finding.flaw for finding in report.findings} == {"swapped"}


async def test_two_swapped_entries_whose_links_were_made_to_fit_are_found(
    office: Office, signed: Path
) -> None:
    async with tampering(office) as run:
        for old, new in ((3, 103), (6, 3), (103, 6)):
            await run(f"UPDATE audit_chain SET seq = {new} WHERE seq = {old}")
    await rewrite(office, 1, 10)
    assert flaws(await verified(office, signed)) == [(8, "forked")]


async def test_a_fork_is_found(office: Office, signed: Path) -> None:
    """An entry is taken away, the rest moves up, every link fits, and new entries fill the gap at the end."""
    async with tampering(office) as run:
        await run(f"DELETE FROM audit_leaves WHERE leaf = {leaf_at(4)}")
        await run("DELETE FROM audit_chain WHERE seq = 4")
        for seq in range(5, 11):
            await run(f"UPDATE audit_chain SET seq = {seq - 1} WHERE seq = {seq}")
    await rewrite(office, 1, 9)
    await write(office, 3)
    assert flaws(await verified(office, signed)) == [(8, "forked")]


async def test_a_fork_of_the_last_hash_alone_is_found(office: Office, signed: Path) -> None:
    async with tampering(office) as run:
        await run(f"UPDATE audit_chain SET hash = {_hex(office, bytes(32))} WHERE seq = 10")
    assert flaws(await verified(office, signed)) == [(10, "swapped")]


async def test_truncation_below_a_checkpoint_is_found(office: Office, signed: Path) -> None:
    async with tampering(office) as run:
        await run("DELETE FROM audit_leaves WHERE leaf IN (SELECT leaf FROM audit_chain WHERE seq > 6)")
        await run("DELETE FROM audit_chain WHERE seq > 6")
    report = await verified(office, signed)
    assert flaws(report) == [(7, "truncated")]
    assert "Entry 8 was signed and is gone; the chain ends at 6." in report.findings[0].sentence


async def test_a_record_cut_off_altogether_is_found(office: Office, signed: Path) -> None:
    async with tampering(office) as run:
        await run("DELETE FROM audit_chain")
        await run("DELETE FROM audit_leaves")
    assert flaws(await verified(office, signed)) == [(1, "truncated")]


async def test_a_signed_link_that_was_cut_out_is_told_once(office: Office, signed: Path) -> None:
    async with tampering(office) as run:
        await run(f"DELETE FROM audit_leaves WHERE leaf = {leaf_at(8)}")
        await run("DELETE FROM audit_chain WHERE seq = 8")
    report = await verified(office, signed)
    assert report.first_bad == 8
    assert {finding.flaw for finding in report.findings} == {"deleted"}


async def test_a_checkpoint_of_another_key_is_not_believed(office: Office, signed: Path) -> None:
    other = checkpoint.signing_key(bytes(range(1, 33)))
    checkpoint.append_to(signed, checkpoint.sign(other, Checkpoint("practice-1/audit", 99, bytes(32))))
    report = await verified(office, signed)
    assert flaws(report) == [(None, "bad_checkpoint")]
    assert (report.first_bad, report.checkpoints) == (None, 1)


async def test_an_edited_checkpoint_is_found(office: Office, signed: Path, tmp_path: Path) -> None:
    (note,) = checkpoint.notes_in(signed)
    edited = tmp_path / "edited"
    checkpoint.append_to(edited, note.replace("\n8\n", "\n7\n"))
    assert flaws(await verified(office, edited)) == [(None, "bad_checkpoint")]


async def test_two_checkpoints_that_disagree_are_found(office: Office, signed: Path) -> None:
    checkpoint.append_to(signed, checkpoint.sign(KEY, Checkpoint("practice-1/audit", 8, bytes(32))))
    assert flaws(await verified(office, signed)) == [(8, "forked")]


async def test_a_long_record_without_checkpoints_is_told(
    office: Office, signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "SIGN_EVERY_ENTRIES", 1)
    report = await verified(office, signed)
    assert flaws(report) == [(9, "unsigned")]
    assert "The last 2 entries were never signed" in report.findings[0].sentence


async def test_no_more_than_a_hundred_flaws_are_listed(office: Office, tmp_path: Path) -> None:
    await write(office, 101)
    async with tampering(office) as run:
        await run("UPDATE audit_leaves SET outcome = 'refused'")
    report = await verified(office, tmp_path / "none")
    assert len(report.findings) == 100
    assert report.first_bad == 1

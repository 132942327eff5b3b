"""Verification finds what somebody with the database in their hands would do to the record."""

from pathlib import Path

import pytest

from telehealth.audit import verify as verification
from telehealth.audit.office import Office
from telehealth.audit.verify import verify
from tests.unit.audit.scene import write
from tests.unit.audit.tampering import KEY, flaws, hex_of, leaf_at, rewrite, tampering, verified


async def test_an_untouched_record_is_whole(office: Office, signed: Path) -> None:
    report = await verified(office, signed)
    assert report.is_whole
    assert report.first_bad is None
    assert (report.head.seq, report.pending, report.checkpoints, report.last_checkpoint) == (10, 0, 1, 8)


async def test_an_empty_record_is_whole(office: Office, tmp_path: Path) -> None:
    report = await verify(office.database, tmp_path / "none", [KEY.public_key()])
    assert (report.is_whole, report.head.seq) == (True, 0)


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


async def test_an_edit_after_the_last_checkpoint_is_found(office: Office, signed: Path) -> None:
    async with tampering(office) as run:
        await run(f"UPDATE audit_leaves SET outcome = 'refused' WHERE leaf = {leaf_at(10)}")
    assert flaws(await verified(office, signed)) == [(10, "edited")]


async def test_an_edit_that_also_corrects_the_leafs_own_hash_is_found(office: Office, signed: Path) -> None:
    async with tampering(office) as run:
        fake = hex_of(office, bytes(32))
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
        await run(f"UPDATE audit_chain SET hash = {hex_of(office, bytes(32))} WHERE seq = 10")
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

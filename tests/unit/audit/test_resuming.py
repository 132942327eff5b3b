"""After a restore the record says what is lost and goes on; what a restore does not explain stays wrong."""

from pathlib import Path

import pytest

from telehealth.audit import checkpoint, standing
from telehealth.audit.chain import Chainer
from telehealth.audit.checkpoint import Checkpoint
from telehealth.audit.office import Office
from telehealth.audit.resuming import Resumed, parted_at, resume
from telehealth.audit.verify import verify
from telehealth.crypto.note import public_keys
from telehealth.errors import Conflict
from tests.unit.audit.scene import write
from tests.unit.audit.tampering import KEY, SEED, flaws, tampering, verified


@pytest.fixture
async def restored(office: Office, tmp_path: Path) -> Path:
    """Six entries and then ten were signed; a backup with eight of them is what is left. The checkpoint file."""
    file = tmp_path / "checkpoints"
    for count in (6, 4):
        await write(office, count, chained=False)
        await Chainer(office, file, SEED).turn()
    await cut(office, 8)
    return file


async def cut(office: Office, last: int) -> None:
    """Leave the first entries only, with their leaves, as in an older database."""
    async with tampering(office) as run:
        await run(f"DELETE FROM audit_leaves WHERE leaf IN (SELECT leaf FROM audit_chain WHERE seq > {last})")
        await run(f"DELETE FROM audit_chain WHERE seq > {last}")


async def test_what_a_restore_took_is_said_and_the_record_is_whole_again(
    office: Office, restored: Path
) -> None:
    assert flaws(await verified(office, restored)) == [(9, "truncated")]
    assert await resume(office, restored, SEED) == Resumed(kept=6, lost_to=10)
    report = await verified(office, restored)
    assert (report.is_whole, report.lost, report.last_checkpoint) == (True, [(7, 10)], 8)
    await write(office, 5, chained=False)
    await Chainer(office, restored, SEED).turn()
    report = await verified(office, restored)
    assert (report.is_whole, report.lost, report.head.seq) == (
        True,
        [(7, 10)],
        14,
    )  # the resumption is one of them


async def test_a_service_that_wrote_on_before_is_gone_on_from(office: Office, restored: Path) -> None:
    await write(office, 3, chained=False)
    await Chainer(office, restored, SEED).turn()
    assert flaws(await verified(office, restored)) == [(10, "forked")]
    assert await resume(office, restored, SEED) == Resumed(kept=6, lost_to=11)
    assert (await verified(office, restored)).is_whole


async def test_a_record_that_a_former_key_signed_is_gone_on_from(office: Office, restored: Path) -> None:
    new, former = bytes(range(1, 33)), [KEY.public_key().public_bytes_raw()]
    assert await resume(office, restored, new, former) == Resumed(kept=6, lost_to=10)
    report = await verify(office.database, restored, public_keys(new, former))
    assert (report.is_whole, report.lost) == (True, [(7, 10)])


async def test_what_is_cut_off_after_a_resumption_is_found(office: Office, restored: Path) -> None:
    await resume(office, restored, SEED)
    await cut(office, 7)
    assert flaws(await verified(office, restored)) == [(8, "truncated")]


async def test_a_resumption_that_does_not_fit_the_chain_is_found(office: Office, restored: Path) -> None:
    origin = checkpoint.origin_of("practice-1", f"{checkpoint.RESUMED}1")
    checkpoint.append_to(restored, checkpoint.sign(KEY, Checkpoint(origin, 6, bytes(32))))
    assert (6, "forked") in flaws(await verified(office, restored))


async def test_a_resumption_copied_to_a_later_place_takes_nothing_back(
    office: Office, restored: Path
) -> None:
    await resume(office, restored, SEED)
    (note,) = (text for text in checkpoint.notes_in(restored) if checkpoint.RESUMED in text)
    await write(office, 4, chained=False)
    await Chainer(office, restored, SEED).turn()
    checkpoint.append_to(restored, note)
    await cut(office, 8)
    assert flaws(await verified(office, restored)) == [(None, "bad_checkpoint"), (9, "truncated")]


async def test_the_same_backup_may_be_restored_twice(office: Office, restored: Path) -> None:
    await resume(office, restored, SEED)
    await write(office, 4, chained=False)
    await Chainer(office, restored, SEED).turn()
    await cut(office, 7)
    assert await resume(office, restored, SEED) == Resumed(kept=6, lost_to=13)
    report = await verified(office, restored)
    assert (report.is_whole, report.lost) == (True, [(7, 10), (7, 13)])


async def test_nobody_resumes_with_a_key_of_their_own(office: Office, restored: Path) -> None:
    other = checkpoint.signing_key(bytes(range(32, 64)))
    origin = checkpoint.origin_of("practice-1", f"{checkpoint.RESUMED}1")
    checkpoint.append_to(restored, checkpoint.sign(other, Checkpoint(origin, 6, bytes(32))))
    found = flaws(await verified(office, restored))
    assert (None, "bad_checkpoint") in found
    assert (9, "truncated") in found


async def refused(office: Office, file: Path) -> str:
    before = checkpoint.notes_in(file)
    with pytest.raises(Conflict) as refusal:
        await resume(office, file, SEED)
    assert checkpoint.notes_in(file) == before
    return refusal.value.code


async def test_a_whole_record_is_not_resumed(office: Office, restored: Path) -> None:
    await resume(office, restored, SEED)
    assert await refused(office, restored) == "record_whole"


async def test_more_than_a_restore_explains_is_not_made_good(office: Office, restored: Path) -> None:
    async with tampering(office) as run:
        await run("UPDATE audit_leaves SET outcome = 'refused' WHERE type = 'note.write'")
    assert await refused(office, restored) == "record_changed"


async def test_another_database_is_not_gone_on_with(office: Office, restored: Path) -> None:
    await cut(office, 3)
    assert await refused(office, restored) == "record_of_another"


async def test_a_chain_that_parted_from_its_checkpoints_is_told_at_the_start(
    office: Office, restored: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert await parted_at(office.database, restored) == 10
    await write(office, 4)
    assert await parted_at(office.database, restored) == 10  # as long again, but not the same
    await standing.warn(office.database, restored)
    assert "Entry 10 of the record was signed, and is gone or another one now." in caplog.text
    await resume(office, restored, SEED)
    assert await parted_at(office.database, restored) is None


async def test_a_file_without_notes_tells_nothing(office: Office, tmp_path: Path) -> None:
    for content in ("", "nothing\nof the kind\n"):
        (tmp_path / "file").write_text(content)
        assert await parted_at(office.database, tmp_path / "file") is None
    assert (await verify(office.database, tmp_path / "none", [KEY.public_key()])).lost == []

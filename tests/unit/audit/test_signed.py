"""The file of signed heads against the record: cut off, exchanged, torn, signed by somebody else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit import checkpoint
from telehealth.audit.chain import Chainer
from telehealth.audit.checkpoint import Checkpoint, Unproven
from telehealth.audit.office import Office
from telehealth.audit.verify import verify
from telehealth.crypto.note import public_keys
from tests.unit.audit.scene import write
from tests.unit.audit.tampering import KEY, SEED, flaws, verified


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


async def test_a_checkpoint_of_another_key_is_not_believed(office: Office, signed: Path) -> None:
    other = checkpoint.signing_key(bytes(range(1, 33)))
    checkpoint.append_to(signed, checkpoint.sign(other, Checkpoint("practice-1/audit", 99, bytes(32))))
    report = await verified(office, signed)
    assert flaws(report) == [(None, "bad_checkpoint")]
    assert (report.first_bad, report.checkpoints) == (None, 1)


async def test_only_what_can_make_a_difference_is_proven(
    office: Office, signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest note vouches for all that say what the chain says; a signature spoilt there hides nothing."""
    proven: list[int] = []
    prove = Unproven.prove

    def counted(self: Unproven) -> None:
        proven.append(self.point.seq)
        prove(self)

    monkeypatch.setattr(Unproven, "prove", counted)
    for _ in range(30):
        await write(office, 1, chained=False)
        await Chainer(office, signed, SEED).turn()
    proven.clear()
    assert (await verified(office, signed)).is_whole
    assert proven == [40]
    first, *_, last = notes = checkpoint.notes_in(signed)
    spoilt = [spoil(first), *notes[1:]]
    report = await verified(office, written(signed, spoilt))
    assert (report.is_whole, report.checkpoints) == (True, 31)
    report = await verified(office, written(signed, [*notes[:-1], spoil(last)]))
    assert flaws(report) == [(None, "bad_checkpoint")]
    assert report.last_checkpoint == 39


def spoil(note: str) -> str:
    """Another signature in the same form."""
    other = checkpoint.sign(KEY, Checkpoint("practice-1/audit", 1, bytes(32))).split("\n")[4]
    return "\n".join([*note.split("\n")[:4], other, "", ""])


def written(file: Path, notes: list[str]) -> Path:
    file.write_text("".join(notes))
    return file


async def test_a_new_key_goes_on_where_the_former_one_ended(office: Office, signed: Path) -> None:
    new = bytes(range(1, 33))
    former = [KEY.public_key().public_bytes_raw()]
    await Chainer(office, signed, new).turn()  # at once, although nothing new is there
    assert (await verify(office.database, signed, public_keys(new, former))).last_checkpoint == 10
    report = await verify(office.database, signed, public_keys(new, former))
    assert (report.is_whole, report.checkpoints) == (True, 2)
    assert flaws(await verify(office.database, signed, public_keys(new))) == [(None, "bad_checkpoint")]
    await write(office, 1, chained=False)
    await Chainer(office, signed, SEED).turn()  # whoever has the former key signs on
    report = await verify(office.database, signed, public_keys(new, former))
    assert flaws(report) == [(None, "bad_checkpoint")]
    assert "signed by a key that was replaced before" in report.findings[0].sentence


async def test_an_edited_checkpoint_is_found(office: Office, signed: Path, tmp_path: Path) -> None:
    (note,) = checkpoint.notes_in(signed)
    edited = tmp_path / "edited"
    checkpoint.append_to(edited, note.replace("\n8\n", "\n7\n"))
    assert flaws(await verified(office, edited)) == [(None, "bad_checkpoint")]


async def test_two_checkpoints_that_disagree_are_found(office: Office, signed: Path) -> None:
    checkpoint.append_to(signed, checkpoint.sign(KEY, Checkpoint("practice-1/audit", 8, bytes(32))))
    assert flaws(await verified(office, signed)) == [(8, "forked")]

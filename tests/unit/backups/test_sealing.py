"""Sealed files: who may open them can, to the last byte; nobody else, and nothing that was touched."""

import os
from errno import ENOSPC
from io import StringIO
from pathlib import Path

import pytest

from telehealth.backups.archive import BadArchive
from telehealth.backups.sealing import BadKey, identities_in, new_identity, opened, recipients_from, sealed

CONTENT = bytes(range(256)) * 1024  # several of the chunks in which age seals
CLINIC, WITNESS = new_identity(), new_identity()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Sealed for two."""
    made = tmp_path / "x.age"
    with sealed(made, [CLINIC.to_public(), WITNESS.to_public()]) as out:
        out.write(CONTENT)
    return made


def content_of(file: Path, identity: object = CLINIC) -> bytes:
    with opened(file, [identity]) as source:
        return source.read()


@pytest.mark.parametrize("identity", [CLINIC, WITNESS])
def test_each_recipient_opens_all_of_it(file: Path, identity: object) -> None:
    assert content_of(file, identity) == CONTENT
    assert file.stat().st_mode & 0o777 == 0o600


def test_nobody_else_does(file: Path) -> None:
    with pytest.raises(BadArchive, match="sealed for another key"):
        content_of(file, new_identity())


@pytest.mark.parametrize("at", [400, -1])
def test_a_changed_byte_is_found(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)
    with pytest.raises(BadArchive):
        content_of(file)


@pytest.mark.parametrize("kept", [-1, 70_000, 100])
def test_a_cut_off_end_is_found(file: Path, kept: int) -> None:
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(BadArchive):
        content_of(file)


def test_what_is_read_only_in_part_passes_its_own_error_on(file: Path) -> None:
    with pytest.raises(UnicodeDecodeError), opened(file, [CLINIC]) as source:
        source.read(200).decode("ascii")


def test_a_file_is_never_written_over(file: Path) -> None:
    with pytest.raises(FileExistsError), sealed(file, [CLINIC.to_public()]):
        pass


def test_a_full_disk_is_said() -> None:
    with pytest.raises(OSError, match="No space") as said:
        _fill(Path("/dev/full"))
    assert (said.value.errno, said.value.filename) == (ENOSPC, "/dev/full")


def _fill(target: Path) -> None:
    """Through what `sealed` does after it has made its file."""
    real = os.open

    def on_target(*_: object) -> int:
        return real(target, os.O_WRONLY)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("telehealth.backups.sealing.os.open", on_target)
        with sealed(target, [CLINIC.to_public()]) as out:
            for _ in range(64):
                out.write(CONTENT)


def test_keys_are_read_as_they_are_written_and_others_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "identity"
    file.write_text(f"# created: today\n# public key: {CLINIC.to_public()}\n{CLINIC}\n")
    (found,) = identities_in(file)
    assert str(found) == str(CLINIC)
    monkeypatch.setattr("sys.stdin", StringIO(str(CLINIC)))
    assert [str(each) for each in identities_in(Path("-"))] == [str(CLINIC)]
    (recipient,) = recipients_from([str(CLINIC.to_public())])
    assert str(recipient) == str(CLINIC.to_public())
    file.write_text("nothing of that kind")
    with pytest.raises(BadKey, match="holds no key"):
        identities_in(file)
    with pytest.raises(BadKey):
        recipients_from(["age1" + "q" * 58])

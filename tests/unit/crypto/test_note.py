"""Signed notes: exactly these letters, signed by exactly this key; everything else is refused."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from telehealth.crypto.note import (
    BadNote,
    append_to,
    bytes_of,
    key_hash,
    last_in,
    notes_in,
    public_keys,
    read,
    sign,
    signing_key,
    text_of,
)
from tests.vectors.make.folders import on_disk

PUBLISHED = Path(cryptography_vectors.__file__).parent / "asymmetric" / "Ed25519" / "sign.input"
FILES = on_disk("notes")
LINES = 3
KEY = signing_key(bytes(range(32)))
NOTE = sign(KEY, ["name", "1", "words"])
OTHER = sign(KEY, ["name", "2", "other words"])


def public_of(vector: dict[str, Any]) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(vector["public_key"]))


def named(prefix: str) -> list[Any]:
    return [pytest.param(vector, id=name) for name, vector in FILES.items() if name.startswith(prefix)]


def test_every_published_signature_is_made_by_our_signing_key() -> None:
    """All 1,024 of the authors of Ed25519."""
    lines = PUBLISHED.read_text(encoding="ascii").splitlines()
    assert len(lines) == 1024
    for line in lines:
        secret, public, message, signed, _ = line.split(":")
        key, text = signing_key(bytes.fromhex(secret)[:32]), bytes.fromhex(message)
        assert key.public_key().public_bytes_raw().hex() == public
        assert key.sign(text).hex() + message == signed


def test_the_key_hash_is_that_of_the_published_example() -> None:
    """The verifier key PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW of golang.org/x/mod."""
    encoded = bytes_of("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    key = Ed25519PublicKey.from_public_bytes(encoded[1:])
    assert key_hash("PeterNeumann", key).hex() == "c74f20a3"


@pytest.mark.parametrize("vector", named("good"))
def test_a_good_note_is_made_letter_for_letter_and_read(vector: dict[str, Any]) -> None:
    lines = [vector["origin"], str(vector["seq"]), text_of(bytes.fromhex(vector["head"]))]
    assert sign(signing_key(bytes.fromhex(vector["seed"])), lines) == vector["note"]
    assert read(public_of(vector), vector["note"], LINES) == lines


@pytest.mark.parametrize("vector", named("refused"))
def test_a_flawed_note_is_refused_unless_its_flaw_was_signed(vector: dict[str, Any]) -> None:
    if vector["flaw"].startswith("signed, but"):  # what the lines say is for those who know what they mean
        assert len(read(public_of(vector), vector["note"], LINES)) == LINES
        return
    with pytest.raises(BadNote, match=f"^{re.escape(vector['because'])}$"):
        read(public_of(vector), vector["note"], LINES)


def test_every_bit_flip_and_every_truncation_is_refused() -> None:
    note = NOTE.encode()
    number = int.from_bytes(note, "big")
    flips = [(number ^ 1 << at).to_bytes(len(note), "big") for at in range(8 * len(note))]
    for other in (*flips, *(note[:length] for length in range(len(note)))):
        with pytest.raises(BadNote):
            read(KEY.public_key(), other.decode(errors="replace"), LINES)


@pytest.mark.parametrize("lines", [1, 2, 7])
def test_a_note_has_as_many_lines_as_its_reader_expects(lines: int) -> None:
    written = [f"line-{at}" for at in range(lines)]
    note = sign(KEY, written)
    assert read(KEY.public_key(), note, lines) == written
    for other in {lines - 1, lines + 1} - {0}:
        with pytest.raises(BadNote, match="lines of a note"):
            read(KEY.public_key(), note, other)


@pytest.mark.parametrize(
    "text", ["QQ", "QQ=", "QR==", "QUI", "QUL=", "!!!!", "QUJD\n", " QUJD", "QUJD=", "é"]
)
def test_base64_that_no_encoder_writes_is_refused(text: str) -> None:
    with pytest.raises(BadNote, match="not base64"):
        bytes_of(text)


def test_notes_are_appended_and_split_again(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    assert notes_in(file, LINES) == []
    append_to(file, NOTE)
    append_to(file, OTHER)
    assert notes_in(file, LINES) == [NOTE, OTHER]
    assert file.stat().st_mode & 0o007 == 0


@pytest.mark.parametrize("length", [1, 10, 60, -2, -1])
def test_a_note_that_was_cut_off_was_never_acknowledged_and_the_next_takes_its_place(
    tmp_path: Path, length: int
) -> None:
    file = tmp_path / "notes"
    append_to(file, NOTE)
    with file.open("ab") as opened:
        opened.write(OTHER.encode()[:length])
    assert notes_in(file, LINES) == [NOTE]
    append_to(file, OTHER)
    assert file.read_bytes() == (NOTE + OTHER).encode()


def test_the_last_whole_note_is_found_without_reading_all(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    assert last_in(file) == ""
    file.write_text("nothing of the kind\n")
    assert last_in(file) == ""
    file.write_text(NOTE * 200 + OTHER + NOTE[:30])
    assert last_in(file) == OTHER


def test_the_first_note_of_all_may_be_torn_as_well(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    file.write_bytes(NOTE.encode()[:30])
    assert notes_in(file, LINES) == []
    append_to(file, OTHER)
    assert notes_in(file, LINES) == [OTHER]


def test_nothing_is_taken_out_of_a_file_that_is_not_ours(tmp_path: Path) -> None:
    for words in ("127.0.0.1 localhost\n", "x" * 20_000, NOTE + "# words of somebody's\n"):
        file = tmp_path / "somebody's"
        file.write_text(words)
        append_to(file, NOTE)
        assert file.read_text() == words + NOTE


def test_one_note_with_lines_too_many_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    file.write_text(f"{NOTE}{NOTE[:20]}{NOTE}{OTHER}")
    first, second, third = notes_in(file, LINES)
    assert (first, third) == (NOTE, OTHER)
    with pytest.raises(BadNote, match="lines of a note"):
        read(KEY.public_key(), second, LINES)


def test_what_is_longer_than_a_torn_note_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    file.write_text(NOTE + "words\n" * 6)
    whole, rest = notes_in(file, LINES)
    assert whole == NOTE
    with pytest.raises(BadNote):
        read(KEY.public_key(), rest, LINES)


def test_a_disk_that_was_full_once_heals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, whole_write = tmp_path / "notes", os.pwrite
    append_to(file, NOTE)
    with monkeypatch.context() as full:
        full.setattr(
            os,
            "pwrite",
            lambda descriptor, content, at: whole_write(descriptor, content[:20], at),
        )
        with pytest.raises(OSError, match="only part of a note"):
            append_to(file, OTHER)
    append_to(file, OTHER)
    assert notes_in(file, LINES) == [NOTE, OTHER]


def test_those_who_append_at_once_wait_for_each_other(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: append_to(file, NOTE), range(64)))
    assert notes_in(file, LINES) == [NOTE] * 64


def test_former_keys_come_before_the_own_one() -> None:
    seed, former = bytes(range(32)), signing_key(bytes(range(1, 33))).public_key()
    keys = public_keys(seed, [former.public_bytes_raw()])
    assert [key.public_bytes_raw() for key in keys] == [
        former.public_bytes_raw(),
        signing_key(seed).public_key().public_bytes_raw(),
    ]

"""Signed notes: exactly these letters, signed by exactly this key; everything else is refused."""

import os
import re
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
    notes_in,
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
    other = sign(KEY, ["name", "2", "other words"])
    append_to(file, NOTE)
    append_to(file, other)
    assert notes_in(file, LINES) == [NOTE, other]
    assert file.stat().st_mode & 0o007 == 0


def test_a_note_that_was_cut_off_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    append_to(file, NOTE + NOTE[:10])
    whole, rest = notes_in(file, LINES)
    assert whole == NOTE
    with pytest.raises(BadNote):
        read(KEY.public_key(), rest, LINES)


def test_a_volume_that_takes_only_part_of_a_note_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: whole_write(descriptor, content[:20]))
    with pytest.raises(OSError, match="only part of a note"):
        append_to(tmp_path / "notes", NOTE)

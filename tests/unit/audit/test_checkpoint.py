"""Checkpoints: the form of a signed note, and every other form refused."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from telehealth.audit import checkpoint
from telehealth.audit.checkpoint import BadCheckpoint, Checkpoint

KEY = checkpoint.signing_key(bytes(range(32)))
POINT = Checkpoint("practice-1/audit", 256, b"h" * 32)
NOTE = checkpoint.sign(KEY, POINT)


def test_a_note_is_read_back() -> None:
    assert checkpoint.read(KEY.public_key(), NOTE) == POINT


def test_a_note_has_the_form_of_a_signed_note() -> None:
    text, _, signatures = NOTE.partition("\n\n")
    assert text.split("\n") == ["practice-1/audit", "256", base64.b64encode(b"h" * 32).decode()]
    mark, name, signature = signatures.rstrip("\n").split(" ")
    assert (mark, name) == ("—", "practice-1/audit")
    decoded = base64.b64decode(signature)
    assert decoded[:4] == checkpoint.key_hash(name, KEY.public_key())
    KEY.public_key().verify(decoded[4:], f"{text}\n".encode())


def test_the_key_hash_is_that_of_the_published_example() -> None:
    """The verifier key PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW of golang.org/x/mod."""
    encoded = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    key = Ed25519PublicKey.from_public_bytes(encoded[1:])
    assert checkpoint.key_hash("PeterNeumann", key).hex() == "c74f20a3"


@pytest.mark.parametrize(
    "note",
    [
        NOTE.replace("256", "255"),
        NOTE.replace("practice-1", "practice-2"),
        NOTE.replace("aGho", "aGhp", 1),
        NOTE.replace("— practice-1/audit", "— practice-9/audit"),
        NOTE.replace("—", "-"),
        NOTE[:-1],
        NOTE[:-3] + "!\n\n",
        NOTE[:40],
        "",
        "\n" * 6,
        NOTE + "\n",
        NOTE.replace("256\n", "256\n\n"),
        checkpoint.sign(Ed25519PrivateKey.generate(), POINT),
        checkpoint.sign(KEY, Checkpoint("practice-1/audit", 0, b"h" * 32)),
        checkpoint.sign(KEY, Checkpoint("practice-1/audit", 1, b"h" * 31)),
    ],
)
def test_another_note_is_refused(note: str) -> None:
    with pytest.raises(BadCheckpoint):
        checkpoint.read(KEY.public_key(), note)


def test_a_flip_anywhere_in_the_signature_is_refused() -> None:
    head, _, signature = NOTE.rstrip("\n").rpartition(" ")
    decoded = base64.b64decode(signature)
    for at in range(len(decoded)):
        flipped = decoded[:at] + bytes([decoded[at] ^ 1]) + decoded[at + 1 :]
        with pytest.raises(BadCheckpoint):
            checkpoint.read(KEY.public_key(), f"{head} {base64.b64encode(flipped).decode()}\n\n")


def test_notes_are_appended_and_split_again(tmp_path: Path) -> None:
    file = tmp_path / "checkpoints"
    assert checkpoint.notes_in(file) == []
    others = checkpoint.sign(KEY, Checkpoint("practice-1/audit", 300, b"i" * 32))
    checkpoint.append_to(file, NOTE)
    checkpoint.append_to(file, others)
    assert checkpoint.notes_in(file) == [NOTE, others]
    assert file.stat().st_mode & 0o007 == 0


def test_an_origin_fits_into_a_key_name() -> None:
    assert checkpoint.origin_of("Harbour + Hill practice") == "Harbour-Hill-practice/audit"

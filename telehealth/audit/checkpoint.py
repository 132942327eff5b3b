"""Checkpoints: the head of the chain as a signed note (c2sp.org/signed-note), kept on another volume.

origin
sequence
base64(head)
<empty>
— origin base64(u32be key hash || 64 bytes of Ed25519 signature)
<empty>
"""

import base64
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LINES = 6
HEAD_BYTES = 32
KEY_HASH_BYTES = 4
_ED25519 = b"\x01"  # signature type of signed-note
_NOT_IN_NAMES = re.compile(r"[\s+]+")
_NUMBER = re.compile(r"[1-9]\d{0,18}")


class BadCheckpoint(Exception):
    """This is no note that our key signed; the message says why."""


@dataclass(frozen=True)
class Checkpoint:
    """The chain had this 32-byte head at this sequence number."""

    origin: str
    seq: int
    head: bytes


def signing_key(seed: bytes) -> Ed25519PrivateKey:
    """The private key of a 32-byte seed (RFC 8032)."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def origin_of(clinic: str) -> str:
    """The name of a deployment's record: without white space and plus signs, which a key name may not have."""
    return _NOT_IN_NAMES.sub("-", clinic) + "/audit"


def sign(key: Ed25519PrivateKey, checkpoint: Checkpoint) -> str:
    """The note of a checkpoint, with the empty line that separates it from the next."""
    body = f"{checkpoint.origin}\n{checkpoint.seq}\n{_text(checkpoint.head)}\n"
    signature = key_hash(checkpoint.origin, key.public_key()) + key.sign(body.encode())
    return f"{body}\n— {checkpoint.origin} {_text(signature)}\n\n"


def read(key: Ed25519PublicKey, note: str) -> Checkpoint:
    """Check one note's form and signature. Raises BadCheckpoint."""
    lines = note.split("\n")
    if len(lines) != LINES + 1 or lines[3] or lines[5] or lines[6]:
        raise BadCheckpoint("it does not have the lines of a note")
    origin, number, head_text, _, signature_line, *_ = lines
    body = f"{origin}\n{number}\n{head_text}\n"
    mark, _, rest = signature_line.partition(" ")
    name, _, signature_text = rest.partition(" ")
    signature = _bytes(signature_text)
    if mark != "—" or name != origin or signature[:KEY_HASH_BYTES] != key_hash(origin, key):
        raise BadCheckpoint("it is not signed by this key")
    try:
        key.verify(signature[KEY_HASH_BYTES:], body.encode())
    except InvalidSignature:
        raise BadCheckpoint("its signature does not fit") from None
    head = _bytes(head_text)
    if not _NUMBER.fullmatch(number) or len(head) != HEAD_BYTES:
        raise BadCheckpoint("it names no sequence number and head")
    return Checkpoint(origin, int(number), head)


def append_to(file: Path, note: str) -> None:
    """Add a note to the end of the file in one write, and have it on the disk before returning."""
    content = note.encode()
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        if os.write(descriptor, content) != len(content):
            raise OSError(f"the checkpoint file {file} took only part of a note")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def notes_in(file: Path) -> list[str]:
    """The notes of a checkpoint file in order, unchecked; none when it is not there."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return []
    if lines[-1] == "":
        lines.pop()
    return ["".join(f"{line}\n" for line in lines[at : at + LINES]) for at in range(0, len(lines), LINES)]


def key_hash(name: str, key: Ed25519PublicKey) -> bytes:
    """The four bytes by which a note says which key signed it: SHA-256(name || 0A || 01 || public key)."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:KEY_HASH_BYTES]


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _bytes(value: str) -> bytes:
    try:
        decoded = base64.b64decode(value, validate=True)
    except ValueError:
        decoded = None
    if decoded is None or _text(decoded) != value:  # the last letter may have bits that decoding ignores
        raise BadCheckpoint("it is not base64 where it should be")
    return decoded

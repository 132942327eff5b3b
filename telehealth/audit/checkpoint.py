"""Checkpoints: the head of the chain as a signed note (c2sp.org/signed-note), kept on another volume.

origin
sequence
base64(head)
<empty>
— origin base64(u32be key hash || 64 bytes of Ed25519 signature)
<empty>
"""

import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from telehealth.crypto import note as notes
from telehealth.crypto.note import BadNote, PublicKeys, Taken, append_to, key_hash, signing_key

__all__ = [
    "HEAD_BYTES",
    "KEY_HASH_BYTES",
    "LINES",
    "NUMBER",
    "RESUMED",
    "BadCheckpoint",
    "Checkpoint",
    "Unproven",
    "append_to",
    "is_last_in",
    "key_hash",
    "notes_in",
    "origin_of",
    "read",
    "sign",
    "signing_key",
    "take",
]
BODY_LINES = 3
LINES = BODY_LINES + notes.FURTHER_LINES
HEAD_BYTES = 32
KEY_HASH_BYTES = notes.KEY_HASH_BYTES
RESUMED = "audit-resumed-"  # and a number: what a note that resuming.py writes is named
_NOT_IN_NAMES = re.compile(r"[\s+]+")
NUMBER = re.compile(r"[1-9]\d{0,18}")


class BadCheckpoint(Exception):
    """This is no note that our key signed; the message says why."""


@dataclass(frozen=True)
class Checkpoint:
    """The chain had this 32-byte head at this sequence number."""

    origin: str
    seq: int
    head: bytes

    @property
    def resumption(self) -> int:
        """Which one it is, from 1, of those after which what was signed above counts no more; 0 for a checkpoint."""
        _, mark, number = self.origin.rpartition("/")[2].partition(RESUMED)
        return int(number) if mark and NUMBER.fullmatch(number) else 0


def origin_of(clinic: str, what: str = "audit") -> str:
    """The name of a deployment's record: without white space and plus signs, which a key name may not have."""
    return f"{_NOT_IN_NAMES.sub('-', clinic)}/{what}"


def sign(key: Ed25519PrivateKey, checkpoint: Checkpoint) -> str:
    """The note of a checkpoint, with the empty line that separates it from the next."""
    return notes.sign(key, [checkpoint.origin, str(checkpoint.seq), notes.text_of(checkpoint.head)])


def read(key: Ed25519PublicKey, note: str) -> Checkpoint:
    """Check one note's form and signature. Raises BadCheckpoint."""
    found = take([key], note)
    found.prove()
    return found.point


def take(keys: PublicKeys, note: str) -> "Unproven":
    """Check one note's form alone. Raises BadCheckpoint."""
    try:
        taken = notes.take(keys, note, BODY_LINES)
        origin, number, head_text = taken.lines
        head = notes.bytes_of(head_text)
    except BadNote as error:
        raise BadCheckpoint(str(error)) from None
    if not NUMBER.fullmatch(number) or len(head) != HEAD_BYTES:
        raise BadCheckpoint("it names no sequence number and head")
    return Unproven(Checkpoint(origin, int(number), head), taken)


@dataclass(frozen=True)
class Unproven:
    """What a note says, and the note, whose signature nobody has checked yet."""

    point: Checkpoint
    taken: Taken

    def prove(self) -> None:
        """Check the signature. Raises BadCheckpoint."""
        try:
            self.taken.prove()
        except BadNote as error:
            raise BadCheckpoint(str(error)) from None


def is_last_in(file: Path, key: Ed25519PublicKey, wanted: Checkpoint) -> bool:
    """Whether the last note of the file says just this, signed by this key."""
    try:
        return read(key, notes.last_in(file)) == wanted
    except BadCheckpoint:
        return False


def notes_in(file: Path) -> list[str]:
    """The notes of a checkpoint file in order, unchecked; none when it is not there."""
    return notes.notes_in(file, BODY_LINES)

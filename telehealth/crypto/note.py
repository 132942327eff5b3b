"""Signed notes (c2sp.org/signed-note): a few lines of text, and the line of one Ed25519 key that signed them.

name
further lines
<empty>
— name base64(u32be key hash || 64 bytes of Ed25519 signature)
<empty>
"""

import base64
import fcntl
import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_HASH_BYTES = 4
FURTHER_LINES = 3  # the empty one, the signature, the empty one that ends the note
LONGEST = 8_192  # bytes at the end of a file, in which what may be torn off begins
PublicKeys = Sequence[Ed25519PublicKey]
_ED25519 = b"\x01"  # signature type of signed-note
_SIGNED = re.compile("\n— [^\n]*\n\n".encode())  # how a whole note ends


class BadNote(Exception):
    """This is no note that our key signed; the message says why."""


def signing_key(seed: bytes) -> Ed25519PrivateKey:
    """The private key of a 32-byte seed (RFC 8032)."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_keys(seed: bytes, former: Sequence[bytes] = ()) -> PublicKeys:
    """The keys by which notes are believed, the oldest first: `former` in 32 raw bytes each, then that of this seed."""
    return [*map(Ed25519PublicKey.from_public_bytes, former), signing_key(seed).public_key()]


def sign(key: Ed25519PrivateKey, lines: list[str]) -> str:
    """The note of these lines, the name first, with the empty line that separates it from the next."""
    name, body = lines[0], "".join(f"{line}\n" for line in lines)
    signature = key_hash(name, key.public_key()) + key.sign(body.encode())
    return f"{body}\n— {name} {text_of(signature)}\n\n"


def read(key: Ed25519PublicKey, note: str, lines: int) -> list[str]:
    """The lines of a note, checked in form and signature. Raises BadNote."""
    taken = take([key], note, lines)
    taken.prove()
    return taken.lines


def take(keys: PublicKeys, note: str, lines: int) -> "Taken":
    """A note of one of these keys, checked in form alone: proving its signature costs more. Raises BadNote."""
    found = note.split("\n")
    if len(found) != lines + FURTHER_LINES + 1 or found[lines] or found[-2] or found[-1]:
        raise BadNote("it does not have the lines of a note")
    name = found[0]
    mark, _, rest = found[lines + 1].partition(" ")
    signer, _, signature_text = rest.partition(" ")
    signature = bytes_of(signature_text)
    theirs = [at for at, key in enumerate(keys) if signature[:KEY_HASH_BYTES] == key_hash(name, key)]
    if mark != "—" or signer != name or not theirs:
        raise BadNote("it is not signed by this key")
    return Taken(found[:lines], theirs[-1], keys[theirs[-1]], signature[KEY_HASH_BYTES:])


@dataclass(frozen=True)
class Taken:
    """A note whose form is good: its lines, and which of the keys is to have signed it."""

    lines: list[str]
    by: int
    key: Ed25519PublicKey
    signature: bytes

    def prove(self) -> None:
        """Check the signature. Raises BadNote."""
        try:
            self.key.verify(self.signature, "".join(f"{line}\n" for line in self.lines).encode())
        except InvalidSignature:
            raise BadNote("its signature does not fit") from None


def append_to(file: Path, note: str) -> None:
    """Add a note (or several) to the end of the file, and have it on the disk before returning.

    What is left of one that a full disk or a power cut tore off goes first: nobody was told that it was written.
    OSError when the file cannot be written; whatever was written of it goes the next time.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        end = _end_of_notes(descriptor, note.partition("\n")[0].encode())
        os.ftruncate(descriptor, end)
        content = note.encode()
        if os.pwrite(descriptor, content, end) != len(content):
            raise OSError(f"the file {file} took only part of a note")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _end_of_notes(descriptor: int, name: bytes) -> int:
    """Where the next note goes: behind the last byte, or where the beginning of a torn one of this name stands."""
    size = os.fstat(descriptor).st_size
    start = max(0, size - LONGEST)
    content = os.pread(descriptor, LONGEST, start)
    ends = [found.end() for found in _SIGNED.finditer(content)]
    if not ends and start:
        return size
    torn = content[ends[-1] if ends else 0 :]
    first = torn.partition(b"\n")[0]
    is_ours = bool(torn) and (first.startswith(name) or name.startswith(first))
    return size - len(torn) if is_ours else size


def notes_in(file: Path, lines: int) -> list[str]:
    """The notes of a file in order, unchecked; none when it is not there. `lines` as in `read`.

    Each ends with its signature, so that one flawed note spoils no other. One that was cut off while it was written
    was never acknowledged, and is left out.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return []
    ends = [0, *(found.end() for found in _SIGNED.finditer(content))]
    found = [content[start:end].decode(errors="replace") for start, end in pairwise(ends)]
    rest = content[ends[-1] :].decode(errors="replace")
    return [*found, rest] if rest.count("\n") >= lines + FURTHER_LINES else found


def last_in(file: Path) -> str:
    """The last whole note of a file, unchecked; empty when there is none."""
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, opened.seek(0, os.SEEK_END) - LONGEST))
            content = opened.read()
    except FileNotFoundError:
        return ""
    ends = [0, *(found.end() for found in _SIGNED.finditer(content))]
    return content[ends[-2] : ends[-1]].decode(errors="replace") if len(ends) > 1 else ""


def key_hash(name: str, key: Ed25519PublicKey) -> bytes:
    """The four bytes by which a note says which key signed it: SHA-256(name || 0A || 01 || public key)."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:KEY_HASH_BYTES]


def text_of(value: bytes) -> str:
    """Base64."""
    return base64.b64encode(value).decode("ascii")


def bytes_of(value: str) -> bytes:
    """The other way; BadNote for what no encoder writes."""
    try:
        decoded = base64.b64decode(value, validate=True)
    except ValueError:
        decoded = None
    if decoded is None or text_of(decoded) != value:  # the last letter may have bits that decoding ignores
        raise BadNote("it is not base64 where it should be")
    return decoded

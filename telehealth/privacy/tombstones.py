"""Tombstones: every erasure once more in a file outside the database, so that a restored one forgets again.

The file holds signed certificates, one after another, numbered from 1. Whoever can write to it but has not the audit
key can neither add an erasure nor change one without being noticed, nor take one out: the numbers show a gap, and the
database knows the number of everybody's last one (`privacy/replaying.py`).
"""

import fcntl
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from telehealth.crypto import note
from telehealth.crypto.note import PublicKeys
from telehealth.privacy import certificate
from telehealth.privacy.certificate import BadCertificate, Certificate

OF_ONE = certificate.LINES + note.FURTHER_LINES
PUT_BACK = "Put the file back from its backup; without it a restored database would know erased people again."


class BadTombstones(Exception):
    """The file of tombstones cannot be used; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class _Parted:
    """A file as far as it holds whole notes: its first `kept` bytes, to whose last note `missing` newlines are due."""

    notes: list[str]
    kept: int
    missing: bytes = b""


@dataclass(frozen=True)
class Tombstones:
    """The file of one deployment. `seed` is the 32-byte Ed25519 seed of the audit key, `former` the public keys that
    were used before, the oldest first: once a new one signs, whoever has an older one adds nothing."""

    file: Path
    clinic: str
    seed: bytes = field(repr=False)
    former: tuple[bytes, ...] = ()

    def append(self, made: Certificate) -> tuple[Certificate, str]:
        """Number, sign and add a certificate; it is on the disk when this returns it and its note. OSError when it
        cannot be written.

        What is left of one that could not be written whole goes first: nobody was told that it was done.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o640)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            found = self._parted(file.read())
            numbered = replace(made, number=len(found.notes) + 1)
            signed = certificate.sign(self.seed, self.clinic, numbered)
            file.truncate(found.kept)
            file.seek(found.kept)
            file.write(found.missing + signed.encode())
            file.flush()
            os.fsync(file.fileno())
        return numbered, signed

    def read(self) -> list[Certificate]:
        """Every tombstone in order, each checked; none when there is no file yet. Raises BadTombstones."""
        try:
            content = self.file.read_bytes()
        except FileNotFoundError:
            return []
        keys, found, newest = self._keys(), list[Certificate](), 0
        for number, text in enumerate(self._parted(content).notes, start=1):
            newest, made = self._checked(keys, number, text, newest)
            found.append(made)
        return found

    def _parted(self, content: bytes) -> _Parted:
        """One whose signature fits is whole, even where its last newlines are missing; any other end is cut off."""
        lines = content.split(b"\n")
        whole = (len(lines) - 1) // OF_ONE * OF_ONE
        notes = [_text(lines[at : at + OF_ONE]) for at in range(0, whole, OF_ONE)]
        rest = b"\n".join(lines[whole:])
        ended = rest.rstrip(b"\n") + b"\n\n"
        if self._is_ours(ended.decode("utf-8", "replace")):
            return _Parted([*notes, ended.decode()], len(content), ended[len(rest) :])
        return _Parted(notes, len(content) - len(rest))

    def _is_ours(self, text: str) -> bool:
        try:
            certificate.read_by(self._keys(), self.clinic, text)
        except BadCertificate:
            return False
        return True

    def _keys(self) -> PublicKeys:
        return note.public_keys(self.seed, self.former)

    def _checked(self, keys: PublicKeys, number: int, text: str, newest: int) -> tuple[int, Certificate]:
        try:
            by, made = certificate.read_by(keys, self.clinic, text)
            if by < newest:
                raise BadCertificate("it is signed by a key that was replaced before")
        except BadCertificate as error:
            raise BadTombstones(
                f"Tombstone {number} in {self.file} is not as it was signed: {error}. {PUT_BACK}"
            ) from None
        if made.number not in (number, certificate.UNNUMBERED):
            raise BadTombstones(
                f"Tombstone {number} in {self.file} was written as number {made.number}, so others were taken out or "
                f"put in. {PUT_BACK}"
            )
        return by, replace(made, number=number)


def _text(lines: list[bytes]) -> str:
    return b"".join(line + b"\n" for line in lines).decode("utf-8", "replace")

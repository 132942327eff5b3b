"""Tombstones: every erasure once more in a file outside the database, so that a restored one forgets again.

The file holds signed certificates, one after another. Whoever can write to it but has not the audit key can neither
add an erasure nor change one without being noticed.
"""

import fcntl
import os
from dataclasses import dataclass, field
from pathlib import Path

from telehealth.crypto import note
from telehealth.crypto.note import PublicKeys
from telehealth.privacy import certificate
from telehealth.privacy.certificate import BadCertificate, Certificate


class BadTombstones(Exception):
    """The file of tombstones cannot be used; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Tombstones:
    """The file of one deployment. `seed` is the 32-byte Ed25519 seed of the audit key, `former` the public keys that
    were used before, the oldest first: once a new one signs, whoever has an older one adds nothing."""

    file: Path
    clinic: str
    seed: bytes = field(repr=False)
    former: tuple[bytes, ...] = ()

    def sign(self, made: Certificate) -> str:
        """The signed note of a certificate."""
        return certificate.sign(self.seed, self.clinic, made)

    def append(self, signed: str) -> None:
        """Add a note; it is on the disk when this returns. OSError when it cannot be written.

        What is left of one that could not be written whole goes first: nobody was told that it was done.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o640)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            whole = _whole(file.read())
            file.truncate(whole)
            file.seek(whole)
            file.write(signed.encode())
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> list[Certificate]:
        """Every tombstone in order, each checked; none when there is no file yet. Raises BadTombstones."""
        notes = note.notes_in(self.file, certificate.LINES)
        if notes and notes[-1].count("\n") < certificate.LINES + note.FURTHER_LINES:
            notes.pop()  # cut off while it was written, so never acknowledged
        keys, found, newest = note.public_keys(self.seed, self.former), list[Certificate](), 0
        for number, text in enumerate(notes, start=1):
            newest, made = self._checked(keys, number, text, newest)
            found.append(made)
        return found

    def _checked(self, keys: PublicKeys, number: int, text: str, newest: int) -> tuple[int, Certificate]:
        try:
            by, made = certificate.read_by(keys, self.clinic, text)
            if by < newest:
                raise BadCertificate("it is signed by a key that was replaced before")
        except BadCertificate as error:
            raise BadTombstones(
                f"Tombstone {number} in {self.file} is not as it was signed: {error}. Put the file back from its "
                "backup; without it a restored database would know erased people again."
            ) from None
        return by, made


def _whole(content: bytes) -> int:
    """How many bytes the whole notes at the beginning of a file take."""
    lines = content.split(b"\n")[:-1]
    of_one = certificate.LINES + note.FURTHER_LINES
    return sum(len(line) + 1 for line in lines[: len(lines) // of_one * of_one])

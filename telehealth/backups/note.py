"""The note beside a backup: what was made when, with the digest of each file, signed with the audit key.

origin
one line of canonical JSON
<empty>
— origin base64(signature)
<empty>

A recipient's key is public, so anybody could seal an archive; what is restored is what this note speaks of.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from telehealth.audit.checkpoint import origin_of
from telehealth.backups.rules import ARCHIVES, KINDS
from telehealth.crypto import note
from telehealth.crypto.note import BadNote, PublicKeys

FORMAT = 1
LINES = 2


class BadBackup(Exception):
    """This backup cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Made:
    """One backup. `files` has for each archive its size in bytes and its SHA-256 in hex; `entries` is how many entries
    the chained record had; `rows` how many rows stand in them; `seconds` how long it took, with the look at it."""

    name: str
    taken_at: datetime
    revision: str
    entries: int
    rows: int
    seconds: float
    files: Mapping[str, tuple[int, str]]

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self) | {"taken_at": self.taken_at.astimezone(UTC).isoformat()}


def sign(seed: bytes, clinic: str, made: Made) -> str:
    """The note of a backup."""
    line = json.dumps({"format": FORMAT, **made.plain()}, sort_keys=True, separators=(",", ":"))
    return note.sign(note.signing_key(seed), [origin_of(clinic, "backup"), line])


def read_by(keys: PublicKeys, clinic: str, text: str) -> Made:
    """Check a note's form and signature, and that it is of this clinic. Raises BadBackup."""
    try:
        taken = note.take(keys, text, LINES)
        taken.prove()
    except BadNote as error:
        raise BadBackup(f"its note is not as it was signed: {error}") from error
    origin, line = taken.lines
    if origin != origin_of(clinic, "backup"):
        raise BadBackup(f"it is not of this clinic but of {origin}")
    value = json.loads(line)
    if value.pop("format") != FORMAT:
        raise BadBackup("its note was written by a newer version of this program")
    noted = value["files"]
    there = [each for each in ARCHIVES if each in KINDS or each in noted]
    files = {each: (int(noted[each][0]), str(noted[each][1])) for each in there}
    return Made(**value | {"files": files, "taken_at": datetime.fromisoformat(value["taken_at"])})

"""The certificate of an erasure: a signed note that says what was destroyed, and nothing about whom but the id.

origin
one line of canonical JSON
<empty>
— origin base64(signature)
<empty>
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telehealth.audit.checkpoint import origin_of
from telehealth.crypto import note
from telehealth.crypto.framing import ID_BYTES
from telehealth.crypto.note import BadNote, PublicKeys
from telehealth.privacy.rules import BASES, CLASSES

FORMAT = 2
UNNUMBERED = 0  # what format 1 says, and what is not written yet
LINES = 2
_FIELDS = {
    "format",
    "number",
    "subject",
    "asked_at",
    "done_at",
    "basis",
    "erased",
    "kept",
    "counts",
    "audit_seq",
}


KEPT_BY = {
    "request": "A legal hold still keeps",
    "retention": "Still kept, by a legal hold or because its own time is not over",
}


class BadCertificate(Exception):
    """This is no certificate of ours; the message says why."""


@dataclass(frozen=True)
class Certificate:
    """Which classes of one person's keys were destroyed, and which a legal hold still keeps. Times are aware UTC.

    `number` is its place in the file of tombstones. `counts` says how much of each kind went; `audit_seq` is the number
    of the entry that stands for it in the audit record. It is also the tombstone: a restored database is brought to
    this state again.
    """

    subject_id: bytes
    asked_at: datetime
    done_at: datetime
    basis: str
    erased: tuple[str, ...]
    kept: tuple[str, ...]
    counts: Mapping[str, int]
    audit_seq: int
    number: int = UNNUMBERED

    def plain(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "format": FORMAT,
            "number": self.number,
            "subject": self.subject_id.hex(),
            "asked_at": _stamp(self.asked_at),
            "done_at": _stamp(self.done_at),
            "basis": self.basis,
            "erased": list(self.erased),
            "kept": list(self.kept),
            "counts": dict(self.counts),
            "audit_seq": self.audit_seq,
        }


def origin(clinic: str) -> str:
    """The name under which a deployment signs its erasures."""
    return origin_of(clinic, "erasures")


def sign(seed: bytes, clinic: str, certificate: Certificate) -> str:
    """The note of a certificate. `seed` is the 32-byte Ed25519 seed of the audit key."""
    line = json.dumps(certificate.plain(), sort_keys=True, separators=(",", ":"))
    return note.sign(note.signing_key(seed), [origin(clinic), line])


def read(seed: bytes, clinic: str, text: str) -> Certificate:
    """Check form and signature of one note. Raises BadCertificate."""
    return read_by(note.public_keys(seed), clinic, text)[1]


def read_by(keys: PublicKeys, clinic: str, text: str) -> tuple[int, Certificate]:
    """The same for several keys; says which of them signed it, too. Raises BadCertificate."""
    try:
        taken = note.take(keys, text, LINES)
        taken.prove()
        name, line = taken.lines
    except BadNote as error:
        raise BadCertificate(str(error)) from None
    if name != origin(clinic):
        raise BadCertificate("it is of another practice")
    try:
        found = json.loads(line)
        return taken.by, _from_plain(found)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadCertificate("it does not say what a certificate says") from error


def in_words(certificate: Certificate) -> list[str]:
    """The certificate as sentences."""
    done = f"{certificate.done_at:%Y-%m-%d %H:%M} UTC"
    erased = ", ".join(certificate.erased) or "nothing that was still there"
    counted = ", ".join(f"{name}: {count}" for name, count in certificate.counts.items() if count)
    sentences = [
        f"On {done} the keys of {certificate.subject_id.hex()} were destroyed: {erased}.",
        f"The reason: {BASES[certificate.basis]}.",
        f"What went, and how much of it: {counted}." if counted else "Nothing else was there.",
    ]
    if certificate.kept:
        sentences.append(f"{KEPT_BY[certificate.basis]}: {', '.join(certificate.kept)}.")
    return [*sentences, f"It stands in the audit record as entry {certificate.audit_seq}."]


def _from_plain(found: dict[str, Any]) -> Certificate:
    if found["format"] == 1 and "number" not in found:
        found = found | {"format": FORMAT, "number": UNNUMBERED}
    subject_id = bytes.fromhex(found["subject"])
    counts = {str(name): int(count) for name, count in found["counts"].items()}
    erased, kept = tuple(found["erased"]), tuple(found["kept"])
    known = set(erased) <= set(CLASSES) and set(kept) <= set(CLASSES)
    if found["format"] != FORMAT or set(found) != _FIELDS or len(subject_id) != ID_BYTES or not known:
        raise ValueError("fields")
    if found["basis"] not in BASES:
        raise ValueError("basis")
    return Certificate(
        subject_id,
        _moment(found["asked_at"]),
        _moment(found["done_at"]),
        found["basis"],
        erased,
        kept,
        counts,
        int(found["audit_seq"]),
        int(found["number"]),
    )


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)

"""What an entry is, and how entries hang together (security.md, section 2). Pure."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from telehealth.crypto.framing import ID_BYTES, length_prefixed

Action = Literal["C", "R", "U", "D", "E"]
START = bytes(32)  # what the first entry hangs on
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
QUARTER = timedelta(minutes=15)
TREATMENT = "TREAT"  # HL7 PurposeOfUse
OPERATOR = b"operator........"  # stands for whoever sits at the practice's own computer, at the command line
EMERGENCY = "ETREAT"  # the same, where the ordinary rules were set aside


@dataclass(frozen=True)
class Entry:
    """One audit event, after FHIR AuditEvent and IHE BALP. Ids and pseudonyms are 16 bytes; `ts` is aware.

    `agent` is None for the service's own work and OPERATOR's pseudonym for a command's; `patient` is None where the
    entry concerns nobody's record.
    """

    id: bytes
    ts: datetime
    type: str
    action: str
    outcome: str
    agent: bytes | None
    session: bytes | None
    entity_type: str
    entity_id: bytes
    patient: bytes | None
    purpose: str
    detail_ct: bytes | None

    @property
    def leaf(self) -> bytes:
        """SHA256(00 || canonical JSON), the sealed detail standing in it by its own SHA-256."""
        return hashlib.sha256(b"\x00" + canonical_json(self.plain())).digest()

    def plain(self) -> dict[str, str | None]:
        """What the leaf is made of: ids and hashes in hex, the time in UTC with six decimals."""
        detail = None if self.detail_ct is None else hashlib.sha256(self.detail_ct).digest()
        return {
            "id": self.id.hex(),
            "ts": self.ts.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z",
            "type": self.type,
            "action": self.action,
            "outcome": self.outcome,
            "agent": _hex(self.agent),
            "session": _hex(self.session),
            "entity_type": self.entity_type,
            "entity_id": self.entity_id.hex(),
            "patient": _hex(self.patient),
            "purpose": self.purpose,
            "detail_sha256": _hex(detail),
        }


def canonical_json(value: Mapping[str, str | None]) -> bytes:
    """One object, keys sorted, no white space, UTF-8: what RFC 8785 makes of an object of strings and nulls."""
    return _CANONICAL.encode(value).encode()


def link(prev: bytes, leaf: bytes) -> bytes:
    """The hash of the next entry of the chain: SHA256(02 || prev || leaf)."""
    return hashlib.sha256(b"\x02" + prev + leaf).digest()


def pseudonym(key: bytes, value: bytes) -> bytes:
    """Who it was, for those who hold the key: the first 16 bytes of HMAC-SHA256(key, value)."""
    return hmac.digest(key, value, "sha256")[:ID_BYTES]


def look_id(
    key: bytes,
    viewer: bytes,
    subject: bytes,
    at: datetime,
    entity: tuple[str, bytes],
    purpose: str = TREATMENT,
) -> bytes:
    """The id of a look: the same for one viewer, person, entity, purpose and quarter of an hour, so that it is written
    once. A list has its viewer as its entity."""
    quarter = (int(at.timestamp()) // int(QUARTER.total_seconds())).to_bytes(8, "big")
    of = entity[0].encode(), entity[1]
    return pseudonym(key, length_prefixed(b"look", viewer, subject, quarter, purpose.encode(), *of))


def detail_record_id(key: bytes, subject: bytes, at: datetime) -> bytes:
    """The record under whose key a person's details of one month are sealed."""
    month = f"{at.astimezone(UTC):%Y%m}".encode()
    return pseudonym(key, length_prefixed(b"audit-detail", subject, month))


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()

"""Tables of passkeys (W3C Web Authentication). What tells one authenticator from another stands sealed."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, Row, String, Table

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata
from telehealth.keys.fields import SealedTable

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column(
        "credential_hash", LargeBinary(32), nullable=False, unique=True
    ),  # SHA-256 of the random credential id
    Column(
        "credential", SealedBytes, nullable=False
    ),  # credential id, public key, transports and its name, as JSON
    Column("revision", Integer, nullable=False, default=0),
    Column("sign_count", BigInteger, nullable=False),
    Column("vouched", Boolean, nullable=False, default=False),  # added with a code or after a second factor
    Column("created_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
)

# A challenge is used once, by the browser it was made for: `binding` is the hash of its session or visit cookie.
passkey_challenges = Table(
    "passkey_challenges",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("binding", LargeBinary(32), nullable=False),
    Column("person_id", Id, ForeignKey("people.id")),
    Column("expires_at", UtcTime, nullable=False, index=True),
)

# What lets a member of staff add a first passkey: a single factor must not enrol the second.
passkey_codes = Table(
    "passkey_codes",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("made_by", Id, ForeignKey("people.id")),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)


def credential_column(passkey_id: bytes) -> str:
    """Part of a sealed credential's context: one that is moved to another passkey's row does not open."""
    return f"credential:{passkey_id.hex()}"


def _credential(row: Row[Any]) -> str:
    return credential_column(row.id)


SEALED = (
    SealedTable(
        passkeys,
        record=passkeys.c.person_id,
        person=passkeys.c.person_id,
        revision=passkeys.c.revision,
        fields={"credential": _credential},
    ),
)

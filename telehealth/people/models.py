"""Tables of people. What says who somebody is stands sealed or as a full keyed hash; roles and ids are in clear."""

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    false,
)

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata
from telehealth.keys.fields import SealedTable

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("revision", Integer, nullable=False, default=0),
    Column("name", SealedBytes),
    Column("email", SealedBytes),
    Column("email_index", LargeBinary, nullable=True),
    Column("email_index_next", LargeBinary, nullable=True),  # while the index key rotates
    Column("created_at", UtcTime, nullable=False),
    Column("disabled_at", UtcTime),
    CheckConstraint("role IN ('client', 'therapist', 'front_desk', 'administrator')", name="role"),
    Index("ix_people_email_index", "email_index"),
    Index("ix_people_email_index_next", "email_index_next"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Id, nullable=False, unique=True),  # names the account where its index may change
    Column("key", LargeBinary(32), primary_key=True),  # blind index of (issuer, subject), all 256 bits
    Column("key_next", LargeBinary(32)),  # while the index key rotates
    Column("identity", SealedBytes),  # (issuer, subject), so that the index can be made anew
    Column("role_here", Boolean, nullable=False, default=False, server_default=false()),  # see roles.py
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_accounts_key_next", "key_next", unique=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),  # SHA-256 of the cookie's 32 random bytes
    Column(
        "id", Id, nullable=False, unique=True
    ),  # names the session on pages, where its hash would be too much
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("role", String(16), nullable=False),  # it was opened for this role, and opens nothing for another
    Column("provider", String(64), nullable=False),
    Column("provider_session", LargeBinary(32), index=True),  # keyed hash of the provider's sid
    Column("provider_session_next", LargeBinary(32), index=True),  # while the index key rotates
    Column("id_token", SealedBytes),  # the hint for RP-initiated logout
    Column("device", SealedBytes),  # in words a person recognises: "Firefox on Android"
    Column("acr", String(64)),
    Column("strong", Boolean, nullable=False, default=False),  # a second factor was proven
    Column("pending", Boolean, nullable=False, default=False),  # the staff's second step is still to come
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("signed_in_at", UtcTime, nullable=False),  # auth_time
    Column("stepped_up_at", UtcTime),
)

# A code by which a member of staff ties an account at the provider to who they are here; works once.
staff_invitations = Table(
    "staff_invitations",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),  # SHA-256 of the code
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("made_by", Id, ForeignKey("people.id")),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)

# What works once: the state of a sign-in, and a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6).
spent_tokens = Table(
    "spent_tokens",
    metadata,
    Column(
        "hash", LargeBinary(32), primary_key=True
    ),  # SHA-256 of what it is, who made it, and its random part
    Column("expires_at", UtcTime, nullable=False, index=True),
)


def token_column(session_id: bytes) -> str:
    """Part of the sealed token's context: a token moved to another session's row does not open."""
    return f"id_token:{session_id.hex()}"


def device_column(session_id: bytes) -> str:
    """The same for what a person is told about the device."""
    return f"device:{session_id.hex()}"


def identity_column(account_id: bytes) -> str:
    """The same for whose account it is at the provider."""
    return f"identity:{account_id.hex()}"


def _identity(row: Row[Any]) -> str:
    return identity_column(row.id)


def _token(row: Row[Any]) -> str:
    return token_column(row.id)


def _device(row: Row[Any]) -> str:
    return device_column(row.id)


SEALED = (
    SealedTable(
        people,
        record=people.c.id,
        person=people.c.id,
        revision=people.c.revision,
        fields={"name": "name", "email": "email"},
    ),
    SealedTable(
        accounts,
        record=accounts.c.person_id,
        person=accounts.c.person_id,
        fields={"identity": _identity},
    ),
    SealedTable(
        sessions,
        record=sessions.c.person_id,
        person=sessions.c.person_id,
        fields={"id_token": _token, "device": _device},
    ),
)

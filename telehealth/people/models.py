"""Tables of people. What says who somebody is stands sealed or as a full keyed hash; roles and ids are in clear."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("revision", Integer, nullable=False, default=0),
    Column("name", SealedBytes),
    Column("email", SealedBytes),
    Column("email_index", LargeBinary, nullable=True),
    Column("created_at", UtcTime, nullable=False),
    Column("disabled_at", UtcTime),
    CheckConstraint("role IN ('client', 'therapist', 'front_desk', 'administrator')", name="role"),
    Index("ix_people_email_index", "email_index"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("key", LargeBinary(32), primary_key=True),  # blind index of (issuer, subject), all 256 bits
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),  # SHA-256 of the cookie's 32 random bytes
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("provider", String(64), nullable=False),
    Column("provider_session", LargeBinary(32), index=True),  # keyed hash of the provider's sid
    Column("id_token", SealedBytes),  # the hint for RP-initiated logout
    Column("strong", Boolean, nullable=False, default=False),  # a second factor was proven
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("signed_in_at", UtcTime, nullable=False),
)

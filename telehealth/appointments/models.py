"""Tables of appointments. Who shares which time is in clear, since the database forbids overlaps; words are sealed."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
)

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata
from telehealth.keys.fields import SealedTable

# Local time and zone are the therapist's, whose wall clock the hours follow; the UTC range is derived from them and
# recomputed when the zone's rules change. A client's own zone is not kept: it would say in clear where they live.
appointments = Table(
    "appointments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("service_id", Id, ForeignKey("services.id"), nullable=False),
    Column("therapist_id", Id, ForeignKey("therapists.person_id"), nullable=False),
    Column("state", String(9), nullable=False),
    Column("local_start", String(16), nullable=False),  # 2026-11-25T18:30
    Column("zone", String(64), nullable=False),
    Column("zone_version", String(16), nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("booked_by", Id, ForeignKey("people.id"), index=True),
    Column("created_at", UtcTime, nullable=False),
    CheckConstraint("state IN ('held', 'booked', 'cancelled', 'attended', 'missed')", name="state"),
    CheckConstraint("starts_at < ends_at", name="order"),
    Index(None, "therapist_id", "starts_at"),
    Index(None, "starts_at"),
)

# Who takes part. One person's words are a record of their own (`record_id`) with one wrap, so that a partner who joins
# later opens nothing that was said before (security.md, section 1). `revision` counts changes of the words.
appointment_clients = Table(
    "appointment_clients",
    metadata,
    Column("appointment_id", Id, ForeignKey("appointments.id"), nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("record_id", Id, nullable=False, unique=True),
    Column("revision", Integer, nullable=False, default=0),
    Column("reason", SealedBytes, nullable=False),  # sealed even when empty: nobody sees who said something
    PrimaryKeyConstraint("appointment_id", "person_id"),
)

# One answer for one request (design.md, section 6). Claim and answer are written in one transaction: a second request
# with the same key waits for the first at the primary key and then gets its answer, so nobody ever reads a claim
# without one and no state needs a column. The answer is an id; what it shows is asked for again. The hash is keyed:
# a short reason could be guessed from a plain one.
idempotency = Table(
    "idempotency",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("request_hash", LargeBinary(32), nullable=False),
    Column("appointment_id", Id, ForeignKey("appointments.id")),
    Column("created_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("person_id", "key"),
)

SEALED = (
    SealedTable(
        appointment_clients,
        record=appointment_clients.c.record_id,
        person=appointment_clients.c.person_id,
        revision=appointment_clients.c.revision,
        fields={"reason": "reason"},
    ),
)

"""Tables of appointments. Who shares which time is in clear, since the database forbids overlaps; words are sealed."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    false,
)

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata
from telehealth.keys.fields import SealedTable

# A couple: two equal principals, beside what each of them has alone (design.md, section 6). Who shares it is in clear.
cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", UtcTime, nullable=False),
)

case_members = Table(
    "case_members",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("joined_at", UtcTime, nullable=False),
    Column("left_at", UtcTime),
    PrimaryKeyConstraint("case_id", "person_id"),
)

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
    Column("co_therapist_id", Id, ForeignKey("therapists.person_id")),
    Column("case_id", Id, ForeignKey("cases.id"), index=True),
    Column("series_id", Id, index=True),
    Column("sequence", Integer, nullable=False, server_default="0"),  # counts moves and cancellation
    Column("cancelled_late", Boolean, nullable=False, server_default=false()),
    Column("outcome", String(9)),  # from who really joined; a technical failure is nobody's fault
    Column("clash_at", UtcTime),  # since when new zone rules put it where something else is
    Column("alone_since", UtcTime),  # for more than one, since when another declined or left
    Column("asked_at", UtcTime),  # since when it waits for a therapist's answer, or waited
    Column("offered_at", UtcTime),  # since when its clients are asked to choose another time
    CheckConstraint(
        "state IN ('held', 'asked', 'booked', 'cancelled', 'declined', 'attended', 'missed')", name="state"
    ),
    CheckConstraint("outcome IN ('attended', 'late', 'missed', 'technical')", name="outcome"),
    CheckConstraint("starts_at < ends_at", name="order"),
    Index(None, "co_therapist_id", "starts_at"),
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
    Column("asked_again_at", UtcTime),  # since when another's new time waits for their yes; None: they come
    PrimaryKeyConstraint("appointment_id", "person_id"),
)

# Other starts that a therapist proposes for an appointment that was asked for, clashes, or has to move.
proposals = Table(
    "proposals",
    metadata,
    Column("appointment_id", Id, ForeignKey("appointments.id"), nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("appointment_id", "starts_at"),
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

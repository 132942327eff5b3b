"""Tables of the waiting list."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, PrimaryKeyConstraint, String, Table

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata
from telehealth.keys.fields import SealedTable

# Who wishes for an earlier time. Part of the day, zone and therapist stand sealed: they would say where somebody lives.
waiting = Table(
    "waiting",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("service_id", Id, ForeignKey("services.id"), nullable=False),
    Column("wish", SealedBytes, nullable=False),
    Column("before", UtcTime, nullable=False),  # wished for before this moment
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),  # booked, left, or too late
    Index(None, "service_id", "created_at"),
)

# A freed time that is kept for somebody until `answer_by`, as a held appointment; what was not wanted is remembered.
offers = Table(
    "offers",
    metadata,
    Column("waiting_id", Id, ForeignKey("waiting.id"), nullable=False),
    Column("therapist_id", Id, ForeignKey("therapists.person_id"), nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("appointment_id", Id, nullable=False, unique=True),  # gone with the hold, unless it is booked
    Column("made_at", UtcTime, nullable=False),
    Column("answer_by", UtcTime, nullable=False, index=True),
    Column("answer", String(8)),  # None: still open
    PrimaryKeyConstraint("waiting_id", "therapist_id", "starts_at"),
    CheckConstraint("answer IN ('accepted', 'declined', 'lapsed')", name="answer"),
)

SEALED = (SealedTable(waiting, record=waiting.c.id, person=waiting.c.person_id, fields={"wish": "wish"}),)

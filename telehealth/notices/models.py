"""Tables of notices: sealed messages to one person."""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, text

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata
from telehealth.keys.fields import SealedTable

notices = Table(
    "notices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("body", SealedBytes, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("read_at", UtcTime),
    Column("appointment_id", Id, index=True),  # what it is about, so that a calendar file goes with it
    Index(None, "person_id", "created_at"),
)

OPEN = text("sent_at IS NULL AND dead_at IS NULL")

# What is still to leave this house by mail. The words stand sealed in the notice; written in the act's transaction.
outbox = Table(
    "outbox",
    metadata,
    Column("notice_id", Id, ForeignKey("notices.id"), primary_key=True),
    Column("due_at", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("claimed_until", UtcTime),
    Column("sent_at", UtcTime),
    Column("dead_at", UtcTime),  # given up; the administrator sees it
    Column("failure", String(64)),  # a stable code of what went wrong last
    Index(
        "ix_outbox_due_at", "due_at", postgresql_where=OPEN, sqlite_where=OPEN
    ),  # what was sent stays for long
)

# How somebody wishes to be told: channel, discretion, reminders, and the zone their times are said in. Sealed.
preferences = Table(
    "preferences",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("body", SealedBytes, nullable=False),
)

# One person's entry of an appointment in their own calendar: a UID that no other person's has (RFC 5545, 3.8.4.7).
calendar_entries = Table(
    "calendar_entries",
    metadata,
    Column("appointment_id", Id, nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("uid", String(64), nullable=False, unique=True),
    Column("sequence", Integer, nullable=False),
    Column(
        "starts_at", UtcTime, nullable=False
    ),  # as the calendar was last told; counted up when it is told anew
    Column("ends_at", UtcTime, nullable=False),
    Column("state", String(9), nullable=False),
    PrimaryKeyConstraint("appointment_id", "person_id"),
)

# Which reminders were made, so that each is made once however many workers look.
reminders = Table(
    "reminders",
    metadata,
    Column("appointment_id", Id, nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("hours", Integer, nullable=False),
    Column("starts_at", UtcTime, nullable=False),  # moved to another time, it is reminded of anew
    Column("made_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("appointment_id", "person_id", "hours", "starts_at"),
)

SEALED = (
    SealedTable(notices, record=notices.c.id, person=notices.c.person_id, fields={"body": "body"}),
    SealedTable(
        preferences,
        record=preferences.c.person_id,
        person=preferences.c.person_id,
        revision=preferences.c.revision,
        fields={"body": "body"},
    ),
)

"""Tables of rooms: what a replica must agree on with the others is a row, changed conditionally."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
)

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata
from telehealth.keys.fields import SealedTable

rooms = Table(
    "rooms",
    metadata,
    Column("appointment_id", Id, ForeignKey("appointments.id"), primary_key=True),
    Column("call_id", Id, nullable=False),
    Column("locked", Boolean, nullable=False, default=False),
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("ice_policy", String(5)),  # the practice's when the room was made; None: as the setting says
    Column("grouping", Integer, nullable=False, server_default="0"),  # counts changes of who speaks apart
    Column("failed_at", UtcTime),  # when somebody who was there said that it did not work
    Column("judged_at", UtcTime),  # when its therapist said how the appointment went
)

seats = Table(
    "seats",
    metadata,
    Column("appointment_id", Id, ForeignKey("rooms.appointment_id"), nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("seat_id", Id, nullable=False, unique=True),
    Column("host", Boolean, nullable=False),
    Column("state", String(8), nullable=False),
    Column("joined_at", UtcTime),
    Column("left_at", UtcTime),
    Column("came_at", UtcTime),  # when they first asked for a ticket while the door was open
    Column("connected_at", UtcTime),  # when their page first said that a connection to somebody stands
    Column(
        "apart", Integer, nullable=False, server_default="0"
    ),  # the group that hears this seat; 0: all not apart
    Column(
        "told", Integer, nullable=False, server_default="0"
    ),  # 1: said how it was, 2: what was wrong as well
    PrimaryKeyConstraint("appointment_id", "person_id"),
    CheckConstraint("state IN ('outside', 'admitted', 'removed')", name="state"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("kind", String(7), nullable=False),
    Column("seat_id", Id, ForeignKey("seats.seat_id"), index=True),
    Column("session", Id),  # the login session of whoever holds it; a probe has none
    Column("probe_id", Id),  # the room of a probe
    Column("host", Boolean),  # of a probe's two, who opens the room
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("used_at", UtcTime),
    CheckConstraint(
        "(kind = 'session' AND seat_id IS NOT NULL AND session IS NOT NULL AND probe_id IS NULL) OR "
        "(kind = 'check' AND seat_id IS NULL AND session IS NOT NULL AND probe_id IS NULL) OR "
        "(kind = 'probe' AND seat_id IS NULL AND session IS NULL AND probe_id IS NOT NULL AND host IS NOT NULL)",
        name="kind",
    ),
)

# Where a client is during the session, and whom to call: kept while the door is open to them, no longer. What is said
# anew is a new record, so that nothing opens what was said before.
whereabouts = Table(
    "whereabouts",
    metadata,
    Column("appointment_id", Id, ForeignKey("appointments.id"), nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("record_id", Id, nullable=False, unique=True),
    Column("place", SealedBytes, nullable=False),  # both sealed even when empty
    Column("contact", SealedBytes, nullable=False),
    PrimaryKeyConstraint("appointment_id", "person_id"),
)

# How sound and picture were: how often each word was said in a month, by nobody any more.
impressions = Table(
    "impressions",
    metadata,
    Column("month", String(7), nullable=False),
    Column("word", String(7), nullable=False),
    Column("times", Integer, nullable=False),
    PrimaryKeyConstraint("month", "word"),
    CheckConstraint("word IN ('good', 'rough', 'failed', 'sound', 'picture', 'line')", name="word"),
)

SEALED = (
    SealedTable(
        whereabouts,
        record=whereabouts.c.record_id,
        person=whereabouts.c.person_id,
        fields={"place": "place", "contact": "contact"},
    ),
)

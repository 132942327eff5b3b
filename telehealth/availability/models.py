"""Tables of hours and of what is taken. Hours are wall-clock minutes in the therapist's own zone, dates are local."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
)

from telehealth.db.tables import Id, UtcTime, metadata

_MINUTES = "0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440"

hours = Table(
    "hours",
    metadata,
    Column("id", Id, primary_key=True),
    Column("therapist_id", Id, ForeignKey("therapists.person_id"), nullable=False, index=True),
    Column("weekday", Integer, nullable=False),  # Monday is 0
    Column("start_minute", Integer, nullable=False),  # of the local day
    Column("end_minute", Integer, nullable=False),
    Column("valid_from", Date),  # inclusive
    Column("valid_until", Date),  # inclusive
    CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    CheckConstraint(_MINUTES, name="minutes"),
)

exceptions = Table(
    "exceptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("therapist_id", Id, ForeignKey("therapists.person_id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("kind", String(5), nullable=False),
    Column("start_minute", Integer, nullable=False),
    Column("end_minute", Integer, nullable=False),
    CheckConstraint("kind IN ('off', 'extra')", name="kind"),
    CheckConstraint(_MINUTES, name="minutes"),
    Index(None, "therapist_id", "day"),
)

# What is taken, one row for each party of an appointment: the therapist's with buffers, a client's without.
# `telehealth.db.occupancy` makes the database refuse an overlap of the rows that are held or booked.
occupancies = Table(
    "occupancies",
    metadata,
    Column("appointment_id", Id, ForeignKey("appointments.id"), nullable=False),
    Column("party", Id, ForeignKey("people.id"), nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("state", String(9), nullable=False),
    PrimaryKeyConstraint("appointment_id", "party"),
    CheckConstraint("state IN ('held', 'booked', 'cancelled', 'attended', 'missed')", name="state"),
    CheckConstraint("starts_at < ends_at", name="order"),
    Index(None, "party", "ends_at"),
)

# What a held appointment hangs on, until it is booked or forgotten. A visitor's counts against the address.
holds = Table(
    "holds",
    metadata,
    Column("appointment_id", Id, ForeignKey("appointments.id"), primary_key=True),
    Column("held_until", UtcTime, nullable=False),
    Column("extended", Boolean, nullable=False, default=False),
    Column("holder", LargeBinary(32), nullable=False, index=True),  # hash of the visit cookie
    Column("address", LargeBinary(32), index=True),  # keyed hash of a visitor's network address
    Column("person_id", Id, ForeignKey("people.id"), index=True),
)

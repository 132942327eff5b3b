"""Tables of hours and of what is taken. Hours are wall-clock minutes in the therapist's own zone, dates are local."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    literal_column,
)

from telehealth.db.occupancy import LIVE
from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata
from telehealth.keys.fields import SealedTable

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
    Column("last_day", Date),  # inclusive; None: that one day
    Column("kind", String(5), nullable=False),
    Column("start_minute", Integer, nullable=False),
    Column("end_minute", Integer, nullable=False),
    CheckConstraint("kind IN ('off', 'extra')", name="kind"),
    CheckConstraint(_MINUTES, name="minutes"),
    Index(None, "therapist_id", "day"),
)

# What a therapist's day can bear, beside the hours.
workloads = Table(
    "workloads",
    metadata,
    Column("therapist_id", Id, ForeignKey("therapists.person_id"), primary_key=True),
    Column("break_minutes", Integer, nullable=False),  # between any two sessions, beside their buffers
    Column("sessions_per_day", Integer),  # of the therapist's local day; None: no limit
    CheckConstraint("break_minutes BETWEEN 0 AND 240", name="break_minutes"),
    CheckConstraint("sessions_per_day BETWEEN 1 AND 24", name="sessions_per_day"),
)

# A calendar elsewhere that a therapist subscribes to (ICS). Its address may be a secret, so it stands sealed.
busy_calendars = Table(
    "busy_calendars",
    metadata,
    Column("id", Id, primary_key=True),
    Column("therapist_id", Id, ForeignKey("therapists.person_id"), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("address", SealedBytes, nullable=False),
    Column("state", String(7), nullable=False),
    Column("failure", String(32)),  # a stable code, None while all is well
    Column("failures", Integer, nullable=False),  # in a row
    Column("etag", String(256)),
    Column("last_modified", String(64)),
    Column("fetched_at", UtcTime),  # when it last answered as it should
    Column("read_until", UtcTime),  # how far ahead its busy times were worked out
    Column("due_at", UtcTime, nullable=False, index=True),  # when it is asked next
    CheckConstraint("state IN ('new', 'ok', 'failing')", name="state"),
)

# Of a subscribed calendar only that somebody is busy is kept, never with what.
busy_times = Table(
    "busy_times",
    metadata,
    Column("calendar_id", Id, ForeignKey("busy_calendars.id"), nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("calendar_id", "starts_at", "ends_at"),
    CheckConstraint("starts_at < ends_at", name="order"),
)

# A therapist's own calendar for other programs, at a secret address.
feeds = Table(
    "feeds",
    metadata,
    Column("therapist_id", Id, ForeignKey("therapists.person_id"), primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of the address's 32 random bytes
    Column("created_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
)

# What is taken, one row for each party of an appointment: the therapist's with buffers, a client's without.
# The database refuses an overlap of rows that count as taken: `telehealth.db.occupancy` says which.
occupancies = Table(
    "occupancies",
    metadata,
    Column("appointment_id", Id, ForeignKey("appointments.id"), nullable=False),
    Column("party", Id, ForeignKey("people.id"), nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("state", String(9), nullable=False),
    PrimaryKeyConstraint("appointment_id", "party"),
    CheckConstraint(
        "state IN ('held', 'asked', 'booked', 'cancelled', 'declined', 'attended', 'missed')", name="state"
    ),
    CheckConstraint("starts_at < ends_at", name="order"),
    Index(None, "party", "ends_at"),
)
TAKES_TIME: ColumnElement[bool] = literal_column(f"occupancies.state IN {LIVE}")

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

SEALED = (
    SealedTable(
        busy_calendars,
        record=busy_calendars.c.id,
        person=busy_calendars.c.therapist_id,
        revision=busy_calendars.c.revision,
        fields={"address": "address"},
    ),
)

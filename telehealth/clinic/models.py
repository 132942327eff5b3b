"""Tables of the clinic; all of it is public and stands in clear."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
)

from telehealth.db.tables import Id, UtcTime, metadata

services = Table(
    "services",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", String(64), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("public_name", String(120), nullable=False),  # neutral, for calendars and e-mails
    Column("summary", Text, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("buffer_before", Integer, nullable=False),  # minutes
    Column("buffer_after", Integer, nullable=False),  # minutes
    Column("seats", Integer, nullable=False),
    Column("grid_minutes", Integer, nullable=False),
    Column("notice_minutes", Integer, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("cancel_hours", Integer, nullable=False),
    Column("price_text", String(120), nullable=False),
    Column("position", Integer, nullable=False),
    Column("therapists_needed", Integer, nullable=False, server_default="1"),  # 2: co-therapy
    Column(
        "confirms_first", Boolean, nullable=False, server_default=false()
    ),  # asked, then booked or declined
    Column("retired_at", UtcTime),  # offered no more; its appointments stay
    CheckConstraint("minutes BETWEEN 5 AND 480", name="minutes"),
    CheckConstraint("seats BETWEEN 1 AND 4", name="seats"),
    CheckConstraint("grid_minutes BETWEEN 5 AND 240", name="grid_minutes"),
    CheckConstraint("buffer_before BETWEEN 0 AND 120 AND buffer_after BETWEEN 0 AND 120", name="buffers"),
    CheckConstraint("horizon_days BETWEEN 1 AND 366", name="horizon_days"),
    CheckConstraint("therapists_needed BETWEEN 1 AND 2", name="therapists_needed"),
)

therapists = Table(
    "therapists",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("slug", String(64), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("title", String(120), nullable=False),
    Column("pronouns", String(40), nullable=False),
    Column("specialties", Text, nullable=False),  # one a line
    Column("languages", Text, nullable=False),  # one a line
    Column("about", Text, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("position", Integer, nullable=False),
    Column("retired_at", UtcTime),  # shown and booked no more; appointments stay
)

service_therapists = Table(
    "service_therapists",
    metadata,
    Column("service_id", Id, ForeignKey("services.id"), nullable=False),
    Column("therapist_id", Id, ForeignKey("therapists.person_id"), nullable=False),
    PrimaryKeyConstraint("service_id", "therapist_id"),
)

# What holds for the whole practice: one row, made when it is first changed.
policies = Table(
    "policies",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("cancellation", Text, nullable=False),  # in the practice's own words, shown before a booking
    Column("secrets", String(7), nullable=False),  # of partners: none kept, or limited
    Column("ice_policy", String(5)),  # None: as the setting says
    CheckConstraint("id = 1", name="one"),
    CheckConstraint("secrets IN ('none', 'limited')", name="secrets"),
    CheckConstraint("ice_policy IN ('all', 'relay')", name="ice_policy"),
)

emergency_numbers = Table(
    "emergency_numbers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("label", String(120), nullable=False),
    Column("number", String(40), nullable=False),
    Column("region", String(80), nullable=False),
    Column("position", Integer, nullable=False),
)

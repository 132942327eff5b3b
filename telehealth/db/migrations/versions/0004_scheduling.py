"""A clinic that starts empty, therapists' calendars, couples, co-therapy, the waiting list, and mail."""

import sqlalchemy as sa
from alembic import op

from telehealth.db.tables import Id, SealedBytes, UtcTime

revision = "0004"
down_revision = "0003"

STATES = "state IN ('held', 'asked', 'booked', 'cancelled', 'declined', 'attended', 'missed')"
OUTCOMES = "outcome IN ('attended', 'late', 'missed', 'technical')"
LIVE = "('held', 'asked', 'booked', 'attended')"
NO_OVERLAP = {
    "sqlite": (
        f"CREATE TRIGGER occupancies_no_overlap_insert BEFORE INSERT ON occupancies WHEN NEW.state IN {LIVE} AND EXISTS (SELECT 1 FROM occupancies AS other WHERE other.party = NEW.party AND other.state IN {LIVE} AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at) BEGIN SELECT RAISE(ABORT, 'occupancy_overlap'); END",
        f"CREATE TRIGGER occupancies_no_overlap_update BEFORE UPDATE ON occupancies WHEN NEW.state IN {LIVE} AND EXISTS (SELECT 1 FROM occupancies AS other WHERE other.party = NEW.party AND other.state IN {LIVE} AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at AND NOT (other.appointment_id = OLD.appointment_id AND other.party = OLD.party)) BEGIN SELECT RAISE(ABORT, 'occupancy_overlap'); END",
    ),
    "postgresql": (
        "ALTER TABLE occupancies DROP CONSTRAINT ex_occupancies_party_during",
        f"ALTER TABLE occupancies ADD CONSTRAINT ex_occupancies_party_during EXCLUDE USING gist (party WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (state IN {LIVE})",
    ),
}


def upgrade() -> None:
    _keys()
    _clinic()
    _people()
    _availability()
    _cases()
    _notices()
    if op.get_context().dialect.name == "sqlite":
        _appointments_anew()
        _occupancies_anew()
    else:
        _appointments_changed()
        _occupancies_changed()
    for statement in NO_OVERLAP[op.get_context().dialect.name]:
        op.execute(statement)
    _beside_appointments()
    op.drop_table("idempotency")  # an answer is kept for a day: whoever repeats a request now, does it anew
    op.create_table(
        "idempotency",
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("answer", Id(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        _refers("idempotency", "person_id", "people"),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_idempotency")),
    )


def _refers(table: str, column: str, to: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.{key}"], name=op.f(f"fk_{table}_{column}_{to}"))


def _keys() -> None:
    op.add_column("erasures", sa.Column("tombstone", sa.Integer(), nullable=True))
    for name in ("bits", "next_bits"):
        op.add_column("index_keys", sa.Column(name, sa.Integer(), nullable=True))
    op.execute("UPDATE index_keys SET bits = CASE name WHEN 'people.email' THEN 6 ELSE 256 END")
    op.execute("UPDATE index_keys SET next_bits = bits WHERE next_version IS NOT NULL")
    with op.batch_alter_table("index_keys") as index_keys:
        index_keys.alter_column("bits", existing_type=sa.Integer(), nullable=False)


def _clinic() -> None:
    with op.batch_alter_table("services") as services:
        services.add_column(sa.Column("therapists_needed", sa.Integer(), server_default="1", nullable=False))
        services.add_column(
            sa.Column("confirms_first", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        services.add_column(sa.Column("retired_at", UtcTime(), nullable=True))
        services.create_check_constraint(
            op.f("ck_services_therapists_needed"), "therapists_needed BETWEEN 1 AND 2"
        )
    op.add_column("therapists", sa.Column("retired_at", UtcTime(), nullable=True))
    op.add_column("appointment_clients", sa.Column("asked_again_at", UtcTime(), nullable=True))
    op.add_column("rooms", sa.Column("ice_policy", sa.String(length=5), nullable=True))
    op.add_column("seats", sa.Column("came_at", UtcTime(), nullable=True))
    op.add_column("seats", sa.Column("connected_at", UtcTime(), nullable=True))
    op.add_column("seats", sa.Column("apart", sa.Integer(), server_default="0", nullable=False))
    op.add_column("rooms", sa.Column("grouping", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "policies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cancellation", sa.Text(), nullable=False),
        sa.Column("secrets", sa.String(length=7), nullable=False),
        sa.Column("ice_policy", sa.String(length=5), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_policies_one")),
        sa.CheckConstraint("secrets IN ('none', 'limited')", name=op.f("ck_policies_secrets")),
        sa.CheckConstraint("ice_policy IN ('all', 'relay')", name=op.f("ck_policies_ice_policy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
    )
    op.create_table(
        "emergency_numbers",
        sa.Column("id", Id(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_numbers")),
    )


def _people() -> None:
    op.add_column("accounts", sa.Column("role_here", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("DELETE FROM sessions")  # none says for which role it was opened: people sign in anew
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("role", sa.String(length=16), nullable=False))
    op.create_table(
        "staff_invitations",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("made_by", Id(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        _refers("staff_invitations", "person_id", "people"),
        _refers("staff_invitations", "made_by", "people"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_staff_invitations")),
    )
    op.create_index(op.f("ix_staff_invitations_person_id"), "staff_invitations", ["person_id"])


def _availability() -> None:
    op.add_column("exceptions", sa.Column("last_day", sa.Date(), nullable=True))
    op.create_table(
        "workloads",
        sa.Column("therapist_id", Id(), nullable=False),
        sa.Column("break_minutes", sa.Integer(), nullable=False),
        sa.Column("sessions_per_day", sa.Integer(), nullable=True),
        sa.CheckConstraint("break_minutes BETWEEN 0 AND 240", name=op.f("ck_workloads_break_minutes")),
        sa.CheckConstraint("sessions_per_day BETWEEN 1 AND 24", name=op.f("ck_workloads_sessions_per_day")),
        _refers("workloads", "therapist_id", "therapists", "person_id"),
        sa.PrimaryKeyConstraint("therapist_id", name=op.f("pk_workloads")),
    )
    op.create_table(
        "busy_calendars",
        sa.Column("id", Id(), nullable=False),
        sa.Column("therapist_id", Id(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("address", SealedBytes(), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("failure", sa.String(length=32), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String(length=256), nullable=True),
        sa.Column("last_modified", sa.String(length=64), nullable=True),
        sa.Column("fetched_at", UtcTime(), nullable=True),
        sa.Column("read_until", UtcTime(), nullable=True),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.CheckConstraint("state IN ('new', 'ok', 'failing')", name=op.f("ck_busy_calendars_state")),
        _refers("busy_calendars", "therapist_id", "therapists", "person_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_calendars")),
    )
    op.create_index(op.f("ix_busy_calendars_therapist_id"), "busy_calendars", ["therapist_id"])
    op.create_index(op.f("ix_busy_calendars_due_at"), "busy_calendars", ["due_at"])
    op.create_table(
        "busy_times",
        sa.Column("calendar_id", Id(), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_busy_times_order")),
        _refers("busy_times", "calendar_id", "busy_calendars"),
        sa.PrimaryKeyConstraint("calendar_id", "starts_at", "ends_at", name=op.f("pk_busy_times")),
    )
    op.create_table(
        "feeds",
        sa.Column("therapist_id", Id(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        _refers("feeds", "therapist_id", "therapists", "person_id"),
        sa.PrimaryKeyConstraint("therapist_id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("hash", name=op.f("uq_feeds_hash")),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", Id(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_table(
        "case_members",
        sa.Column("case_id", Id(), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("joined_at", UtcTime(), nullable=False),
        sa.Column("left_at", UtcTime(), nullable=True),
        _refers("case_members", "case_id", "cases"),
        _refers("case_members", "person_id", "people"),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_case_members")),
    )
    op.create_index(op.f("ix_case_members_person_id"), "case_members", ["person_id"])


def _notices() -> None:
    op.add_column("notices", sa.Column("appointment_id", Id(), nullable=True))
    op.create_index(op.f("ix_notices_appointment_id"), "notices", ["appointment_id"])
    op.create_table(
        "outbox",
        sa.Column("notice_id", Id(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", UtcTime(), nullable=True),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.Column("dead_at", UtcTime(), nullable=True),
        sa.Column("failure", sa.String(length=64), nullable=True),
        _refers("outbox", "notice_id", "notices"),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_outbox")),
    )
    op.create_index(
        op.f("ix_outbox_due_at"),
        "outbox",
        ["due_at"],
        postgresql_where=sa.text("sent_at IS NULL AND dead_at IS NULL"),
        sqlite_where=sa.text("sent_at IS NULL AND dead_at IS NULL"),
    )
    op.create_table(
        "preferences",
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", SealedBytes(), nullable=False),
        _refers("preferences", "person_id", "people"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_preferences")),
    )
    op.create_table(
        "calendar_entries",
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        _refers("calendar_entries", "person_id", "people"),
        sa.PrimaryKeyConstraint("appointment_id", "person_id", name=op.f("pk_calendar_entries")),
        sa.UniqueConstraint("uid", name=op.f("uq_calendar_entries_uid")),
    )
    op.create_index(op.f("ix_calendar_entries_person_id"), "calendar_entries", ["person_id"])
    op.create_table(
        "reminders",
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        _refers("reminders", "person_id", "people"),
        sa.PrimaryKeyConstraint(
            "appointment_id", "person_id", "hours", "starts_at", name=op.f("pk_reminders")
        ),
    )
    op.create_index(op.f("ix_reminders_person_id"), "reminders", ["person_id"])


def _new_columns() -> list[sa.Column]:  # type: ignore[type-arg]
    return [
        sa.Column("co_therapist_id", Id(), nullable=True),
        sa.Column("case_id", Id(), nullable=True),
        sa.Column("series_id", Id(), nullable=True),
        sa.Column("sequence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cancelled_late", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("outcome", sa.String(length=9), nullable=True),
        sa.Column("clash_at", UtcTime(), nullable=True),
        sa.Column("alone_since", UtcTime(), nullable=True),
        sa.Column("asked_at", UtcTime(), nullable=True),
    ]


def _appointments_anew() -> None:
    """SQLite cannot change a constraint: the table is made anew under its own name."""
    kept = "id, service_id, therapist_id, state, local_start, zone, zone_version, starts_at, ends_at, booked_by, created_at"
    op.create_table(
        "appointments_new",
        sa.Column("id", Id(), nullable=False),
        sa.Column("service_id", Id(), nullable=False),
        sa.Column("therapist_id", Id(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("local_start", sa.String(length=16), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("zone_version", sa.String(length=16), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("booked_by", Id(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        *_new_columns(),
        sa.CheckConstraint(STATES, name=op.f("ck_appointments_state")),
        sa.CheckConstraint(OUTCOMES, name=op.f("ck_appointments_outcome")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_appointments_order")),
        _refers("appointments", "service_id", "services"),
        _refers("appointments", "therapist_id", "therapists", "person_id"),
        _refers("appointments", "co_therapist_id", "therapists", "person_id"),
        _refers("appointments", "booked_by", "people"),
        _refers("appointments", "case_id", "cases"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    op.execute(f"INSERT INTO appointments_new ({kept}) SELECT {kept} FROM appointments")
    op.drop_table("appointments")
    op.rename_table("appointments_new", "appointments")
    op.create_index(
        op.f("ix_appointments_therapist_id_starts_at"), "appointments", ["therapist_id", "starts_at"]
    )
    op.create_index(op.f("ix_appointments_starts_at"), "appointments", ["starts_at"])
    op.create_index(op.f("ix_appointments_booked_by"), "appointments", ["booked_by"])
    _new_indexes()


def _appointments_changed() -> None:
    for column in _new_columns():
        op.add_column("appointments", column)
    op.drop_constraint(op.f("ck_appointments_state"), "appointments", type_="check")
    op.create_check_constraint(op.f("ck_appointments_state"), "appointments", STATES)
    op.create_check_constraint(op.f("ck_appointments_outcome"), "appointments", OUTCOMES)
    for name, to, key in (("co_therapist_id", "therapists", "person_id"), ("case_id", "cases", "id")):
        op.create_foreign_key(op.f(f"fk_appointments_{name}_{to}"), "appointments", to, [name], [key])
    _new_indexes()


def _new_indexes() -> None:
    op.create_index(
        op.f("ix_appointments_co_therapist_id_starts_at"), "appointments", ["co_therapist_id", "starts_at"]
    )
    op.create_index(op.f("ix_appointments_case_id"), "appointments", ["case_id"])
    op.create_index(op.f("ix_appointments_series_id"), "appointments", ["series_id"])


def _occupancies_anew() -> None:
    op.create_table(
        "occupancies_new",
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("party", Id(), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_occupancies_state")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_occupancies_order")),
        _refers("occupancies", "appointment_id", "appointments"),
        _refers("occupancies", "party", "people"),
        sa.PrimaryKeyConstraint("appointment_id", "party", name=op.f("pk_occupancies")),
    )
    op.execute(
        "INSERT INTO occupancies_new SELECT appointment_id, party, starts_at, ends_at, state FROM occupancies"
    )
    op.drop_table("occupancies")  # and its triggers with it
    op.rename_table("occupancies_new", "occupancies")
    op.create_index(op.f("ix_occupancies_party_ends_at"), "occupancies", ["party", "ends_at"])


def _occupancies_changed() -> None:
    op.drop_constraint(op.f("ck_occupancies_state"), "occupancies", type_="check")
    op.create_check_constraint(op.f("ck_occupancies_state"), "occupancies", STATES)


def _beside_appointments() -> None:
    op.create_table(
        "proposals",
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        _refers("proposals", "appointment_id", "appointments"),
        sa.PrimaryKeyConstraint("appointment_id", "starts_at", name=op.f("pk_proposals")),
    )
    op.create_table(
        "invitations",
        sa.Column("id", Id(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("case_id", Id(), nullable=False),
        sa.Column("appointment_id", Id(), nullable=True),
        sa.Column("invited_by", Id(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("accepted_by", Id(), nullable=True),
        sa.Column("accepted_at", UtcTime(), nullable=True),
        sa.Column("withdrawn_at", UtcTime(), nullable=True),
        _refers("invitations", "case_id", "cases"),
        _refers("invitations", "appointment_id", "appointments"),
        _refers("invitations", "invited_by", "people"),
        _refers("invitations", "accepted_by", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("hash", name=op.f("uq_invitations_hash")),
    )
    op.create_index(op.f("ix_invitations_case_id"), "invitations", ["case_id"])
    op.create_index(op.f("ix_invitations_appointment_id"), "invitations", ["appointment_id"])
    op.create_table(
        "waiting",
        sa.Column("id", Id(), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("service_id", Id(), nullable=False),
        sa.Column("wish", SealedBytes(), nullable=False),
        sa.Column("before", UtcTime(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        _refers("waiting", "person_id", "people"),
        _refers("waiting", "service_id", "services"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting")),
    )
    op.create_index(op.f("ix_waiting_person_id"), "waiting", ["person_id"])
    op.create_index(op.f("ix_waiting_service_id_created_at"), "waiting", ["service_id", "created_at"])
    op.create_table(
        "offers",
        sa.Column("waiting_id", Id(), nullable=False),
        sa.Column("therapist_id", Id(), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("answer_by", UtcTime(), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=True),
        sa.CheckConstraint("answer IN ('accepted', 'declined', 'lapsed')", name=op.f("ck_offers_answer")),
        _refers("offers", "waiting_id", "waiting"),
        _refers("offers", "therapist_id", "therapists", "person_id"),
        sa.PrimaryKeyConstraint("waiting_id", "therapist_id", "starts_at", name=op.f("pk_offers")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_offers_appointment_id")),
    )
    op.create_index(op.f("ix_offers_answer_by"), "offers", ["answer_by"])


def downgrade() -> None:
    raise RuntimeError("migrations go forward only; restore a backup to go back")

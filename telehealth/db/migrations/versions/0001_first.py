"""The first schema. Frozen: what it says of triggers and constraints stood in the code when it was written."""

import sqlalchemy as sa
from alembic import op

from telehealth.db.tables import Id, SealedBytes, UtcTime

revision = "0001"
down_revision = None

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER audit_leaves_no_update BEFORE UPDATE ON audit_leaves BEGIN SELECT RAISE(ABORT, 'audit_leaves is append-only'); END",
        "CREATE TRIGGER audit_leaves_no_delete BEFORE DELETE ON audit_leaves BEGIN SELECT RAISE(ABORT, 'audit_leaves is append-only'); END",
        "CREATE TRIGGER audit_leaves_no_replace BEFORE INSERT ON audit_leaves WHEN EXISTS (SELECT 1 FROM audit_leaves WHERE leaf = NEW.leaf OR id = NEW.id) BEGIN SELECT RAISE(ABORT, 'audit_leaves is append-only'); END",
        "CREATE TRIGGER audit_chain_no_update BEFORE UPDATE ON audit_chain BEGIN SELECT RAISE(ABORT, 'audit_chain is append-only'); END",
        "CREATE TRIGGER audit_chain_no_delete BEFORE DELETE ON audit_chain BEGIN SELECT RAISE(ABORT, 'audit_chain is append-only'); END",
        "CREATE TRIGGER audit_chain_no_replace BEFORE INSERT ON audit_chain WHEN EXISTS (SELECT 1 FROM audit_chain WHERE seq = NEW.seq OR leaf = NEW.leaf) BEGIN SELECT RAISE(ABORT, 'audit_chain is append-only'); END",
        "CREATE TRIGGER audit_checkpoints_no_update BEFORE UPDATE ON audit_checkpoints BEGIN SELECT RAISE(ABORT, 'audit_checkpoints is append-only'); END",
        "CREATE TRIGGER audit_checkpoints_no_delete BEFORE DELETE ON audit_checkpoints BEGIN SELECT RAISE(ABORT, 'audit_checkpoints is append-only'); END",
        "CREATE TRIGGER audit_checkpoints_no_replace BEFORE INSERT ON audit_checkpoints WHEN EXISTS (SELECT 1 FROM audit_checkpoints WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'audit_checkpoints is append-only'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END $$",
        "CREATE TRIGGER audit_leaves_no_change BEFORE UPDATE OR DELETE ON audit_leaves FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
        "CREATE TRIGGER audit_leaves_no_truncate BEFORE TRUNCATE ON audit_leaves FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
        "CREATE TRIGGER audit_chain_no_change BEFORE UPDATE OR DELETE ON audit_chain FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
        "CREATE TRIGGER audit_chain_no_truncate BEFORE TRUNCATE ON audit_chain FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
        "CREATE TRIGGER audit_checkpoints_no_change BEFORE UPDATE OR DELETE ON audit_checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
        "CREATE TRIGGER audit_checkpoints_no_truncate BEFORE TRUNCATE ON audit_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
    ),
}
NO_OVERLAP = {
    "sqlite": (
        "CREATE TRIGGER occupancies_no_overlap_insert BEFORE INSERT ON occupancies WHEN NEW.state IN ('held', 'booked', 'attended') AND EXISTS (SELECT 1 FROM occupancies AS other WHERE other.party = NEW.party AND other.state IN ('held', 'booked', 'attended') AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at) BEGIN SELECT RAISE(ABORT, 'occupancy_overlap'); END",
        "CREATE TRIGGER occupancies_no_overlap_update BEFORE UPDATE ON occupancies WHEN NEW.state IN ('held', 'booked', 'attended') AND EXISTS (SELECT 1 FROM occupancies AS other WHERE other.party = NEW.party AND other.state IN ('held', 'booked', 'attended') AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at AND NOT (other.appointment_id = OLD.appointment_id AND other.party = OLD.party)) BEGIN SELECT RAISE(ABORT, 'occupancy_overlap'); END",
    ),
    "postgresql": (
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        "ALTER TABLE occupancies ADD CONSTRAINT ex_occupancies_party_during EXCLUDE USING gist (party WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (state IN ('held', 'booked', 'attended'))",
    ),
}


def upgrade() -> None:
    op.create_table(
        "audit_checkpoints",
        sa.Column("id", Id(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_checkpoints")),
    )
    op.create_index(op.f("ix_audit_checkpoints_seq"), "audit_checkpoints", ["seq"], unique=False)
    op.create_table(
        "audit_leaves",
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("ts", UtcTime(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=1), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("agent", Id(), nullable=True),
        sa.Column("session", Id(), nullable=True),
        sa.Column("entity_type", sa.String(length=32), nullable=False),
        sa.Column("entity_id", Id(), nullable=False),
        sa.Column("patient", Id(), nullable=True),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("detail_ct", SealedBytes(), nullable=True),
        sa.CheckConstraint("action IN ('C', 'R', 'U', 'D', 'E')", name=op.f("ck_audit_leaves_action")),
        sa.PrimaryKeyConstraint("leaf", name=op.f("pk_audit_leaves")),
        sa.UniqueConstraint("id", name=op.f("uq_audit_leaves_id")),
    )
    op.create_index(op.f("ix_audit_leaves_patient_ts"), "audit_leaves", ["patient", "ts"], unique=False)
    op.create_table(
        "erasures",
        sa.Column("subject_id", Id(), nullable=False),
        sa.Column("requested_at", UtcTime(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("audit_seq", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_erasures")),
    )
    op.create_table(
        "keks",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kek_id", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("destroyed_at", UtcTime(), nullable=True),
        sa.CheckConstraint("state IN ('active', 'decrypt_only', 'destroyed')", name=op.f("ck_keks_state")),
        sa.CheckConstraint("number BETWEEN 1 AND 4294967295", name=op.f("ck_keks_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_keks")),
        sa.UniqueConstraint("kek_id", name=op.f("uq_keks_kek_id")),
    )
    op.create_table(
        "people",
        sa.Column("id", Id(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("name", SealedBytes(), nullable=True),
        sa.Column("email", SealedBytes(), nullable=True),
        sa.Column("email_index", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("disabled_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "role IN ('client', 'therapist', 'front_desk', 'administrator')", name=op.f("ck_people_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_index("ix_people_email_index", "people", ["email_index"], unique=False)
    op.create_table(
        "services",
        sa.Column("id", Id(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("public_name", sa.String(length=120), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_before", sa.Integer(), nullable=False),
        sa.Column("buffer_after", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("grid_minutes", sa.Integer(), nullable=False),
        sa.Column("notice_minutes", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("cancel_hours", sa.Integer(), nullable=False),
        sa.Column("price_text", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "buffer_before BETWEEN 0 AND 120 AND buffer_after BETWEEN 0 AND 120",
            name=op.f("ck_services_buffers"),
        ),
        sa.CheckConstraint("grid_minutes BETWEEN 5 AND 240", name=op.f("ck_services_grid_minutes")),
        sa.CheckConstraint("horizon_days BETWEEN 1 AND 366", name=op.f("ck_services_horizon_days")),
        sa.CheckConstraint("minutes BETWEEN 5 AND 480", name=op.f("ck_services_minutes")),
        sa.CheckConstraint("seats BETWEEN 1 AND 4", name=op.f("ck_services_seats")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
        sa.UniqueConstraint("slug", name=op.f("uq_services_slug")),
    )
    op.create_table(
        "accounts",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_accounts_person_id_people")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_accounts")),
    )
    op.create_index(op.f("ix_accounts_person_id"), "accounts", ["person_id"], unique=False)
    op.create_table(
        "audit_chain",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.Column("prev", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["leaf"], ["audit_leaves.leaf"], name=op.f("fk_audit_chain_leaf_audit_leaves")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_chain")),
        sa.UniqueConstraint("leaf", name=op.f("uq_audit_chain_leaf")),
    )
    op.create_table(
        "audit_pending",
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["leaf"], ["audit_leaves.leaf"], name=op.f("fk_audit_pending_leaf_audit_leaves")
        ),
        sa.PrimaryKeyConstraint("leaf", name=op.f("pk_audit_pending")),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("provider_session", sa.LargeBinary(length=32), nullable=True),
        sa.Column("id_token", SealedBytes(), nullable=True),
        sa.Column("strong", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("signed_in_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id_people")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"], unique=False)
    op.create_index(op.f("ix_sessions_provider_session"), "sessions", ["provider_session"], unique=False)
    op.create_table(
        "subject_keys",
        sa.Column("subject_id", Id(), nullable=False),
        sa.Column("class", sa.String(length=16), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kek", sa.BigInteger(), nullable=False),
        sa.Column("wrapped", SealedBytes(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "class IN ('account', 'booking', 'clinical', 'correspondence')",
            name=op.f("ck_subject_keys_class"),
        ),
        sa.ForeignKeyConstraint(["kek"], ["keks.number"], name=op.f("fk_subject_keys_kek_keks")),
        sa.PrimaryKeyConstraint("subject_id", "class", "version", name=op.f("pk_subject_keys")),
    )
    op.create_index(op.f("ix_subject_keys_kek"), "subject_keys", ["kek"], unique=False)
    op.create_table(
        "therapists",
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("pronouns", sa.String(length=40), nullable=False),
        sa.Column("specialties", sa.Text(), nullable=False),
        sa.Column("languages", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_therapists_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_therapists")),
        sa.UniqueConstraint("slug", name=op.f("uq_therapists_slug")),
    )
    op.create_table(
        "appointments",
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
        sa.CheckConstraint(
            "state IN ('held', 'booked', 'cancelled', 'attended', 'missed')",
            name=op.f("ck_appointments_state"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_appointments_order")),
        sa.ForeignKeyConstraint(["booked_by"], ["people.id"], name=op.f("fk_appointments_booked_by_people")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_appointments_service_id_services")
        ),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.person_id"], name=op.f("fk_appointments_therapist_id_therapists")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    op.create_index(op.f("ix_appointments_booked_by"), "appointments", ["booked_by"], unique=False)
    op.create_index(op.f("ix_appointments_starts_at"), "appointments", ["starts_at"], unique=False)
    op.create_index(
        op.f("ix_appointments_therapist_id_starts_at"),
        "appointments",
        ["therapist_id", "starts_at"],
        unique=False,
    )
    op.create_table(
        "exceptions",
        sa.Column("id", Id(), nullable=False),
        sa.Column("therapist_id", Id(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('off', 'extra')", name=op.f("ck_exceptions_kind")),
        sa.CheckConstraint(
            "0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440",
            name=op.f("ck_exceptions_minutes"),
        ),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.person_id"], name=op.f("fk_exceptions_therapist_id_therapists")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exceptions")),
    )
    op.create_index(
        op.f("ix_exceptions_therapist_id_day"), "exceptions", ["therapist_id", "day"], unique=False
    )
    op.create_table(
        "hours",
        sa.Column("id", Id(), nullable=False),
        sa.Column("therapist_id", Id(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440",
            name=op.f("ck_hours_minutes"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.person_id"], name=op.f("fk_hours_therapist_id_therapists")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours")),
    )
    op.create_index(op.f("ix_hours_therapist_id"), "hours", ["therapist_id"], unique=False)
    op.create_table(
        "record_keys",
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", Id(), nullable=False),
        sa.Column("class", sa.String(length=16), nullable=False),
        sa.Column("subject_version", sa.BigInteger(), nullable=False),
        sa.Column("wrapped", SealedBytes(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id", "class", "subject_version"],
            ["subject_keys.subject_id", "subject_keys.class", "subject_keys.version"],
            name="fk_record_keys_subject_keys",
        ),
        sa.PrimaryKeyConstraint("record_id", "version", "subject_id", name=op.f("pk_record_keys")),
    )
    op.create_index(
        op.f("ix_record_keys_subject_id_class"), "record_keys", ["subject_id", "class"], unique=False
    )
    op.create_table(
        "service_therapists",
        sa.Column("service_id", Id(), nullable=False),
        sa.Column("therapist_id", Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_service_therapists_service_id_services")
        ),
        sa.ForeignKeyConstraint(
            ["therapist_id"],
            ["therapists.person_id"],
            name=op.f("fk_service_therapists_therapist_id_therapists"),
        ),
        sa.PrimaryKeyConstraint("service_id", "therapist_id", name=op.f("pk_service_therapists")),
    )
    op.create_table(
        "appointment_clients",
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", SealedBytes(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_appointment_clients_appointment_id_appointments"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_appointment_clients_person_id_people")
        ),
        sa.PrimaryKeyConstraint("appointment_id", "person_id", name=op.f("pk_appointment_clients")),
        sa.UniqueConstraint("record_id", name=op.f("uq_appointment_clients_record_id")),
    )
    op.create_index(
        op.f("ix_appointment_clients_person_id"), "appointment_clients", ["person_id"], unique=False
    )
    op.create_table(
        "holds",
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("held_until", UtcTime(), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("holder", sa.LargeBinary(length=32), nullable=False),
        sa.Column("address", sa.LargeBinary(length=32), nullable=True),
        sa.Column("person_id", Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_holds_appointment_id_appointments")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_holds_person_id_people")),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_address"), "holds", ["address"], unique=False)
    op.create_index(op.f("ix_holds_holder"), "holds", ["holder"], unique=False)
    op.create_index(op.f("ix_holds_person_id"), "holds", ["person_id"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("appointment_id", Id(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_idempotency_appointment_id_appointments")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_idempotency_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "occupancies",
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("party", Id(), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.CheckConstraint(
            "state IN ('held', 'booked', 'cancelled', 'attended', 'missed')",
            name=op.f("ck_occupancies_state"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_occupancies_order")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_occupancies_appointment_id_appointments")
        ),
        sa.ForeignKeyConstraint(["party"], ["people.id"], name=op.f("fk_occupancies_party_people")),
        sa.PrimaryKeyConstraint("appointment_id", "party", name=op.f("pk_occupancies")),
    )
    op.create_index(op.f("ix_occupancies_party_ends_at"), "occupancies", ["party", "ends_at"], unique=False)
    op.create_table(
        "rooms",
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("call_id", Id(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_rooms_appointment_id_appointments")
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_rooms")),
    )
    op.create_table(
        "seats",
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("seat_id", Id(), nullable=False),
        sa.Column("host", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("joined_at", UtcTime(), nullable=True),
        sa.Column("left_at", UtcTime(), nullable=True),
        sa.CheckConstraint("state IN ('outside', 'admitted', 'removed')", name=op.f("ck_seats_state")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["rooms.appointment_id"], name=op.f("fk_seats_appointment_id_rooms")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_seats_person_id_people")),
        sa.PrimaryKeyConstraint("appointment_id", "person_id", name=op.f("pk_seats")),
        sa.UniqueConstraint("seat_id", name=op.f("uq_seats_seat_id")),
    )
    op.create_table(
        "tickets",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seat_id", Id(), nullable=False),
        sa.Column("session", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["seat_id"], ["seats.seat_id"], name=op.f("fk_tickets_seat_id_seats")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tickets")),
    )
    op.create_index(op.f("ix_tickets_expires_at"), "tickets", ["expires_at"], unique=False)
    op.create_index(op.f("ix_tickets_seat_id"), "tickets", ["seat_id"], unique=False)

    dialect = op.get_context().dialect.name
    for statement in (*NO_OVERLAP[dialect], *APPEND_ONLY[dialect]):
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    raise RuntimeError("migrations go forward only; restore a backup to go back")

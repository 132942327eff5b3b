"""Keys that rotate, passkeys, notices, legal holds and emergency access; sessions say more of themselves."""

import sqlalchemy as sa
from alembic import op

from telehealth.db.tables import Id, SealedBytes, UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index(op.f("ix_audit_leaves_agent_ts"), "audit_leaves", ["agent", "ts"], unique=False)
    op.create_index(op.f("ix_audit_leaves_ts"), "audit_leaves", ["ts"], unique=False)
    op.create_table(
        "index_keys",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("next_version", sa.BigInteger(), nullable=True),
        sa.Column("check_value", sa.LargeBinary(length=8), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_index_keys")),
    )
    op.create_table(
        "spent_tokens",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_spent_tokens")),
    )
    op.create_index(op.f("ix_spent_tokens_expires_at"), "spent_tokens", ["expires_at"], unique=False)
    op.create_table(
        "emergency_grants",
        sa.Column("id", Id(), nullable=False),
        sa.Column("asked_by", Id(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("subject_id", Id(), nullable=True),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("name", SealedBytes(), nullable=True),
        sa.Column("reason", SealedBytes(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("confirmed_by", Id(), nullable=True),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("declined_at", UtcTime(), nullable=True),
        sa.Column("ends_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["people.id"], name=op.f("fk_emergency_grants_asked_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["people.id"], name=op.f("fk_emergency_grants_confirmed_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["people.id"], name=op.f("fk_emergency_grants_subject_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_grants")),
        sa.UniqueConstraint("record_id", name=op.f("uq_emergency_grants_record_id")),
    )
    op.create_index(
        op.f("ix_emergency_grants_asked_by_asked_at"),
        "emergency_grants",
        ["asked_by", "asked_at"],
        unique=False,
    )
    op.create_index(op.f("ix_emergency_grants_subject_id"), "emergency_grants", ["subject_id"], unique=False)
    op.create_table(
        "legal_holds",
        sa.Column("id", Id(), nullable=False),
        sa.Column("subject_id", Id(), nullable=False),
        sa.Column("class", sa.String(length=16), nullable=False),
        sa.Column("reason", SealedBytes(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("set_by", Id(), nullable=True),
        sa.Column("set_at", UtcTime(), nullable=False),
        sa.Column("lifted_by", Id(), nullable=True),
        sa.Column("lifted_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "class IN ('account', 'booking', 'clinical', 'correspondence')", name=op.f("ck_legal_holds_class")
        ),
        sa.ForeignKeyConstraint(["lifted_by"], ["people.id"], name=op.f("fk_legal_holds_lifted_by_people")),
        sa.ForeignKeyConstraint(["set_by"], ["people.id"], name=op.f("fk_legal_holds_set_by_people")),
        sa.ForeignKeyConstraint(["subject_id"], ["people.id"], name=op.f("fk_legal_holds_subject_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index(
        op.f("ix_legal_holds_subject_id_class"), "legal_holds", ["subject_id", "class"], unique=False
    )
    op.create_table(
        "notices",
        sa.Column("id", Id(), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", SealedBytes(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("read_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notices_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(
        op.f("ix_notices_person_id_created_at"), "notices", ["person_id", "created_at"], unique=False
    )
    op.create_table(
        "passkey_challenges",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("binding", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", Id(), nullable=True),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_passkey_challenges_person_id_people")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_passkey_challenges")),
    )
    op.create_index(
        op.f("ix_passkey_challenges_expires_at"), "passkey_challenges", ["expires_at"], unique=False
    )
    op.create_table(
        "passkey_codes",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("made_by", Id(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name=op.f("fk_passkey_codes_made_by_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_passkey_codes_person_id_people")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_passkey_codes")),
    )
    op.create_index(op.f("ix_passkey_codes_person_id"), "passkey_codes", ["person_id"], unique=False)
    op.create_table(
        "passkeys",
        sa.Column("id", Id(), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("credential_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("credential", SealedBytes(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("vouched", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_passkeys_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_hash", name=op.f("uq_passkeys_credential_hash")),
    )
    op.create_index(op.f("ix_passkeys_person_id"), "passkeys", ["person_id"], unique=False)
    op.add_column("accounts", sa.Column("key_next", sa.LargeBinary(length=32), nullable=True))
    op.add_column("accounts", sa.Column("identity", SealedBytes(), nullable=True))
    op.create_index("ix_accounts_key_next", "accounts", ["key_next"], unique=True)
    op.add_column("people", sa.Column("email_index_next", sa.LargeBinary(), nullable=True))
    op.create_index("ix_people_email_index_next", "people", ["email_index_next"], unique=False)

    op.drop_table("sessions")  # sessions live half a day at most: whoever is signed in signs in once more
    op.create_table(
        "sessions",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("provider_session", sa.LargeBinary(length=32), nullable=True),
        sa.Column("provider_session_next", sa.LargeBinary(length=32), nullable=True),
        sa.Column("id_token", SealedBytes(), nullable=True),
        sa.Column("device", SealedBytes(), nullable=True),
        sa.Column("acr", sa.String(length=64), nullable=True),
        sa.Column("strong", sa.Boolean(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("signed_in_at", UtcTime(), nullable=False),
        sa.Column("stepped_up_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id_people")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sessions")),
        sa.UniqueConstraint("id", name=op.f("uq_sessions_id")),
    )
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"], unique=False)
    op.create_index(op.f("ix_sessions_provider_session"), "sessions", ["provider_session"], unique=False)
    op.create_index(
        op.f("ix_sessions_provider_session_next"), "sessions", ["provider_session_next"], unique=False
    )
    op.add_column("keks", sa.Column("emptied_at", UtcTime(), nullable=True))
    op.create_table(
        "rotations",
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("before", UtcTime(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("what", name=op.f("pk_rotations")),
    )


def downgrade() -> None:
    raise RuntimeError("migrations go forward only; restore a backup to go back")

"""Private notes of therapists, sealed for who writes them, with whom they are about; and how sound and picture were."""

import sqlalchemy as sa
from alembic import op

from telehealth.db.tables import Id, SealedBytes, UtcTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "private_notes",
        sa.Column("id", Id(), nullable=False),
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("therapist_id", Id(), nullable=False),
        sa.Column("held_at", UtcTime(), nullable=False),
        sa.Column("words", SealedBytes(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("writer", Id(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("parted_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["people.id"], name=op.f("fk_private_notes_therapist_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_private_notes")),
        sa.UniqueConstraint(
            "appointment_id", "therapist_id", name=op.f("uq_private_notes_appointment_id_therapist_id")
        ),
    )
    op.create_index(
        op.f("ix_private_notes_therapist_id_held_at"), "private_notes", ["therapist_id", "held_at"]
    )
    op.create_table(
        "note_clients",
        sa.Column("note_id", Id(), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["note_id"], ["private_notes.id"], name=op.f("fk_note_clients_note_id_private_notes")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_note_clients_person_id_people")),
        sa.PrimaryKeyConstraint("note_id", "person_id", name=op.f("pk_note_clients")),
    )
    op.create_index(op.f("ix_note_clients_person_id"), "note_clients", ["person_id"], unique=False)
    op.create_table(
        "impressions",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("word", sa.String(length=7), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "word IN ('good', 'rough', 'failed', 'sound', 'picture', 'line')",
            name=op.f("ck_impressions_word"),
        ),
        sa.PrimaryKeyConstraint("month", "word", name=op.f("pk_impressions")),
    )
    op.add_column("seats", sa.Column("told", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("rooms", sa.Column("failed_at", UtcTime(), nullable=True))
    op.add_column("rooms", sa.Column("judged_at", UtcTime(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("migrations go forward only; restore a backup to go back")

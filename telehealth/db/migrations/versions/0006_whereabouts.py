"""Where clients are during their sessions, and whom to call: sealed, and gone when the session is over."""

import sqlalchemy as sa
from alembic import op

from telehealth.db.tables import Id, SealedBytes

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "whereabouts",
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("person_id", Id(), nullable=False),
        sa.Column("record_id", Id(), nullable=False),
        sa.Column("place", SealedBytes(), nullable=False),
        sa.Column("contact", SealedBytes(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_whereabouts_appointment_id_appointments")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_whereabouts_person_id_people")),
        sa.PrimaryKeyConstraint("appointment_id", "person_id", name=op.f("pk_whereabouts")),
        sa.UniqueConstraint("record_id", name=op.f("uq_whereabouts_record_id")),
    )
    op.create_index(op.f("ix_whereabouts_person_id"), "whereabouts", ["person_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only; restore a backup to go back")

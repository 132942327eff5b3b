"""Tickets for device checks and probes, which have no seat. Those of before live for seconds and are asked for anew."""

import sqlalchemy as sa
from alembic import op

from telehealth.db.tables import Id, UtcTime

revision = "0005"
down_revision = "0004"

IS_OF_ITS_KIND = (
    "(kind = 'session' AND seat_id IS NOT NULL AND session IS NOT NULL AND probe_id IS NULL) OR "
    "(kind = 'check' AND seat_id IS NULL AND session IS NOT NULL AND probe_id IS NULL) OR "
    "(kind = 'probe' AND seat_id IS NULL AND session IS NULL AND probe_id IS NOT NULL AND host IS NOT NULL)"
)


def upgrade() -> None:
    op.drop_table("tickets")
    op.create_table(
        "tickets",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("seat_id", Id(), nullable=True),
        sa.Column("session", Id(), nullable=True),
        sa.Column("probe_id", Id(), nullable=True),
        sa.Column("host", sa.Boolean(), nullable=True),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.CheckConstraint(IS_OF_ITS_KIND, name=op.f("ck_tickets_kind")),
        sa.ForeignKeyConstraint(["seat_id"], ["seats.seat_id"], name=op.f("fk_tickets_seat_id_seats")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tickets")),
    )
    op.create_index(op.f("ix_tickets_expires_at"), "tickets", ["expires_at"], unique=False)
    op.create_index(op.f("ix_tickets_seat_id"), "tickets", ["seat_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only; restore a backup to go back")

"""Since when the clients of an appointment are asked to choose another time."""

import sqlalchemy as sa
from alembic import op

from telehealth.db.tables import UtcTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("appointments", sa.Column("offered_at", UtcTime(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("migrations go forward only; restore a backup to go back")

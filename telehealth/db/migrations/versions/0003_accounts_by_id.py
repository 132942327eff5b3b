"""Accounts have ids of their own, to which what stands sealed in their rows is bound."""

import secrets

import sqlalchemy as sa
from alembic import op

from telehealth.db.tables import Id

revision = "0003"
down_revision = "0002"

_accounts = sa.table("accounts", sa.column("key"), sa.column("id"), sa.column("identity"))


def upgrade() -> None:
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(sa.Column("id", Id(), nullable=True))
    connection = op.get_bind()
    for key in connection.execute(sa.select(_accounts.c.key)).scalars().all():
        mine = sa.update(_accounts).where(_accounts.c.key == key)
        # Sealed for no row in particular, it would not open any more; the next sign-in seals it anew.
        connection.execute(mine.values(id=secrets.token_bytes(16), identity=None))
    with op.batch_alter_table("accounts") as accounts:
        accounts.alter_column("id", existing_type=Id(), nullable=False)
        accounts.create_unique_constraint(op.f("uq_accounts_id"), ["id"])


def downgrade() -> None:
    raise RuntimeError("migrations go forward only; restore a backup to go back")

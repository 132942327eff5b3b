"""Alembic's entry: runs on the connection that `telehealth.db.schema` hands in."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("metadata"),
    transaction_per_migration=False,
    render_as_batch=False,
)
context.run_migrations()

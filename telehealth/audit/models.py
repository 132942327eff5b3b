"""Tables of the audit record, and what the database itself does to keep them append-only."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata

HASH_BYTES = 32

audit_leaves = Table(
    "audit_leaves",
    metadata,
    Column("leaf", LargeBinary(HASH_BYTES), primary_key=True),
    Column("id", Id, nullable=False, unique=True),
    Column("ts", UtcTime, nullable=False),
    Column("type", String(64), nullable=False),
    Column("action", String(1), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("agent", Id),
    Column("session", Id),
    Column("entity_type", String(32), nullable=False),
    Column("entity_id", Id, nullable=False),
    Column("patient", Id),
    Column("purpose", String(16), nullable=False),
    Column("detail_ct", SealedBytes),
    CheckConstraint("action IN ('C', 'R', 'U', 'D', 'E')", name="action"),
    Index(None, "patient", "ts"),
    Index(None, "agent", "ts"),
    Index(None, "ts"),
)

# Leaves that the chainer has not appended yet. Acts insert here beside the leaf, so that a transaction that commits
# late is not overlooked, and nobody searches the whole record for what is new.
audit_pending = Table(
    "audit_pending",
    metadata,
    Column("leaf", LargeBinary(HASH_BYTES), ForeignKey("audit_leaves.leaf"), primary_key=True),
)

audit_chain = Table(
    "audit_chain",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary(HASH_BYTES), ForeignKey("audit_leaves.leaf"), nullable=False, unique=True),
    Column("prev", LargeBinary(HASH_BYTES), nullable=False),
    Column("hash", LargeBinary(HASH_BYTES), nullable=False),
)

# What was signed and when, for the administrator's page. The proof is the signed file on another volume, not this.
audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("id", Id, primary_key=True),
    Column("seq", BigInteger, nullable=False, index=True),
    Column("head", LargeBinary(HASH_BYTES), nullable=False),
    Column("signed_at", UtcTime, nullable=False),
)

_APPEND_ONLY = {
    "audit_leaves": ("leaf", "id"),
    "audit_chain": ("seq", "leaf"),
    "audit_checkpoints": ("id",),
}
# PostgreSQL: what the application's own role may do with these tables. Their owner is another role.
PRIVILEGES = dict.fromkeys(_APPEND_ONLY, "SELECT, INSERT") | {"audit_pending": "SELECT, INSERT, DELETE"}


def append_only_ddl(dialect: str) -> list[str]:
    """Statements, one each, that make the database refuse to change or delete entries. To be run once, after CREATE."""
    return _sqlite_ddl() if dialect == "sqlite" else _postgresql_ddl()


def _sqlite_ddl() -> list[str]:
    statements: list[str] = []
    for table, keys in _APPEND_ONLY.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        statements += (
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {refuse}"
            for verb in ("UPDATE", "DELETE")
        )
        # REPLACE deletes without firing DELETE triggers unless recursive_triggers is on (sqlite.org/lang_conflict).
        same = " OR ".join(f"{key} = NEW.{key}" for key in keys)
        is_there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - names from the table above
        statements.append(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {is_there} {refuse}"
        )
    return statements


def _postgresql_ddl() -> list[str]:
    statements = [
        "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME "
        "USING ERRCODE = 'insufficient_privilege'; END $$"
    ]
    for table in _APPEND_ONLY:
        statements.append(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()"
        )
        statements.append(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
        )
    return statements

"""Tables of the audit record, and which of them nobody may change."""

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

APPEND_ONLY = ("audit_leaves", "audit_chain", "audit_checkpoints")  # by triggers, too: the first migration
# PostgreSQL: what the application's own role may do with these tables. Their owner is another role.
PRIVILEGES = dict.fromkeys(APPEND_ONLY, "SELECT, INSERT") | {"audit_pending": "SELECT, INSERT, DELETE"}

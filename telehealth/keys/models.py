"""Tables of keys (security.md, section 1). Every key in them is wrapped; KEKs are named here and stand elsewhere."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
)

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata

_CLASS_CHECK = "class IN ('account', 'booking', 'clinical', 'correspondence')"

keks = Table(
    "keks",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kek_id", String(24), nullable=False, unique=True),
    Column("state", String(12), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("emptied_at", UtcTime),  # since when it wraps nothing: backups that need it die a fixed time later
    Column("destroyed_at", UtcTime),
    CheckConstraint("state IN ('active', 'decrypt_only', 'destroyed')", name="state"),
    CheckConstraint("number BETWEEN 1 AND 4294967295", name="number"),
)

subject_keys = Table(
    "subject_keys",
    metadata,
    Column("subject_id", Id, nullable=False),
    Column("class", String(16), nullable=False, key="cls"),
    Column("version", BigInteger, nullable=False),
    Column("kek", BigInteger, ForeignKey("keks.number"), nullable=False),
    Column("wrapped", SealedBytes, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("subject_id", "cls", "version"),
    CheckConstraint(_CLASS_CHECK, name="class"),
    Index(None, "kek"),  # rotation asks which keys an epoch still wraps
)

record_keys = Table(
    "record_keys",
    metadata,
    Column("record_id", Id, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("class", String(16), nullable=False, key="cls"),
    Column("subject_version", BigInteger, nullable=False),
    Column("wrapped", SealedBytes, nullable=False),
    PrimaryKeyConstraint("record_id", "version", "subject_id"),
    ForeignKeyConstraint(
        ["subject_id", "cls", "subject_version"],
        ["subject_keys.subject_id", "subject_keys.cls", "subject_keys.version"],
        name="fk_record_keys_subject_keys",
    ),
    Index(None, "subject_id", "cls"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("subject_id", Id, primary_key=True),
    Column("requested_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    Column("basis", String(64), nullable=False),
    Column("audit_seq", Integer),
    Column("tombstone", Integer),  # the number of the last one in the file outside the database
)

# Which version of its key each blind index is under. While `next_version` stands, both are written and asked.
index_keys = Table(
    "index_keys",
    metadata,
    Column("name", String(64), primary_key=True),  # table.column
    Column("version", BigInteger, nullable=False),
    Column("next_version", BigInteger),
    Column(
        "bits", Integer, nullable=False
    ),  # of a tag; a change of PLANNED_PEOPLE counts from the next version on
    Column("next_bits", Integer),
    Column("check_value", LargeBinary(8), nullable=False),  # tells a wrong index root from the right one
)

# A rotation under way, so that one that was killed goes on where it stopped. `before`: older subject keys are due;
# `version`: record keys below it are due.
rotations = Table(
    "rotations",
    metadata,
    Column("what", String(16), primary_key=True),
    Column("before", UtcTime, nullable=False),
    Column("version", BigInteger, nullable=False),
)

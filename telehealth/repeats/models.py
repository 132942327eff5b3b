"""Table of answers to requests that may come again."""

from sqlalchemy import Column, ForeignKey, LargeBinary, PrimaryKeyConstraint, String, Table

from telehealth.db.tables import Id, UtcTime, metadata

# One answer for one request (design.md, section 6). Claim and answer are written in one transaction: a second request
# with the same key waits for the first at the primary key and then gets its answer, so nobody ever reads a claim
# without one and no state needs a column. The answer is an id; what it shows is asked for again. The hash is keyed:
# a short reason could be guessed from a plain one.
idempotency = Table(
    "idempotency",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("request_hash", LargeBinary(32), nullable=False),
    Column("answer", Id),  # the id of what the request made or changed
    Column("created_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("person_id", "key"),
)

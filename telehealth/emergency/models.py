"""Tables of emergency access (45 CFR 164.312(a)(2)(ii))."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata
from telehealth.keys.fields import SealedTable

# `subject_id` is none until the second person has said whom the name means; `name` is what the asker typed. Until then
# the words are sealed for the asker, from then on for the client alone, as another record; a request that comes to
# nothing loses its words.
emergency_grants = Table(
    "emergency_grants",
    metadata,
    Column("id", Id, primary_key=True),
    Column("asked_by", Id, ForeignKey("people.id"), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("subject_id", Id, ForeignKey("people.id"), index=True),
    Column("record_id", Id, nullable=False, unique=True),
    Column("name", SealedBytes),
    Column("reason", SealedBytes),
    Column("revision", Integer, nullable=False, default=0),
    Column("confirmed_by", Id, ForeignKey("people.id")),
    Column("confirmed_at", UtcTime),
    Column("declined_at", UtcTime),
    Column("ends_at", UtcTime),
    Column("ended_at", UtcTime),
    Index(None, "asked_by", "asked_at"),
)

SEALED = (
    SealedTable(
        emergency_grants,
        record=emergency_grants.c.record_id,
        person=emergency_grants.c.subject_id,
        revision=emergency_grants.c.revision,
        fields={"name": "name", "reason": "reason"},
    ),
)

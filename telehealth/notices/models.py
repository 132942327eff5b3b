"""Tables of notices: sealed messages to one person."""

from sqlalchemy import Column, ForeignKey, Index, String, Table

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata
from telehealth.keys.fields import SealedTable

notices = Table(
    "notices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("body", SealedBytes, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("read_at", UtcTime),
    Index(None, "person_id", "created_at"),
)

SEALED = (SealedTable(notices, record=notices.c.id, person=notices.c.person_id, fields={"body": "body"}),)

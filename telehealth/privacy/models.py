"""Tables of privacy. Erasures themselves are noted beside the keys they destroyed (`keys/models.py`)."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata
from telehealth.keys.fields import SealedTable

# While one stands, the keys of that class are not destroyed. Why it stands is about the person, so it is sealed.
legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subject_id", Id, ForeignKey("people.id"), nullable=False),
    Column("class", String(16), nullable=False, key="cls"),
    Column("reason", SealedBytes, nullable=False),
    Column("revision", Integer, nullable=False, default=0),
    Column("set_by", Id, ForeignKey("people.id")),  # none: set on the command line
    Column("set_at", UtcTime, nullable=False),
    Column("lifted_by", Id, ForeignKey("people.id")),
    Column("lifted_at", UtcTime),
    CheckConstraint("class IN ('account', 'booking', 'clinical', 'correspondence')", name="class"),
    Index(None, "subject_id", "cls"),
)

SEALED = (
    SealedTable(
        legal_holds,
        record=legal_holds.c.id,
        person=legal_holds.c.subject_id,
        revision=legal_holds.c.revision,
        fields={"reason": "reason"},
    ),
)

"""Tables of private notes: the words are sealed for the therapist who wrote them, and for nobody else."""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, UniqueConstraint

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata
from telehealth.keys.fields import SealedTable

# One therapist's notes about one session; they outlive the appointment, hence no reference to it. `revision` counts
# changes, and a page that knows an older one is told. `writer` is a random id of the page that wrote last, and `turn`
# counts what that page sent, so that it never clashes with itself when an answer is lost.
private_notes = Table(
    "private_notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("appointment_id", Id, nullable=False),
    Column("therapist_id", Id, ForeignKey("people.id"), nullable=False),
    Column("held_at", UtcTime, nullable=False),  # when the session begins, or began
    Column("words", SealedBytes, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("writer", Id, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("parted_at", UtcTime),  # when somebody whom they are about, beside another, was erased
    UniqueConstraint("appointment_id", "therapist_id"),
    Index(None, "therapist_id", "held_at"),
)

# Whom they are about: the words end when the records of the last of these do.
note_clients = Table(
    "note_clients",
    metadata,
    Column("note_id", Id, ForeignKey("private_notes.id"), nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    PrimaryKeyConstraint("note_id", "person_id"),
)

SEALED = (
    SealedTable(
        private_notes,
        record=private_notes.c.id,
        person=private_notes.c.therapist_id,
        revision=private_notes.c.revision,
        fields={"words": "words"},
    ),
)

"""Tables of the waiting list."""

from sqlalchemy import Column, ForeignKey, Index, Table

from telehealth.db.tables import Id, SealedBytes, UtcTime, metadata
from telehealth.keys.fields import SealedTable

# Who wishes for an earlier time. Part of the day, zone and therapist stand sealed: they would say where somebody lives.
waiting = Table(
    "waiting",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("service_id", Id, ForeignKey("services.id"), nullable=False),
    Column("wish", SealedBytes, nullable=False),
    Column("before", UtcTime, nullable=False),  # wished for before this moment
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),  # booked, left, or too late
    Index(None, "service_id", "created_at"),
)

# A freed time that is kept for somebody on the waiting list until `answer_by`: a held appointment.
offers = Table(
    "offers",
    metadata,
    Column("appointment_id", Id, ForeignKey("appointments.id"), primary_key=True),
    Column("waiting_id", Id, ForeignKey("waiting.id"), nullable=False, index=True),
    Column("made_at", UtcTime, nullable=False),
    Column("answer_by", UtcTime, nullable=False, index=True),
)

SEALED = (SealedTable(waiting, record=waiting.c.id, person=waiting.c.person_id, fields={"wish": "wish"}),)

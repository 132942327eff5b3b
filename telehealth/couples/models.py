"""Tables of couples, beside the cases of `appointments/models.py`."""

from sqlalchemy import Column, ForeignKey, LargeBinary, Table

from telehealth.db.tables import Id, UtcTime, metadata

# A one-time link by which one partner asks the other to come along; it says nothing but where to sign in.
invitations = Table(
    "invitations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),  # SHA-256 of the link's 32 random bytes
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False, index=True),
    Column("appointment_id", Id, ForeignKey("appointments.id"), index=True),
    Column("invited_by", Id, ForeignKey("people.id"), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("accepted_by", Id, ForeignKey("people.id")),
    Column("accepted_at", UtcTime),
    Column("withdrawn_at", UtcTime),
)

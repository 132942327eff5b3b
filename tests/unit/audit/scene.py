"""The people of the audit tests and what they do."""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from telehealth.audit.chain import append_once
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.audit.rules import pseudonym
from telehealth.person import Person

ANN = Person(b"A" * 16, "client", b"a" * 32)
BEN = Person(b"B" * 16, "client", b"b" * 32)
THERAPIST = Person(b"T" * 16, "therapist", b"t" * 32)
VISIT = b"v" * 16
PSEUDONYM_KEY = bytes(range(100, 132))


async def write(office: Office, count: int, *, chained: bool = True) -> None:
    """Put `count` acts of the therapist on Ann's record on record, in order, and on the chain."""
    async with office.work(THERAPIST) as work:
        for _ in range(count):
            await work.audit(
                "note.write", "U", entity="note", entity_id=secrets.token_bytes(16), subjects=[ANN.id]
            )
            work.now += timedelta(milliseconds=1)
    if chained:
        async with office.database.transaction() as connection:
            await append_once(connection, limit=count)


async def entries(office: Office) -> list[Any]:
    """Every entry, the oldest first."""
    async with office.database.reading() as connection:
        return list(await connection.execute(select(audit_leaves).order_by(audit_leaves.c.ts)))


def alias(person_id: bytes) -> bytes:
    """How entries name somebody."""
    return pseudonym(PSEUDONYM_KEY, person_id)

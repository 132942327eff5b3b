"""One answer for one request: what a repeated key gets (design.md, section 6)."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from telehealth.appointments import rules
from telehealth.appointments.models import idempotency
from telehealth.audit.office import Work
from telehealth.crypto.index import FULL_BITS, joined
from telehealth.errors import Conflict
from telehealth.person import Person

MISMATCH = "This form was sent before with something else in it. Load the page again and repeat this step."


async def claim(work: Work, person: Person, key: str, request: Sequence[str]) -> bytes | None:
    """Claim a key for this request. None: it is new, do the work and `keep` its answer. Else the appointment that was
    the answer before. Conflict when the key came with another request.

    A request with the same key that is still under way is waited for: the claim blocks until its transaction ends.
    """
    mine = idempotency.c.person_id == person.id
    expired = idempotency.c.created_at <= work.now - rules.KEYS_KEPT
    await work.connection.execute(delete(idempotency).where(mine, expired))
    request_hash = work.ring.blind_index(
        "idempotency", "request_hash", joined(*request), transform="exact", bits=FULL_BITS
    )
    values = {"person_id": person.id, "key": key, "request_hash": request_hash, "created_at": work.now}
    try:
        async with work.connection.begin_nested():
            await work.connection.execute(insert(idempotency).values(**values))
    except IntegrityError:
        row = (
            await work.connection.execute(select(idempotency).where(mine, idempotency.c.key == key))
        ).one_or_none()
        if row is None:  # not the key was refused but the person
            raise
        if row.request_hash != request_hash:
            raise Conflict("idempotency_mismatch", MISMATCH, about=("person", person.id)) from None
        return bytes(row.appointment_id)
    return None


async def keep(work: Work, person: Person, key: str, appointment_id: bytes) -> None:
    """Keep the answer to a claimed request, in the transaction that did the work."""
    claimed = idempotency.c.person_id == person.id, idempotency.c.key == key
    await work.connection.execute(update(idempotency).where(*claimed).values(appointment_id=appointment_id))

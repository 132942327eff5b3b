"""Short ways to say who asks, who decides and what stands on record in the tests of emergency access."""

from sqlalchemy import select

from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.audit.rules import pseudonym
from telehealth.emergency import acts, deciding
from telehealth.person import Person
from tests.people import DESK, OMAR, ROSA

REASON = "She called and said goodbye, planted-reason."
NAME = "Rosa Lindqvist"


async def asked(office: Office, person: Person = OMAR, *, name: str = NAME, reason: str = REASON) -> bytes:
    """A therapist asks."""
    return await acts.ask(office, person, name=name, reason=reason)


async def opened(office: Office, person: Person = OMAR, *, by: Person = DESK, client: Person = ROSA) -> bytes:
    """A therapist asks for a client's record, and somebody confirms it."""
    grant_id = await asked(office, person, name="Rosa" if client is ROSA else "Mika Example")
    await deciding.confirm(office, by, grant_id, client.id)
    return grant_id


async def entries(office: Office, client: Person | None) -> list[tuple[str, str, str]]:
    """(type, outcome, purpose) of what stands on record about a client; about nobody's record for None."""
    key = office._pseudonym_key
    patient = None if client is None else pseudonym(key, client.id)
    query = select(audit_leaves.c.type, audit_leaves.c.outcome, audit_leaves.c.purpose)
    query = query.where(
        audit_leaves.c.patient.is_(patient) if patient is None else audit_leaves.c.patient == patient
    )
    async with office.database.reading() as connection:
        return [tuple(row) for row in await connection.execute(query.order_by(audit_leaves.c.ts))]

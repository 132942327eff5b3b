"""What stands on the record of what concerns nobody, for the tests of setting up."""

from sqlalchemy import select

from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office


async def changes(office: Office) -> list[str]:
    """The types of the entries that concern nobody's record, in order."""
    query = select(audit_leaves.c.type).where(audit_leaves.c.patient.is_(None)).order_by(audit_leaves.c.ts)
    async with office.database.reading() as connection:
        return list((await connection.execute(query)).scalars())

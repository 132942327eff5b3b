"""Giving somebody everything that is kept about them (GDPR, Articles 15 and 20)."""

from zoneinfo import ZoneInfo

from telehealth.audit.office import Office, Work
from telehealth.errors import NotFound
from telehealth.people import forgetting as people
from telehealth.person import ROLES, Person
from telehealth.privacy.acts import NOBODY
from telehealth.privacy.collecting import Collected, collect


async def export(
    office: Office, actor: Person | None, subject_id: bytes, *, practice: str, zone: ZoneInfo
) -> Collected:
    """Collect it, and put that on record. NotFound "person_not_found"; what was erased is not in it."""

    async def act(work: Work) -> Collected:
        found = await people.role_of(work.connection, subject_id)
        role = next((role for role in ROLES if role == found), None)
        if role is None:
            raise NotFound("person_not_found", NOBODY)
        collected = await collect(work, Person(subject_id, role), practice=practice, zone=zone)
        await work.audit("person.export", "R", entity="person", entity_id=subject_id, subjects=[subject_id])
        return collected

    return await office.act(actor, act)

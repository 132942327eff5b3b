"""People who are signed in, for the tests of their sessions."""

from sqlalchemy import select

from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.audit.rules import pseudonym
from telehealth.people import acts, devices, sessions
from telehealth.people.acts import Identity
from telehealth.people.store import LoginSession
from telehealth.person import Person, Role

AGENT = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


async def signed_in(
    office: Office, name: str, cookie: bytes, *, role: Role = "client", agent: str = AGENT
) -> Person:
    """Somebody of that name comes in, with a browser that keeps `cookie` (its hash, 32 bytes)."""
    identity = Identity(
        provider="practice",
        issuer="https://login.example",
        subject=name,
        role=role,
        email=None,
        session=None,
        id_token="header.claims.signature",
        strong=True,
    )
    return (await acts.sign_in(office, identity, cookie, device=devices.words_for(agent))).person


async def session_of(office: Office, cookie: bytes) -> LoginSession:
    """The session behind a cookie; asking is no activity."""
    found = await sessions.come_back(office, cookie, counts=False)
    assert found is not None
    return found


async def is_in(office: Office, cookie: bytes) -> bool:
    """Whether this cookie still opens anything."""
    return await sessions.come_back(office, cookie, counts=False) is not None


async def entries(office: Office, about: Person) -> list[tuple[str, str]]:
    """(type, outcome) of what stands on somebody's record, in order."""
    query = (
        select(audit_leaves.c.type, audit_leaves.c.outcome)
        .where(audit_leaves.c.patient == pseudonym(office._pseudonym_key, about.id))
        .order_by(audit_leaves.c.ts)
    )
    async with office.database.reading() as connection:
        return [(row.type, row.outcome) for row in await connection.execute(query)]

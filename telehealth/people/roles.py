"""Which role somebody comes in with: what the provider or the clinic's list says now, beside what is known of them.

The browser carries the question to the provider, so whoever sits at it may leave parts of it out. Therefore one factor
alone takes no role away from staff: until the second step is done their session is pending, for the stronger of the two
roles, and everything stays as it was.
"""

from telehealth.audit.office import Work
from telehealth.db.engine import lock_parties
from telehealth.people import accounts, store
from telehealth.people.finding import Account
from telehealth.people.store import LoginSession
from telehealth.person import Role

ADMINISTRATION = b"administration.."  # a party to nothing else


async def meant(work: Work, known: Account, said: Role) -> Role:
    """The role that this sign-in is for. `said`: by the clinic's list, else by the provider's groups."""
    role = known.role if known.role_here else said
    return await _unless_last(work, known.person_id, known.role, role)


async def nobody_else_administers(work: Work, person_id: bytes) -> bool:
    """Whether no other open account is an administrator's; two who ask at once wait for one another."""
    await lock_parties(work.connection, [ADMINISTRATION])
    return not set(await accounts.lock_administrators(work.connection)) - {person_id}


async def become(work: Work, person_id: bytes, was: Role, role: Role, *, but: bytes = b"") -> list[bytes]:
    """This is their role from now on; returns the ids of the sessions that ended with the one before.

    A session that was opened for another role proved less, or may do more, than this role asks for.
    """
    if was == role:
        return []
    await store.set_role(work.connection, person_id, role)
    ended = await store.end_sessions(work.connection, person_id=person_id, but=but)
    await work.audit("person.role", "U", entity="person", entity_id=person_id, subjects=[person_id])
    return [session_id for session_id, _ in ended]


async def settle(work: Work, session: LoginSession) -> tuple[Role, list[bytes]]:
    """The second step of this session is done: its role is its person's from now on; returns it as `become` does."""
    person_id = session.person.id
    was = await store.lock_role(work.connection, person_id)
    role = await _unless_last(work, person_id, was, session.role)
    return role, await become(work, person_id, was, role, but=session.id)


async def _unless_last(work: Work, person_id: bytes, was: Role, role: Role) -> Role:
    """No sign-in leaves the practice without an administrator."""
    if was != "administrator" or role == was:
        return role
    return was if await accounts.lock_administrators(work.connection) == [person_id] else role

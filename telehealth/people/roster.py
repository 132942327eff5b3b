"""What an administrator does about accounts: see the staff, end sessions, close an account and open it again."""

from telehealth.audit.office import Office, Work
from telehealth.errors import Conflict, NotFound
from telehealth.keys.erasing import was_erased
from telehealth.people import accounts, store
from telehealth.people.accounts import Member
from telehealth.person import Person

NOT_YOURS = "There is nothing at this address. Perhaps it is not yours to see."
NOBODY = "Nobody here has this id. Please check that it is whole: 32 letters and digits."
NOT_YOURSELF = "You cannot close the account you are signed in with. Another administrator can."
ERASED = "This person asked to be erased, so the account stays closed. Who comes back begins anew."
CLOSED_MEANWHILE = "Your own account was closed a moment ago, so nothing was done."


async def check_administrator(office: Office, person: Person, person_id: bytes | None) -> None:
    """NotFound for everybody but administrators, before anything else is said; `person_id`: whom they asked about."""
    if person.role != "administrator":
        async with office.work(person) as work:
            _must_be_administrator(work, person_id)


async def staff(office: Office, person: Person) -> list[Member]:
    """Everybody on the staff by name; the look is on record for each whose name was opened."""
    async with office.work(person) as work:
        _must_be_administrator(work, None)
        found = await accounts.staff(work.connection, work.ring, work.now)
        named = [member.id for member in found if member.name]
        await work.looked(entity="person", entity_id=person.id, subjects=named)
    return found


async def member(office: Office, person: Person, person_id: bytes) -> Member:
    """One account by its exact id: staff with their name, a client without. NotFound where nobody has that id."""
    async with office.work(person) as work:
        _must_be_administrator(work, person_id)
        found = await _found(work, person_id)
        await work.looked(entity="person", entity_id=person_id, subjects=[person_id])
    return found


async def end_sessions(office: Office, person: Person, person_id: bytes) -> list[bytes]:
    """End every session of one person; returns the ids of those that ended."""

    async def act(work: Work) -> list[bytes]:
        _must_be_administrator(work, person_id)
        await _found(work, person_id)
        return await _end(work, person_id)

    return await office.act(person, act)


async def close_account(office: Office, person: Person, person_id: bytes) -> list[bytes]:
    """Nobody signs in with this account from now on, and whoever is, is out; returns the ids of ended sessions.

    Conflict for one's own, so that an administrator is always left: of two who close each other's at the same
    moment the second is refused.
    """

    async def act(work: Work) -> list[bytes]:
        _must_be_administrator(work, person_id)
        await _found(work, person_id)
        about = ("person", person_id)
        if person_id == person.id:
            raise Conflict("own_account", NOT_YOURSELF, about=about)
        if person.id not in await accounts.lock_administrators(work.connection):
            raise Conflict("account_disabled", CLOSED_MEANWHILE, about=about)
        await accounts.set_disabled(work.connection, person_id, work.now)
        await work.audit("person.disable", "U", entity="person", entity_id=person_id, subjects=[person_id])
        return await _end(work, person_id)

    return await office.act(person, act)


async def open_account(office: Office, person: Person, person_id: bytes) -> None:
    """The person may sign in again. Conflict "person_erased" for one who was erased, whatever a legal hold keeps."""

    async def act(work: Work) -> None:
        _must_be_administrator(work, person_id)
        await _found(work, person_id)
        if await was_erased(work.connection, person_id):
            raise Conflict("person_erased", ERASED, about=("person", person_id))
        await accounts.set_disabled(work.connection, person_id, None)
        await work.audit("person.enable", "U", entity="person", entity_id=person_id, subjects=[person_id])

    await office.act(person, act)


async def end_everybodys(office: Office, person: Person) -> list[bytes]:
    """For an incident: end every session of everybody but the one that asks; returns the ids of those that ended."""

    async def act(work: Work) -> list[bytes]:
        _must_be_administrator(work, None)
        ended = await store.end_sessions(work.connection, but=person.session)
        subjects = [whose for _, whose in ended]
        await work.audit("session.close_all", "E", entity="person", entity_id=person.id, subjects=subjects)
        return [session_id for session_id, _ in ended]

    return await office.act(person, act)


def _must_be_administrator(work: Work, person_id: bytes | None) -> None:
    """The refusal stands on the record of whom it is about."""
    if work.actor is None or work.actor.role != "administrator":
        about = None if person_id is None else ("person", person_id)
        raise NotFound("not_found", NOT_YOURS, about=about)


async def _found(work: Work, person_id: bytes) -> Member:
    found = await accounts.member(work.connection, work.ring, person_id, work.now)
    if found is None:
        raise NotFound("person_not_found", NOBODY)
    return found


async def _end(work: Work, person_id: bytes) -> list[bytes]:
    ended = await store.end_sessions(work.connection, person_id=person_id)
    if ended:
        await work.audit("session.close", "E", entity="person", entity_id=person_id, subjects=[person_id])
    return [session_id for session_id, _ in ended]

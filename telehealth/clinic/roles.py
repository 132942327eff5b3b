"""What an administrator does about a colleague's role: from now on they do something else here."""

from telehealth.audit.office import Office, Work
from telehealth.clinic import store
from telehealth.clinic.once import once
from telehealth.clinic.staffing import ERASED, add_profile
from telehealth.errors import Conflict, NotFound
from telehealth.keys.erasing import was_erased
from telehealth.notices.acts import announce
from telehealth.people import accounts, roles
from telehealth.person import Person, Role

NOBODY = "There is no member of staff with this id, so there is no role to change."
UNNAMED = "A therapist"
OWN_ROLE = "You cannot change your own role. Another administrator can."
CHANGED_MEANWHILE = "Your own account or role was changed a moment ago, so nothing was done."
STILL_SEEN = (
    "Clients still find them as a therapist, so nothing was changed. Note first, on the page of how clients see them, "
    "that they do not see clients here any more."
)


async def change_role(
    office: Office, person: Person, person_id: bytes, role: Role, *, zone: str, key: str
) -> list[bytes]:
    """This is their role from now on, whatever their provider says; returns the ids of the sessions that ended.

    A new therapist has a public profile from the start, in this zone, which nobody sees before a service names them.
    NotFound for clients and ids of nobody. Conflict "own_role", so that an administrator is always left: of two who
    take it from each other the second is refused; "still_seen" for a therapist whom clients still find,
    "person_erased".
    """
    about, ended = ("person", person_id), list[bytes]()

    async def change(work: Work) -> bytes:
        member = await accounts.member(work.connection, work.ring, person_id, work.now)
        if member is None or member.role == "client":
            raise NotFound("colleague_not_found", NOBODY, about=None if member is None else about)
        if person_id == person.id:
            raise Conflict("own_role", OWN_ROLE, about=about)
        if await was_erased(work.connection, person_id):
            raise Conflict("person_erased", ERASED, about=about)
        if person.id not in await accounts.lock_administrators(work.connection):
            raise Conflict("changed_meanwhile", CHANGED_MEANWHILE, about=about)
        if member.role != role:
            await _see_to_profile(work, person_id, member.role, role, member.name, zone)
            await accounts.keep_role_here(work.connection, person_id)
            ended.extend(await roles.become(work, person_id, member.role, role))
            said = {"was": member.role, "role": role, "at": work.now.isoformat()}
            await announce(work, person_id, "role_changed", said)
        return person_id

    await once(office, person, key, ("person.role", person_id.hex(), role), change, about)
    return ended


async def _see_to_profile(work: Work, person_id: bytes, was: Role, role: Role, name: str, zone: str) -> None:
    known = {each.id: each for each in await store.every_therapist(work.connection)}
    if was == "therapist" and person_id in known and known[person_id].retired_at is None:
        raise Conflict("still_seen", STILL_SEEN, about=("person", person_id))
    if role == "therapist" and person_id not in known:
        await add_profile(work, person_id, name or UNNAMED, zone)

"""Keeping one's own passkeys in order: see them, call them something else, remove them."""

from dataclasses import replace

from telehealth.audit.office import Office, Work
from telehealth.errors import NotFound
from telehealth.notices.acts import announce
from telehealth.passkeys import rules, store
from telehealth.passkeys.store import Passkey
from telehealth.person import Person

GONE = "This passkey is not in your list. Perhaps it was removed in another window."


async def own(office: Office, person: Person) -> list[Passkey]:
    """This person's own passkeys, the oldest first; the look is on record."""
    async with office.work(person) as work:
        found = await store.passkeys_of(work.connection, work.ring, person.id)
        await work.looked(entity="person", entity_id=person.id, subjects=[person.id] if found else [])
    return found


async def rename(office: Office, person: Person, passkey_id: bytes, text: str) -> str:
    """Call one's own passkey something else. NotFound for any other."""
    name = rules.name_from(text)

    async def act(work: Work) -> str:
        passkey = await store.passkey_of(work.connection, work.ring, person.id, passkey_id)
        if passkey is None:
            raise NotFound("passkey_not_found", GONE, about=("passkey", passkey_id))
        renamed = replace(passkey, name=name, revision=passkey.revision + 1)
        await store.rename(work.connection, work.ring, renamed)
        await work.audit("passkey.change", "U", entity="passkey", entity_id=passkey_id, subjects=[person.id])
        return name

    return await office.act(person, act)


async def remove(office: Office, person: Person, passkey_id: bytes) -> None:
    """Forget one's own passkey: from now on it opens nothing. NotFound for any other."""

    async def act(work: Work) -> None:
        passkey = await store.passkey_of(work.connection, work.ring, person.id, passkey_id)
        if passkey is None or not await store.remove(work.connection, person.id, passkey_id):
            raise NotFound("passkey_not_found", GONE, about=("passkey", passkey_id))
        said = {"name": passkey.name, "at": work.now.isoformat()}
        await work.audit("passkey.remove", "D", entity="passkey", entity_id=passkey_id, subjects=[person.id])
        await announce(work, person.id, "passkey_removed", said)

    await office.act(person, act)

"""What is done with notices: announce one, as part of another act; list one's own; say that one has read it."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.office import Office, Work
from telehealth.audit.rules import TREATMENT
from telehealth.errors import NotFound
from telehealth.notices import outbox, store
from telehealth.notices.store import Notice, Told
from telehealth.person import Person
from telehealth.web.announcements import Announcement

NOT_FOUND = "There is no such message among yours. Your list shows which there are."


async def announce(
    work: Work,
    person_id: bytes,
    kind: str,
    body: Mapping[str, str],
    *,
    appointment_id: bytes | None = None,
    purpose: str = TREATMENT,
    quiet: bool = False,
) -> bytes:
    """Tell one person something, sealed for them alone, in the transaction of what it is about; returns its id.

    `kind` names the words (`wording.py`), `body` holds what they are made of; `appointment_id` is the appointment it
    is about, if any; `quiet`: it counts as read, so that no page asks for it. It leaves by mail as well, as the person
    wishes. NotFound when the person was erased.
    """
    told = Told(work.chance(16), person_id, kind, body, appointment_id, quiet)
    await announce_all(work, [told], purpose=purpose)
    return told.id


async def announce_all(work: Work, messages: Sequence[Told], *, purpose: str = TREATMENT) -> None:
    """The same for several at once, in as many statements as for one."""
    if not messages:
        return
    await store.add(work.connection, work.ring, messages, work.now)
    await outbox.put(work.connection, [each.id for each in messages], work.now)
    for each in messages:
        await work.audit(
            "notice.announce",
            "C",
            entity="notice",
            entity_id=each.id,
            subjects=[each.person_id],
            purpose=purpose,
        )


async def mine(office: Office, person: Person) -> list[Notice]:
    """The messages to this person, the newest first."""

    async def act(work: Work) -> list[Notice]:
        found = await store.notices_of(work.connection, work.ring, person.id)
        if found:
            await work.looked(entity="person", entity_id=person.id, subjects=[person.id])
        return found

    return await office.act(person, act)


async def receive(office: Office, person: Person, notice_id: bytes) -> None:
    """The person says that they have read it; once more is the same. NotFound, on record, for everybody else."""

    async def act(work: Work) -> None:
        read = await store.mark_read(work.connection, person.id, notice_id, work.now)
        if read is None:
            raise NotFound("notice_not_found", NOT_FOUND, about=("notice", notice_id))
        if read:
            await work.audit("notice.read", "U", entity="notice", entity_id=notice_id, subjects=[person.id])

    await office.act(person, act)


async def subjects_of(c: AsyncConnection, notice_id: bytes) -> list[bytes]:
    """To whom a message is: for the record of refusals."""
    person_id = await store.whose(c, notice_id)
    return [] if person_id is None else [person_id]


async def announcements(office: Office, person: Person) -> list[Announcement]:
    """That something waits to be read, as every page says it: neutral, because somebody may look over a shoulder."""
    async with office.database.reading() as connection:
        waits = await store.is_one_unread(connection, person.id)
    return [Announcement("There is a message for you.", "Read it", "/notices")] if waits else []

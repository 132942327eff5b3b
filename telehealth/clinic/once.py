"""One change by an administrator: asked once, done once, however often its form arrives."""

from collections.abc import Awaitable, Callable

from telehealth.audit.office import Office, Work
from telehealth.clinic import store
from telehealth.errors import NotFound
from telehealth.person import Person
from telehealth.repeats import answers

NOT_YOURS = "There is nothing at this address. Perhaps it is not yours to see."
Change = Callable[[Work], Awaitable[bytes]]


def must_be_administrator(person: Person | None, about: tuple[str, bytes] | None = None) -> None:
    """NotFound for everybody else; `about` is the record it would have concerned."""
    if person is None or person.role != "administrator":
        raise NotFound("not_found", NOT_YOURS, about=about)


async def once(
    office: Office,
    person: Person,
    key: str,
    what: tuple[str, ...],
    change: Change,
    about: tuple[str, bytes] | None = None,
) -> bytes:
    """Do `change` in one transaction unless this key was answered before; the id of what it made or changed.

    `what` says the request in words that differ where requests do. Conflict when the key came with another one.
    """

    async def act(work: Work) -> bytes:
        must_be_administrator(work.actor, about)
        answered = await answers.claim(work, person, answers.key_from(key), what)
        if answered is not None:
            return answered
        await store.lock(work.connection)
        answer = await change(work)
        await answers.keep(work, person, key, answer)
        return answer

    return await office.act(person, act)

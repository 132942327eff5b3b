"""What a form asks for is done once for its key, whatever act of one transaction does it (design.md, section 6).

A page gives its act this office in place of its own: the key is claimed in the transaction of the act, so both stand or
neither does. The same form again does nothing, and its page goes on as it did the first time.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

from starlette.requests import Request

from telehealth.audit.office import Office, Work
from telehealth.person import Person
from telehealth.repeats import answers

T = TypeVar("T")


class _Answered(Exception):
    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self.answer = answer


class Once(Office):
    """An office for one act. `answer`: the id that the act returned, or who asks where it returned none."""

    answer: bytes

    def __init__(self, office: Office, person: Person, key: str, request: list[str]) -> None:
        self.__dict__.update(vars(office))  # the same database, keys, time and chance
        self._person = person
        self._key = answers.key_from(key)
        self._request = request
        self.is_done = False

    async def act(self, actor: Person | None, fn: Callable[[Work], Awaitable[T]]) -> T:
        """Do `fn` in the transaction that claims the key."""
        if self.is_done:
            raise RuntimeError("a key is for one transaction, and this would be a second")

        async def keyed(work: Work) -> T:
            answered = await answers.claim(work, self._person, self._key, self._request)
            if answered is not None:
                raise _Answered(answered)
            result = await fn(work)
            self.answer = result if isinstance(result, bytes) else self._person.id
            await answers.keep(work, self._person, self._key, self.answer)
            return result

        result = await super().act(actor, keyed)
        self.is_done = True
        return result


@asynccontextmanager
async def once(request: Request, person: Person, form: Mapping[str, str]) -> AsyncIterator[Once]:
    """The office for what this form asks. Where its key was answered, the block under it is left at the act.

    Invalid without a key, Conflict when the key came with something else in the form.
    """
    said = [text for name, value in sorted(form.items()) if name != "key" for text in (name, value)]
    office = Once(request.app.state.office, person, form.get("key", ""), [request.url.path, *said])
    try:
        yield office
    except _Answered as before:
        office.answer = before.answer
    else:
        if not office.is_done:
            raise RuntimeError("nothing was done in the transaction that claims the key")

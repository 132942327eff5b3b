"""Claim a key for a request, keep its answer, forget both (design.md, section 6; security.md, section 6)."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.office import Work
from telehealth.crypto.index import FULL_BITS, joined
from telehealth.db.direct import built_once
from telehealth.db.engine import insert_unless_there
from telehealth.errors import Conflict, Invalid
from telehealth.person import Person
from telehealth.repeats.models import idempotency

KEPT = timedelta(hours=24)
KEY_LENGTHS = range(16, 65)

GIVEN = built_once(
    select(idempotency).where(
        idempotency.c.person_id == bindparam("person_id"), idempotency.c.key == bindparam("key")
    )
)
MISMATCH = "This form was sent before with something else in it. Load the page again and repeat this step."


def key_from(text: str) -> str:
    """An Idempotency-Key: 16 to 64 visible ASCII characters."""
    if len(text) not in KEY_LENGTHS or not text.isascii() or not text.isprintable() or " " in text:
        raise Invalid(
            "malformed_key", "The form did not arrive whole. Load the page again and repeat this step."
        )
    return text


async def claim(
    work: Work, person: Person, key: str, request: Sequence[str], answer: bytes | None = None
) -> bytes | None:
    """Claim a key for this request. None: it is new, do the work, and `keep` its answer where that was not known
    already. Else the id that was the answer before. Conflict when the key came with another request.

    A request with the same key that is still under way is waited for: the claim blocks until its transaction ends.
    """
    c = work.connection
    mine = {"person_id": person.id, "key": key, "request_hash": _hash(work, request)}
    row = mine | {"answer": answer, "created_at": work.now}
    if (await c.execute(insert_unless_there(c, idempotency), row)).rowcount == 1:
        return None
    known = await given(work, person, key, request)
    if known is not None:
        return known
    await c.execute(delete(idempotency).where(*_of(person, key), _expired(work.now)))
    return await claim(work, person, key, request, answer)


async def given(work: Work, person: Person, key: str, request: Sequence[str]) -> bytes | None:
    """The answer to this request, if it was done before; nothing is claimed. Conflict as `claim`."""
    row = (await work.connection.execute(GIVEN, {"person_id": person.id, "key": key})).one_or_none()
    if row is None or row.created_at <= work.now - KEPT:
        return None
    if row.request_hash != _hash(work, request):
        raise Conflict("idempotency_mismatch", MISMATCH, about=("person", person.id))
    return bytes(row.answer)


def _hash(work: Work, request: Sequence[str]) -> bytes:
    return work.ring.blind_index(
        "idempotency", "request_hash", joined(*request), transform="exact", bits=FULL_BITS
    )


def _of(person: Person, key: str) -> tuple[ColumnElement[bool], ...]:
    return idempotency.c.person_id == person.id, idempotency.c.key == key


def _expired(now: datetime) -> ColumnElement[bool]:
    return idempotency.c.created_at <= now - KEPT


async def keep(work: Work, person: Person, key: str, answer: bytes) -> None:
    """Keep the answer to a claimed request, the id of what it made or changed, in the transaction that did the work."""
    await work.connection.execute(update(idempotency).where(*_of(person, key)).values(answer=answer))


async def forget_answers_to(c: AsyncConnection, person_id: bytes) -> None:
    """Whatever this person asked for with a key."""
    await c.execute(delete(idempotency).where(idempotency.c.person_id == person_id))


async def forget_answers_about(c: AsyncConnection, ids: Collection[bytes]) -> None:
    """Answers that name what is no more."""
    await c.execute(delete(idempotency).where(idempotency.c.answer.in_(ids)))


async def forget_expired(c: AsyncConnection, now: datetime) -> int:
    """Answers to requests that nobody repeats; returns how many."""
    return (await c.execute(delete(idempotency).where(_expired(now)))).rowcount

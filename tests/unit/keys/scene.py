"""Short ways to say what happens to keys in these tests."""

import base64
import json
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

from sqlalchemy import func, select

from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.crypto.sealed import version_of
from telehealth.keys.models import record_keys, subject_keys
from telehealth.keys.rotation.steps import KeyWork
from telehealth.office import SEALED_TABLES
from telehealth.people import acts
from telehealth.people.acts import Identity

ISSUER = "https://provider.example"
EMAIL = "Ann@Example.org"
DECEMBER = datetime(2026, 12, 2, tzinfo=UTC)


class Seen:
    """What a rotation said of its progress."""

    def __init__(self) -> None:
        self.said: list[tuple[int, int]] = []

    def __call__(self, done: int, total: int) -> None:
        self.said.append((done, total))


def begin_in(office: Office) -> Callable[[], AbstractAsyncContextManager[KeyWork]]:
    """Transactions of the key command in this office."""
    return lambda: office.work(None)


async def wrapped_by(office: Office) -> dict[int, int]:
    """How many subject keys each epoch wraps."""
    query = select(subject_keys.c.kek, func.count()).group_by(subject_keys.c.kek)
    async with office.database.reading() as c:
        return {row[0]: row[1] for row in await c.execute(query)}


async def on_record(office: Office) -> list[str]:
    """The types of all entries about keys, in order."""
    query = select(audit_leaves.c.type).where(audit_leaves.c.entity_type == "keys")
    async with office.database.reading() as c:
        return list((await c.execute(query.order_by(audit_leaves.c.ts, audit_leaves.c.type))).scalars())


async def sealed_versions(office: Office) -> Counter[int]:
    """How many sealed fields name each version of their record's key."""
    found: Counter[int] = Counter()
    async with office.database.reading() as c:
        for sealed in SEALED_TABLES:
            for row in await c.execute(select(*(sealed.table.c[column] for column in sealed.fields))):
                found.update(version_of(value) for value in row if value is not None)
    return found


async def record_versions(office: Office, record_id: bytes) -> list[int]:
    """The live versions of one record's key."""
    query = select(record_keys.c.version).where(record_keys.c.record_id == record_id).distinct()
    async with office.database.reading() as c:
        return sorted((await c.execute(query)).scalars())


def token(sid: str | None) -> str:
    """An ID token as far as its payload goes; its signature was checked when it came."""
    claims = {"iss": ISSUER} if sid is None else {"iss": ISSUER, "sid": sid}
    return "e30." + base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + ".c2ln"


async def sign_in(office: Office, subject: str, sid: str | None = None, email: str | None = EMAIL) -> bytes:
    identity = Identity("practice", ISSUER, subject, "client", email, sid, token(sid), strong=False)
    return (await acts.sign_in(office, identity, office.chance(32))).person.id

"""Finding people by what stands sealed: by a blind index first, then each hit is opened and compared."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.framing import ID_BYTES
from telehealth.crypto.index import TRANSFORMS, NotIndexable
from telehealth.errors import Forbidden
from telehealth.keys.indexes import (
    ACCOUNTS_KEY,
    PEOPLE_EMAIL,
    SESSIONS_SID,
    Tags,
    account_value,
    provider_session_value,
    tags_of,
)
from telehealth.keys.keyring import Keyring
from telehealth.keys.record_key import RecordKey
from telehealth.people.models import accounts, identity_column, people, sessions, token_column
from telehealth.person import Role

NOT_THEIRS = "This account cannot be opened safely at the moment. Please write to the practice."


@dataclass(frozen=True)
class Account:
    """The person behind an account at a provider. `role_here`: their role was given here; no provider changes it."""

    person_id: bytes
    role: Role
    disabled: bool
    role_here: bool = False


async def account_of(c: AsyncConnection, ring: Keyring, issuer: str, subject: str) -> Account | None:
    """Whose account (issuer, subject) is, never found by an e-mail address. For a transaction that writes: until it
    ends, nobody else changes that person's role or closes their account.

    Forbidden when the row that was found says, once it is opened, that it is another account's.
    """
    tags = await tags_of(c, ring, ACCOUNTS_KEY, account_value(issuer, subject))
    query = (
        select(accounts, people.c.role, people.c.disabled_at)
        .join_from(accounts, people, accounts.c.person_id == people.c.id)
        .where(tags.found)
    )
    row = (await c.execute(query.with_for_update(of=people))).one_or_none()
    if row is None:
        return None
    record = await ring.record(c, row.person_id)
    if row.identity is not None:
        known = json.loads(record.open("accounts", identity_column(row.id), 0, row.identity))
        if (known["issuer"], known["subject"]) != (issuer, subject):
            raise Forbidden("account_not_theirs", NOT_THEIRS, about=("person", row.person_id))
    await _complete(c, record, row, tags, issuer, subject)
    return Account(row.person_id, row.role, row.disabled_at is not None, row.role_here)


async def _complete(
    c: AsyncConnection, record: RecordKey, row: Row[Any], tags: Tags, issuer: str, subject: str
) -> None:
    """Write down what an older release or a rotation under way has not written yet."""
    missing: dict[str, bytes] = {}
    if row.identity is None:
        missing["identity"] = _identity(record, row.id, issuer, subject)
    if tags.next is not None and row.key_next is None:
        missing["key_next"] = tags.next
    if missing:
        await c.execute(update(accounts).where(accounts.c.key == row.key).values(**missing))


async def add_account(
    c: AsyncConnection,
    ring: Keyring,
    issuer: str,
    subject: str,
    person_id: bytes,
    now: datetime,
    *,
    role_here: bool = False,
) -> None:
    """Tie an account at a provider to a person; whose it is stands sealed, so that its index can be made anew.

    `role_here`: as in `Account`.
    """
    tags = await tags_of(c, ring, ACCOUNTS_KEY, account_value(issuer, subject))
    account_id = ring.chance(ID_BYTES)
    identity = _identity(await ring.record(c, person_id), account_id, issuer, subject)
    values = {"id": account_id, "person_id": person_id, "identity": identity, "created_at": now}
    await c.execute(insert(accounts).values(**tags.written, **values, role_here=role_here))


async def give_role_here(c: AsyncConnection, ring: Keyring, issuer: str, subject: str) -> None:
    """From now on no provider changes the role of whoever has this account."""
    tags = await tags_of(c, ring, ACCOUNTS_KEY, account_value(issuer, subject))
    await c.execute(update(accounts).where(tags.found).values(role_here=True))


def _identity(record: RecordKey, account_id: bytes, issuer: str, subject: str) -> bytes:
    whose = json.dumps({"issuer": issuer, "subject": subject})
    return record.seal("accounts", identity_column(account_id), 0, whose)


async def address_columns(c: AsyncConnection, ring: Keyring, email: str | None) -> dict[str, bytes | None]:
    """What is written for an address so that it can be found; one without a normal form cannot."""
    if email is not None:
        try:
            return dict((await tags_of(c, ring, PEOPLE_EMAIL, email)).written)
        except NotIndexable:
            pass
    return {PEOPLE_EMAIL.column: None, PEOPLE_EMAIL.next_column: None}


async def people_at(c: AsyncConnection, ring: Keyring, email: str) -> list[bytes]:
    """The ids of those who have this e-mail address; partners may share one. NotIndexable for what is no address."""
    tags = await tags_of(c, ring, PEOPLE_EMAIL, email)
    query = select(people.c.id, people.c.email, people.c.revision).where(
        tags.found, people.c.email.is_not(None)
    )
    rows = (await c.execute(query.order_by(people.c.id))).all()
    keys = await ring.records(c, [row.id for row in rows])
    same = TRANSFORMS[PEOPLE_EMAIL.transform]
    return [
        row.id
        for row in rows
        if row.id in keys
        and same(keys[row.id].open("people", "email", row.revision, row.email)) == same(email)
    ]


async def provider_session_columns(
    c: AsyncConnection, ring: Keyring, issuer: str, session: str | None
) -> dict[str, bytes | None]:
    """What is written with a login session so that its provider can end it."""
    if session is None:
        return {SESSIONS_SID.column: None, SESSIONS_SID.next_column: None}
    return dict((await tags_of(c, ring, SESSIONS_SID, provider_session_value(issuer, session))).written)


async def sessions_at(c: AsyncConnection, ring: Keyring, issuer: str, session: str) -> list[bytes]:
    """The ids of the login sessions that hang on this session of the provider."""
    value = provider_session_value(issuer, session)
    tags = await tags_of(c, ring, SESSIONS_SID, value)
    query = select(sessions.c.id, sessions.c.person_id, sessions.c.id_token).where(tags.found)
    rows = (await c.execute(query.order_by(sessions.c.id))).all()
    keys = await ring.records(c, [row.person_id for row in rows])
    return [row.id for row in rows if row.person_id in keys and _says(keys[row.person_id], row, value)]


def _says(key: RecordKey, row: Any, value: str) -> bool:
    """Whether the sealed token names this session of the provider."""
    if row.id_token is None:
        return False
    token = key.open("sessions", token_column(row.id), 0, row.id_token)
    return SESSIONS_SID.value_in(token) == value

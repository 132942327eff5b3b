"""Queries about passkeys. A credential and its name are sealed under the record of the person whose they are."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.sealed import Sealed
from telehealth.keys.keyring import Keyring
from telehealth.keys.record_key import RecordKey
from telehealth.passkeys.credentials import Credential, bytes_of, text_of
from telehealth.passkeys.models import credential_column, passkey_challenges, passkeys
from telehealth.passkeys.rules import Purpose
from telehealth.people.models import people
from telehealth.person import Person


@dataclass(frozen=True)
class Passkey:
    """One passkey of one person, opened. `id` names it on pages; `sign_count` is what its authenticator said last."""

    id: bytes
    person_id: bytes
    name: str
    credential: Credential
    revision: int
    sign_count: int
    vouched: bool
    created_at: datetime
    used_at: datetime | None


async def add_challenge(
    c: AsyncConnection,
    challenge: bytes,
    purpose: Purpose,
    binding: bytes,
    *,
    person_id: bytes | None,
    expires_at: datetime,
) -> None:
    """Remember the hash of a challenge for the browser of `binding` (32 bytes)."""
    values = {"purpose": purpose, "binding": binding, "person_id": person_id, "expires_at": expires_at}
    await c.execute(insert(passkey_challenges).values(hash=_hash(challenge), **values))


async def take_challenge(
    c: AsyncConnection, challenge: bytes, purpose: Purpose, binding: bytes, now: datetime
) -> bool:
    """Whether this challenge was open for this browser and purpose; from now on it is not."""
    table = passkey_challenges
    of_challenge = (table.c.hash == _hash(challenge)) & (table.c.binding == binding)
    taken = await c.execute(
        delete(table).where(of_challenge, table.c.purpose == purpose, table.c.expires_at > now)
    )
    return bool(taken.rowcount == 1)


async def forget_challenges(c: AsyncConnection, now: datetime) -> None:
    """Remove what can no longer be answered."""
    await c.execute(delete(passkey_challenges).where(passkey_challenges.c.expires_at <= now))


async def passkeys_of(c: AsyncConnection, ring: Keyring, person_id: bytes) -> list[Passkey]:
    """Somebody's own passkeys, the oldest first."""
    query = select(passkeys).where(passkeys.c.person_id == person_id)
    rows = (await c.execute(query.order_by(passkeys.c.created_at, passkeys.c.id))).all()
    if not rows:
        return []
    key = await ring.record(c, person_id)
    return [_opened(row, key) for row in rows]


async def passkey_of(
    c: AsyncConnection, ring: Keyring, person_id: bytes, passkey_id: bytes
) -> Passkey | None:
    """One of somebody's own passkeys; None for everybody else's."""
    query = select(passkeys).where(passkeys.c.person_id == person_id, passkeys.c.id == passkey_id)
    row = (await c.execute(query.with_for_update())).one_or_none()
    return None if row is None else _opened(row, await ring.record(c, person_id))


async def subjects_of(c: AsyncConnection, passkey_id: bytes) -> list[bytes]:
    """Whose passkey it is: for the record of refusals."""
    query = select(passkeys.c.person_id).where(passkeys.c.id == passkey_id)
    return list((await c.execute(query)).scalars())


async def passkey_behind(
    c: AsyncConnection, ring: Keyring, credential_id: bytes
) -> tuple[Passkey, Person, bool] | None:
    """The passkey of that credential id, whose it is, and whether that person is disabled. Until the transaction ends
    nobody else changes that person's role or closes their account."""
    query = (
        select(passkeys, people.c.role, people.c.disabled_at)
        .join_from(passkeys, people, passkeys.c.person_id == people.c.id)
        .where(passkeys.c.credential_hash == _hash(credential_id))
    )
    row = (await c.execute(query.with_for_update(of=(passkeys, people)))).one_or_none()
    if row is None:
        return None
    passkey = _opened(row, await ring.record(c, row.person_id))
    if passkey.credential.id != credential_id:
        return None
    return passkey, Person(row.person_id, row.role), row.disabled_at is not None


async def is_known(c: AsyncConnection, credential_id: bytes) -> bool:
    """Whether anybody has this credential: ids are random, so a second one is no accident."""
    query = select(passkeys.c.id).where(passkeys.c.credential_hash == _hash(credential_id))
    return (await c.execute(query)).first() is not None


async def has_counting(c: AsyncConnection, person_id: bytes, *, vouched_only: bool) -> bool:
    """Whether somebody has a passkey, or one that a second factor vouched for."""
    query = select(passkeys.c.id).where(passkeys.c.person_id == person_id)
    if vouched_only:
        query = query.where(passkeys.c.vouched.is_(True))
    return (await c.execute(query.limit(1))).first() is not None


async def add_passkey(c: AsyncConnection, ring: Keyring, passkey: Passkey) -> None:
    """Write a new passkey, sealed."""
    await c.execute(
        insert(passkeys).values(
            id=passkey.id,
            person_id=passkey.person_id,
            credential_hash=_hash(passkey.credential.id),
            credential=_sealed(passkey, await ring.record(c, passkey.person_id)),
            revision=passkey.revision,
            sign_count=passkey.sign_count,
            vouched=passkey.vouched,
            created_at=passkey.created_at,
        )
    )


async def used(c: AsyncConnection, passkey: Passkey, sign_count: int, now: datetime) -> bool:
    """Keep what the authenticator counted; False when another use came between."""
    kept = (passkeys.c.id == passkey.id) & (passkeys.c.sign_count == passkey.sign_count)
    done = await c.execute(update(passkeys).where(kept).values(sign_count=sign_count, used_at=now))
    return bool(done.rowcount == 1)


async def rename(c: AsyncConnection, ring: Keyring, passkey: Passkey) -> None:
    """Seal the credential anew with its new name, under the next revision, which `passkey` carries."""
    sealed = _sealed(passkey, await ring.record(c, passkey.person_id))
    values = {"credential": sealed, "revision": passkey.revision}
    await c.execute(update(passkeys).where(passkeys.c.id == passkey.id).values(**values))


async def remove(c: AsyncConnection, person_id: bytes, passkey_id: bytes) -> bool:
    """Forget one of somebody's own passkeys; False when it is not theirs."""
    mine = (passkeys.c.person_id == person_id) & (passkeys.c.id == passkey_id)
    return bool((await c.execute(delete(passkeys).where(mine))).rowcount == 1)


def _hash(value: bytes) -> bytes:
    return hashlib.sha256(value).digest()


def _sealed(passkey: Passkey, key: RecordKey) -> Sealed:
    credential = passkey.credential
    text = json.dumps(
        {
            "id": text_of(credential.id),
            "key": text_of(credential.key),
            "transports": list(credential.transports),
            "name": passkey.name,
        }
    )
    return key.seal("passkeys", credential_column(passkey.id), passkey.revision, text)


def _opened(row: Row[Any], key: RecordKey) -> Passkey:
    plain = json.loads(key.open("passkeys", credential_column(row.id), row.revision, row.credential))
    return Passkey(
        id=row.id,
        person_id=row.person_id,
        name=plain["name"],
        credential=Credential(bytes_of(plain["id"]), bytes_of(plain["key"]), tuple(plain["transports"])),
        revision=row.revision,
        sign_count=row.sign_count,
        vouched=row.vouched,
        created_at=row.created_at,
        used_at=row.used_at,
    )

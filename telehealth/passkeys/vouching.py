"""Codes with which a member of staff adds a first passkey: an administrator vouches, since a single factor must not."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.office import Office, Work
from telehealth.errors import NotFound
from telehealth.passkeys import rules
from telehealth.passkeys.models import passkey_codes, passkeys
from telehealth.people import codes
from telehealth.people import store as people_store
from telehealth.people.models import people
from telehealth.person import ROLES, Person, Role
from telehealth.web.cookies import hash_of

NOBODY = "There is no member of staff with this id whose account may be used."


async def make_code(
    office: Office, person: Person | None, colleague_id: bytes, secret: bytes | None = None
) -> tuple[str, datetime]:
    """A new code for a member of staff and when it ends; earlier ones end now. `person`: None on the command line.
    `secret`: the random bytes it is made of, where a form knows them.

    NotFound for clients, for accounts that are disabled, and for anybody who asks and is no administrator.
    """
    code = code_of(secret or office.chance(rules.CODE_BYTES))
    about = ("person", colleague_id)

    async def act(work: Work) -> datetime:
        role = await role_of(work.connection, colleague_id)
        if role in (None, "client") or (person is not None and person.role != "administrator"):
            raise NotFound("colleague_not_found", NOBODY, about=None if role is None else about)
        expires_at = work.now + rules.CODE_LIVES
        made_by = None if person is None else person.id
        hashed = hash_of_code(code)
        await add_code(
            work.connection, hashed, colleague_id, made_by=made_by, now=work.now, expires_at=expires_at
        )
        await work.audit(
            "passkey.code", "C", entity="person", entity_id=colleague_id, subjects=[colleague_id]
        )
        return expires_at

    return code, await office.act(person, act)


async def staff(office: Office, person: Person) -> list["Colleague"]:
    """Everybody on the staff with their names, for an administrator; the look is on record."""
    if person.role != "administrator":
        raise NotFound("not_found", "There is nothing at this address. Perhaps it is not yours to see.")
    async with office.work(person) as work:
        found = await colleagues(work.connection, work.now)
        ids = [colleague.id for colleague in found]
        names = await people_store.names_of(work.connection, work.ring, ids)
        await work.looked(entity="person", entity_id=person.id, subjects=list(names))
    return [replace(colleague, name=names.get(colleague.id, "")) for colleague in found]


def code_of(secret: bytes) -> str:
    """The code made of the first of these random bytes."""
    return codes.code_of(secret[: rules.CODE_BYTES])


async def open_code(office: Office, secret: bytes) -> tuple[str, datetime | None]:
    """The code made of this secret and until when it would be taken; empty and None when it would not."""
    code, table = code_of(secret), passkey_codes
    query = select(table.c.expires_at).where(
        table.c.hash == hash_of_code(code), table.c.expires_at > office.clock()
    )
    async with office.database.reading() as connection:
        until: datetime | None = (await connection.execute(query)).scalar_one_or_none()
    return ("", None) if until is None else (code, until)


def hash_of_code(code: str) -> bytes:
    """What the database keeps of a code, however it was typed."""
    return hash_of(codes.code_from(code).encode(), "passkey-code")


async def add_code(
    c: AsyncConnection,
    code_hash: bytes,
    person_id: bytes,
    *,
    made_by: bytes | None,
    now: datetime,
    expires_at: datetime,
) -> None:
    """A new code for this person, in place of every earlier one."""
    await c.execute(delete(passkey_codes).where(passkey_codes.c.person_id == person_id))
    values = {"person_id": person_id, "made_by": made_by, "created_at": now, "expires_at": expires_at}
    await c.execute(insert(passkey_codes).values(hash=code_hash, **values))


async def is_open(c: AsyncConnection, code_hash: bytes, person_id: bytes, now: datetime) -> bool:
    """Whether this code would be taken for this person."""
    mine = (passkey_codes.c.hash == code_hash) & (passkey_codes.c.person_id == person_id)
    query = select(passkey_codes.c.hash).where(mine, passkey_codes.c.expires_at > now)
    return (await c.execute(query)).first() is not None


async def take_code(c: AsyncConnection, code_hash: bytes, person_id: bytes, now: datetime) -> bool:
    """Whether this code was open for this person; from now on it is not."""
    mine = (passkey_codes.c.hash == code_hash) & (passkey_codes.c.person_id == person_id)
    taken = await c.execute(delete(passkey_codes).where(mine, passkey_codes.c.expires_at > now))
    return bool(taken.rowcount == 1)


@dataclass(frozen=True)
class Colleague:
    """A member of staff as the administrator sees them here: how many passkeys count, and until when a code is open."""

    id: bytes
    role: Role
    passkeys: int
    code_until: datetime | None
    name: str = ""


async def colleagues(c: AsyncConnection, now: datetime) -> list[Colleague]:
    """Everybody on the staff whose account may be used, by role."""
    counted = (
        select(passkeys.c.person_id, func.count().label("number"))
        .where(passkeys.c.vouched.is_(True))
        .group_by(passkeys.c.person_id)
        .subquery()
    )
    open_codes = select(passkey_codes).where(passkey_codes.c.expires_at > now).subquery()
    query = (
        select(people.c.id, people.c.role, counted.c.number, open_codes.c.expires_at)
        .outerjoin_from(people, counted, counted.c.person_id == people.c.id)
        .outerjoin(open_codes, open_codes.c.person_id == people.c.id)
        .where(people.c.role != "client", people.c.disabled_at.is_(None))
    )
    found = [Colleague(row.id, row.role, row.number or 0, row.expires_at) for row in await c.execute(query)]
    return sorted(found, key=lambda each: (ROLES.index(each.role), each.id))


async def role_of(c: AsyncConnection, person_id: bytes) -> Role | None:
    """The role of somebody whose account may be used; None for anybody else."""
    query = select(people.c.role).where(people.c.id == person_id, people.c.disabled_at.is_(None))
    role: Role | None = (await c.execute(query)).scalar_one_or_none()
    return role

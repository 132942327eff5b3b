"""Queries about people. Names are opened only for those whom the callers' own rules let see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.sealed import Sealed
from telehealth.db.among import Among
from telehealth.db.direct import built_once
from telehealth.keys.keyring import Keyring
from telehealth.people import models, rules
from telehealth.people.finding import address_columns
from telehealth.people.models import people, sessions
from telehealth.person import Person, Role

NAMES = built_once(
    select(people.c.id, people.c.name, people.c.revision).where(
        Among(people.c.id, "ids"), people.c.name.is_not(None)
    )
)
token_column = models.token_column
device_column = models.device_column


@dataclass(frozen=True)
class LoginSession:
    """One login session as its row says. `person.session` is its id; `signed_in_at` is the provider's auth_time.

    `pending`: the staff's second step is still to come, so nobody is signed in yet. `role` is the one it was opened
    for; only while it is pending, the person's own may be another.
    """

    id: bytes
    person: Person
    created_at: datetime
    seen_at: datetime
    signed_in_at: datetime
    stepped_up_at: datetime | None
    role: Role
    provider: str
    id_token: Sealed | None
    strong: bool
    pending: bool
    name: str | None

    @property
    def proven_at(self) -> datetime:
        """When its person last proved who they are."""
        return max(self.signed_in_at, self.stepped_up_at or self.signed_in_at)

    @property
    def idle_at(self) -> datetime:
        """When it ends if nothing more happens in it."""
        return rules.idle_at(self.person.role, self.seen_at)

    @property
    def ends_at(self) -> datetime:
        """When it ends whatever happens in it."""
        return rules.ends_at(self.created_at)


@dataclass(frozen=True)
class OpenSession:
    """One row of a person's list of sessions; `device` is in words, empty where none were kept."""

    id: bytes
    device: str
    provider: str
    created_at: datetime
    seen_at: datetime


async def add_person(c: AsyncConnection, ring: Keyring, person_id: bytes, role: Role, now: datetime) -> None:
    """A new person with keys of their own and an empty sealed profile."""
    await ring.new_subject(c, person_id, now)
    await ring.new_record(c, person_id, "account", [person_id])
    await c.execute(insert(people).values(id=person_id, role=role, revision=0, created_at=now))


async def set_role(c: AsyncConnection, person_id: bytes, role: Role) -> None:
    """What the provider's groups or the clinic's list say this person is now."""
    await c.execute(update(people).where(people.c.id == person_id).values(role=role))


async def lock_role(c: AsyncConnection, person_id: bytes) -> Role:
    """The role of one person, which nobody else changes until this transaction ends."""
    query = select(people.c.role).where(people.c.id == person_id).with_for_update()
    role: Role = (await c.execute(query)).scalar_one()
    return role


async def profile_of(c: AsyncConnection, ring: Keyring, person_id: bytes) -> tuple[str | None, str | None]:
    """Name and e-mail address of one person, opened."""
    query = select(people.c.name, people.c.email, people.c.revision).where(people.c.id == person_id)
    row = (await c.execute(query)).one()
    if row.name is None and row.email is None:
        return None, None
    key = await ring.record(c, person_id)
    name = None if row.name is None else key.open("people", "name", row.revision, row.name)
    email = None if row.email is None else key.open("people", "email", row.revision, row.email)
    return name, email


async def keep_profile(
    c: AsyncConnection, ring: Keyring, person_id: bytes, *, name: str | None, email: str | None
) -> None:
    """Seal name and address anew under the next revision."""
    revision = (
        await c.execute(
            select(people.c.revision).where(people.c.id == person_id).with_for_update(key_share=True)
        )
    ).scalar_one() + 1
    key = await ring.record(c, person_id)
    values = {
        "revision": revision,
        "name": None if name is None else key.seal("people", "name", revision, name),
        "email": None if email is None else key.seal("people", "email", revision, email),
        **await address_columns(c, ring, email),
    }
    await c.execute(update(people).where(people.c.id == person_id).values(**values))


async def rename(c: AsyncConnection, ring: Keyring, person_id: bytes, name: str) -> None:
    """Seal the name somebody wants to be called."""
    _, email = await profile_of(c, ring, person_id)
    await keep_profile(c, ring, person_id, name=name, email=email)


async def names_of(c: AsyncConnection, ring: Keyring, ids: Sequence[bytes]) -> dict[bytes, str]:
    """The names of several people, opened in two statements; who gave none is left out."""
    if not ids:
        return {}
    rows = (await c.execute(NAMES, {"ids": ids})).all()
    keys = await ring.readable(c, [row.id for row in rows])
    return {
        row.id: keys[row.id].open("people", "name", row.revision, row.name) for row in rows if row.id in keys
    }


async def open_session(c: AsyncConnection, values: dict[str, object]) -> None:
    """Write the row of a new login session."""
    await c.execute(insert(sessions).values(**values))


async def session_of(c: AsyncConnection, ring: Keyring, session_hash: bytes) -> LoginSession | None:
    """The session of a cookie with its person, whose name is opened; None where that person is disabled."""
    row = (await c.execute(_sessions().where(sessions.c.hash == session_hash))).one_or_none()
    if row is None:
        return None
    name = None
    if row.name is not None:
        key = await ring.record(c, row.person_id)
        name = key.open("people", "name", row.revision, row.name)
    return _login_session(row, name)


async def session_by_id(c: AsyncConnection, session_id: bytes) -> LoginSession | None:
    """The session of that id, unless its person is disabled; the name is left sealed."""
    row = (await c.execute(_sessions().where(sessions.c.id == session_id))).one_or_none()
    return None if row is None else _login_session(row, None)


async def sessions_of(c: AsyncConnection, ring: Keyring, person: Person, now: datetime) -> list[OpenSession]:
    """Where this person is signed in now, the latest first, with the words for each device opened."""
    query = select(sessions).where(sessions.c.person_id == person.id, sessions.c.pending.is_(False))
    rows = (await c.execute(query.order_by(sessions.c.created_at.desc(), sessions.c.id))).all()
    key = await ring.record(c, person.id)
    return [
        OpenSession(
            id=row.id,
            device="" if row.device is None else key.open("sessions", device_column(row.id), 0, row.device),
            provider=row.provider,
            created_at=row.created_at,
            seen_at=row.seen_at,
        )
        for row in rows
        if rules.is_live(person.role, created_at=row.created_at, seen_at=row.seen_at, now=now)
    ]


def _sessions() -> Select[Any]:
    """With the role of each person now: one that was opened for another opens nothing, or only a second step."""
    return (
        select(sessions, people.c.role.label("role_now"), people.c.name, people.c.revision)
        .join_from(sessions, people, sessions.c.person_id == people.c.id)
        .where(people.c.disabled_at.is_(None))
        .where(sessions.c.pending.is_(True) | (sessions.c.role == people.c.role))
    )


def _login_session(row: Row[Any], name: str | None) -> LoginSession:
    return LoginSession(
        id=row.id,
        person=Person(row.person_id, row.role_now, row.id),
        created_at=row.created_at,
        seen_at=row.seen_at,
        signed_in_at=row.signed_in_at,
        stepped_up_at=row.stepped_up_at,
        role=row.role,
        provider=row.provider,
        id_token=row.id_token,
        strong=row.strong,
        pending=row.pending,
        name=name,
    )


async def touch(c: AsyncConnection, session_id: bytes, now: datetime) -> None:
    """Somebody is still here."""
    await c.execute(update(sessions).where(sessions.c.id == session_id).values(seen_at=now))


async def renew_session(
    c: AsyncConnection, session_id: bytes, session_hash: bytes, *, role: Role, strong: bool, now: datetime
) -> bool:
    """Another cookie opens the session from now on, and the one before opens nothing; False where it has ended."""
    values = {"hash": session_hash, "role": role, "strong": strong, "pending": False}
    times = {"seen_at": now, "stepped_up_at": now}
    renewed = update(sessions).where(sessions.c.id == session_id).values(**values, **times)
    return (await c.execute(renewed)).rowcount == 1


async def tie_session(c: AsyncConnection, session_id: bytes, values: dict[str, object]) -> None:
    """What the provider said of the session when its person proved anew who they are."""
    await c.execute(update(sessions).where(sessions.c.id == session_id).values(**values))


async def end_session(c: AsyncConnection, session_id: bytes) -> None:
    """The cookie opens nothing from now on."""
    await c.execute(delete(sessions).where(sessions.c.id == session_id))


async def end_sessions(
    c: AsyncConnection, *, person_id: bytes | None = None, but: bytes = b""
) -> list[tuple[bytes, bytes]]:
    """End every session of one person, or of everybody, but for one; returns (session id, person id) of each."""
    ended = delete(sessions).where(sessions.c.id != but).returning(sessions.c.id, sessions.c.person_id)
    if person_id is not None:
        ended = ended.where(sessions.c.person_id == person_id)
    return [(row.id, row.person_id) for row in await c.execute(ended)]


async def end_sessions_of(
    c: AsyncConnection, provider: str, *, person_id: bytes | None, ids: Sequence[bytes] | None
) -> list[tuple[bytes, bytes]]:
    """End the sessions that this provider opened for the person, among `ids` where given; (session, person) of each."""
    ended = delete(sessions).where(sessions.c.provider == provider)
    if person_id is not None:
        ended = ended.where(sessions.c.person_id == person_id)
    if ids is not None:
        ended = ended.where(sessions.c.id.in_(ids))
    return [
        (row.id, row.person_id)
        for row in await c.execute(ended.returning(sessions.c.id, sessions.c.person_id))
    ]

"""Queries about accounts as an administrator sees them: who is on the staff, who is signed in, who may not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.keys.keyring import Keyring
from telehealth.people import rules, store
from telehealth.people.models import accounts, people, sessions
from telehealth.person import ROLES, Role


@dataclass(frozen=True)
class Member:
    """One account. `name` is empty for clients, and for staff who gave none; `seen_at` is None for who is not in.

    `tied`: there is an account at a provider, so that they can sign in.
    """

    id: bytes
    role: Role
    name: str
    created_at: datetime
    disabled_at: datetime | None
    sessions: int
    seen_at: datetime | None
    tied: bool = True


async def staff(c: AsyncConnection, ring: Keyring, now: datetime) -> list[Member]:
    """Everybody who is no client, by role and name, closed accounts last."""
    rows = (await c.execute(_people().where(people.c.role != "client"))).all()
    found = await _members(c, ring, rows, now)
    return sorted(found, key=lambda each: (each.disabled_at is not None, ROLES.index(each.role), each.name))


async def with_account(c: AsyncConnection, ids: Sequence[bytes]) -> set[bytes]:
    """Those of them who have an account at a provider, so that they can sign in."""
    query = select(accounts.c.person_id).where(accounts.c.person_id.in_(ids))
    return set((await c.execute(query)).scalars())


async def member(c: AsyncConnection, ring: Keyring, person_id: bytes, now: datetime) -> Member | None:
    """The account of that exact id."""
    rows = (await c.execute(_people().where(people.c.id == person_id))).all()
    found = await _members(c, ring, rows, now)
    return found[0] if found else None


async def set_disabled(c: AsyncConnection, person_id: bytes, at: datetime | None) -> None:
    """Since when nobody may sign in with this account; None opens it again."""
    await c.execute(update(people).where(people.c.id == person_id).values(disabled_at=at))


async def keep_role_here(c: AsyncConnection, person_id: bytes) -> None:
    """From now on a sign-in with any account of theirs leaves the role as it stands here."""
    await c.execute(update(accounts).where(accounts.c.person_id == person_id).values(role_here=True))


async def lock_administrators(c: AsyncConnection) -> list[bytes]:
    """The administrators whose accounts are open; until this transaction ends nobody else closes one of them."""
    query = select(people.c.id).where(people.c.role == "administrator", people.c.disabled_at.is_(None))
    return list((await c.execute(query.order_by(people.c.id).with_for_update())).scalars())


def _people() -> Any:
    return select(people.c.id, people.c.role, people.c.created_at, people.c.disabled_at)


async def _members(
    c: AsyncConnection, ring: Keyring, rows: Sequence[Row[Any]], now: datetime
) -> list[Member]:
    names = await store.names_of(c, ring, [row.id for row in rows if row.role != "client"])
    tied = await with_account(c, [row.id for row in rows])
    live = await _live_sessions(c, {row.id: row.role for row in rows}, now)
    return [
        Member(
            id=row.id,
            role=row.role,
            name=names.get(row.id, ""),
            created_at=row.created_at,
            disabled_at=row.disabled_at,
            sessions=len(live[row.id]),
            seen_at=max(live[row.id], default=None),
            tied=row.id in tied,
        )
        for row in rows
    ]


async def _live_sessions(
    c: AsyncConnection, roles: dict[bytes, Role], now: datetime
) -> dict[bytes, list[datetime]]:
    """When each session was last used that still stands, by person."""
    query = select(sessions.c.person_id, sessions.c.created_at, sessions.c.seen_at)
    found: dict[bytes, list[datetime]] = {person_id: [] for person_id in roles}
    for row in await c.execute(query.where(sessions.c.person_id.in_(list(roles)))):
        role = roles[row.person_id]
        if rules.is_live(role, created_at=row.created_at, seen_at=row.seen_at, now=now):
            found[row.person_id].append(row.seen_at)
    return found

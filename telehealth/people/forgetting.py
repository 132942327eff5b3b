"""What is left of a person among the tables of people once they are erased: an id that names nobody."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.people.models import accounts, people, sessions, spent_tokens, staff_invitations


async def close_for_good(c: AsyncConnection, person_id: bytes, now: datetime) -> list[bytes]:
    """Nobody comes in as this person any more; returns the ids of the login sessions that ended."""
    closing = update(people).where(people.c.id == person_id, people.c.disabled_at.is_(None))
    await c.execute(closing.values(disabled_at=now))
    invited = (staff_invitations.c.person_id == person_id) | (staff_invitations.c.made_by == person_id)
    await c.execute(delete(staff_invitations).where(invited))
    ended = delete(sessions).where(sessions.c.person_id == person_id).returning(sessions.c.id)
    return list((await c.execute(ended)).scalars())


async def forget_profile(c: AsyncConnection, person_id: bytes) -> int:
    """Name, address and their index go, and the accounts at providers; returns how many accounts those were."""
    emptied = {"name": None, "email": None, "email_index": None, "email_index_next": None}
    await c.execute(update(people).where(people.c.id == person_id).values(**emptied))
    return (await c.execute(delete(accounts).where(accounts.c.person_id == person_id))).rowcount


async def is_last_administrator(c: AsyncConnection, person_id: bytes) -> bool:
    """Whether this person alone can still do an administrator's work."""
    query = select(people.c.id).where(people.c.role == "administrator", people.c.disabled_at.is_(None))
    return list((await c.execute(query.with_for_update())).scalars()) == [person_id]


async def role_of(c: AsyncConnection, person_id: bytes) -> str | None:
    """The person's role; None where nobody has this id."""
    return (await c.execute(select(people.c.role).where(people.c.id == person_id))).scalar_one_or_none()


async def end_expired_sessions(c: AsyncConnection, before: datetime) -> int:
    """Forget login sessions that began before this moment: they are past their absolute end, whoever had them."""
    return (await c.execute(delete(sessions).where(sessions.c.created_at < before))).rowcount


async def forget_expired(c: AsyncConnection, now: datetime) -> int:
    """What could not be used a second time any more anyway, and invitations that nobody took; returns how many."""
    count = 0
    for table in (spent_tokens, staff_invitations):
        count += (await c.execute(delete(table).where(table.c.expires_at <= now))).rowcount
    return count

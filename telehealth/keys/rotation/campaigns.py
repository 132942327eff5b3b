"""A rotation under way is a row, so that one that was killed goes on instead of starting over."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.errors import Conflict
from telehealth.keys.models import record_keys, rotations


@dataclass(frozen=True)
class Campaign:
    """Keys made before `before`, or record keys of a version below `version`, are due."""

    what: str
    before: datetime
    version: int


async def begin(c: AsyncConnection, what: str, now: datetime) -> Campaign:
    """The one that is under way, or a new one; two who begin at once agree on one."""
    known = await under_way(c, what)
    if known is not None:
        return known
    newest = (await c.execute(select(func.coalesce(func.max(record_keys.c.version), 0)))).scalar_one()
    made = Campaign(what, now, int(newest) + 1)
    try:
        async with c.begin_nested():
            await c.execute(insert(rotations).values(what=what, before=now, version=made.version))
    except IntegrityError:
        return await begin(c, what, now)
    return made


async def under_way(c: AsyncConnection, what: str) -> Campaign | None:
    """The rotation of this kind that is not done yet."""
    row = (await c.execute(select(rotations).where(rotations.c.what == what))).one_or_none()
    return None if row is None else Campaign(row.what, row.before, row.version)


async def must_go_on(c: AsyncConnection, campaign: Campaign) -> None:
    """Conflict when somebody else has ended this rotation, or begun the next one."""
    if await under_way(c, campaign.what) != campaign:
        raise Conflict(
            "rotation_overtaken",
            f"The rotation of {campaign.what} was ended by somebody else, so this one stopped. Nothing is lost.",
        )


async def end(c: AsyncConnection, campaign: Campaign) -> None:
    """It is done; one that was begun since then goes on."""
    mine = rotations.c.before == campaign.before, rotations.c.version == campaign.version
    await c.execute(delete(rotations).where(rotations.c.what == campaign.what, *mine))

"""How people wish to be told, as it is kept: sealed under the key of who they are."""

from collections.abc import Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.keys.keyring import Keyring
from telehealth.notices.models import preferences
from telehealth.notices.rules import Preferences, preferences_from


async def choices_of(c: AsyncConnection, ring: Keyring, ids: Sequence[bytes]) -> dict[bytes, Preferences]:
    """What these people chose, in a fixed number of statements; who never chose is left out."""
    rows = (await c.execute(select(preferences).where(preferences.c.person_id.in_(ids)))).all()
    keys = await ring.records(c, [row.person_id for row in rows])
    return {
        row.person_id: preferences_from(
            keys[row.person_id].open("preferences", "body", row.revision, row.body)
        )
        for row in rows
        if row.person_id in keys
    }


async def keep(c: AsyncConnection, ring: Keyring, person_id: bytes, chosen: Preferences) -> None:
    """Seal what one person chose, under the next revision."""
    theirs = preferences.c.person_id == person_id
    known = (
        await c.execute(select(preferences.c.revision).where(theirs).with_for_update())
    ).scalar_one_or_none()
    revision = 0 if known is None else known + 1
    key = await ring.record(c, person_id)
    values = {"revision": revision, "body": key.seal("preferences", "body", revision, chosen.text())}
    if known is not None:
        await c.execute(update(preferences).where(theirs).values(**values))
        return
    try:
        async with c.begin_nested():
            await c.execute(insert(preferences).values(person_id=person_id, **values))
    except IntegrityError:  # from another window of theirs, at this very moment
        await keep(c, ring, person_id, chosen)

"""What keys there are, what each wraps, and what is under way: for the key command and the administrator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.kek import KekProvider, KekUnavailable
from telehealth.keys import store
from telehealth.keys.models import keks, record_keys, rotations, subject_keys
from telehealth.keys.store import IndexKey

State = Literal["unused", "active", "decrypt_only", "destroyed"]


@dataclass(frozen=True)
class Epoch:
    """One key-encryption key. `wraps` counts subject keys; `destroyable_at` is when its last backup has expired."""

    kek_id: str
    number: int | None
    state: str
    created_at: datetime | None
    wraps: int
    readable: bool
    destroyable_at: datetime | None
    destroyed_at: datetime | None


@dataclass(frozen=True)
class Overview:
    """All of it; `under_way` names rotations that were begun and are not done."""

    epochs: tuple[Epoch, ...]
    subject_keys: int
    records: int
    record_keys: int
    indexes: tuple[IndexKey, ...]
    under_way: tuple[str, ...]


async def overview(
    c: AsyncConnection, provider: KekProvider, in_folder: Sequence[str], *, backups_live: timedelta
) -> Overview:
    """`in_folder` are the ids the provider has, used or not."""
    indexes = tuple(await store.index_keys_of(c))
    begun = list((await c.execute(select(rotations.c.what).order_by(rotations.c.what))).scalars())
    begun += [f"index {index.name}" for index in indexes if index.next_version is not None]
    records = select(func.count(record_keys.c.record_id.distinct()), func.count())
    records_, wraps = (await c.execute(records.select_from(record_keys))).one()
    return Overview(
        epochs=await _epochs(c, provider, in_folder, backups_live),
        subject_keys=(await c.execute(select(func.count()).select_from(subject_keys))).scalar_one(),
        records=records_,
        record_keys=wraps,
        indexes=indexes,
        under_way=tuple(begun),
    )


async def _epochs(
    c: AsyncConnection, provider: KekProvider, in_folder: Sequence[str], backups_live: timedelta
) -> tuple[Epoch, ...]:
    counted = select(subject_keys.c.kek, func.count()).group_by(subject_keys.c.kek)
    wraps = {row[0]: row[1] for row in await c.execute(counted)}
    rows = (await c.execute(select(keks).order_by(keks.c.number))).all()
    found = [
        Epoch(
            kek_id=row.kek_id,
            number=row.number,
            state=row.state,
            created_at=row.created_at,
            wraps=wraps.get(row.number, 0),
            readable=await is_readable(provider, row.kek_id),
            destroyable_at=None
            if row.emptied_at is None or row.state == "destroyed"
            else row.emptied_at + backups_live,
            destroyed_at=row.destroyed_at,
        )
        for row in rows
    ]
    known = {epoch.kek_id for epoch in found}
    unused = [kek_id for kek_id in in_folder if kek_id not in known]
    for kek_id in unused:
        readable = await is_readable(provider, kek_id)
        found.append(Epoch(kek_id, None, "unused", None, 0, readable, None, None))
    return tuple(found)


async def is_readable(provider: KekProvider, kek_id: str) -> bool:
    """Whether this epoch can be had."""
    try:
        await provider.key(kek_id)
    except KekUnavailable:
        return False
    return True

"""Queries about keys: rows in, rows out; nothing is unwrapped here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.sealed import Sealed
from telehealth.db.among import Among
from telehealth.db.direct import built_once
from telehealth.db.engine import may_write, writes_beside_others
from telehealth.keys.models import index_keys, keks, record_keys, rotations, subject_keys

RECORDS = "records"  # the rotation of all records' keys


@dataclass(frozen=True)
class Kek:
    """One epoch as its row says."""

    number: int
    kek_id: str
    state: str


@dataclass(frozen=True)
class SubjectKey:
    """A wrapped subject key and the epoch that wraps it."""

    subject_id: bytes
    cls: str
    version: int
    wrapped: Sealed
    kek: Kek


@dataclass(frozen=True)
class RecordWrap:
    """One person's wrap of a record key, with the subject key that opens it."""

    record_id: bytes
    version: int
    wrapped: Sealed
    subject: SubjectKey


@dataclass(frozen=True)
class KeyVersion:
    """One version of an index's key, and how many bits a tag under it has."""

    number: int
    bits: int


@dataclass(frozen=True)
class IndexVersions:
    """Which versions of an index's key are in use; `next` only while it rotates."""

    current: KeyVersion
    next: KeyVersion | None


@dataclass(frozen=True)
class IndexKey:
    """The row of one index."""

    name: str
    version: int
    next_version: int | None
    check_value: bytes
    bits: int
    next_bits: int | None

    @property
    def versions(self) -> IndexVersions:
        """The versions in use."""
        following = self.next_version, self.next_bits
        return IndexVersions(
            KeyVersion(self.version, self.bits),
            None if following[0] is None or following[1] is None else KeyVersion(following[0], following[1]),
        )


async def kek_of(c: AsyncConnection, kek_id: str) -> Kek | None:
    """The row of an epoch, None before its first use."""
    query = select(keks.c.number, keks.c.kek_id, keks.c.state).where(keks.c.kek_id == kek_id)
    if may_write(c):
        query = query.with_for_update(read=True)  # it is not destroyed while something is wrapped by it
    row = (await c.execute(query)).one_or_none()
    return None if row is None else Kek(*row)


async def active_kek(c: AsyncConnection) -> Kek | None:
    """The newest epoch that may seal."""
    query = select(keks.c.number, keks.c.kek_id, keks.c.state).where(keks.c.state == "active")
    row = (await c.execute(query.order_by(keks.c.number.desc()).limit(1))).one_or_none()
    return None if row is None else Kek(*row)


async def keks_in_use(c: AsyncConnection) -> list[str]:
    """The ids of all epochs that may still be needed to open something."""
    query = select(keks.c.kek_id).where(keks.c.state != "destroyed").order_by(keks.c.number)
    return list((await c.execute(query)).scalars())


async def kek_ids(c: AsyncConnection) -> list[str]:
    """The ids of all epochs that were ever used here, destroyed ones too."""
    return list((await c.execute(select(keks.c.kek_id).order_by(keks.c.number))).scalars())


async def wrapped_by(c: AsyncConnection, kek_id: str, most: int) -> list[SubjectKey]:
    """Some of the subject keys that an epoch wraps."""
    query = select(*SUBJECT_COLUMNS).select_from(subject_keys.join(keks, keks.c.number == subject_keys.c.kek))
    query = query.where(keks.c.kek_id == kek_id).order_by(subject_keys.c.subject_id).limit(most)
    return [_subject_key(row) for row in await c.execute(query)]


async def register_kek(c: AsyncConnection, kek_id: str, now: datetime) -> None:
    """Number a new epoch and let the earlier ones only open; a number is never used again."""
    number = select(func.coalesce(func.max(keks.c.number), 0) + 1).scalar_subquery()
    try:
        async with c.begin_nested():
            await c.execute(insert(keks).values(number=number, kek_id=kek_id, state="active", created_at=now))
    except IntegrityError:
        return  # another transaction has just registered it, or taken the number: the caller looks again
    earlier = and_(keks.c.state == "active", keks.c.kek_id != kek_id)
    await c.execute(update(keks).where(earlier).values(state="decrypt_only"))


async def subject_keys_of(
    c: AsyncConnection, classes: Sequence[str], subject_ids: Sequence[bytes]
) -> list[SubjectKey]:
    """The newest key of each of these classes for each of these people, those that are there."""
    rows = await c.execute(NEWEST_KEYS, {"classes": classes, "subjects": subject_ids})
    return [_subject_key(row) for row in rows]


async def keys_for_new_records(
    c: AsyncConnection, classes: Sequence[str], subject_ids: Sequence[bytes]
) -> tuple[int, list[SubjectKey]]:
    """The same with the version of new records: 1, or while all records get new keys the version they get, so that
    what is new then is not due."""
    rows = (await c.execute(KEYS_FOR_NEW, {"classes": classes, "subjects": subject_ids})).all()
    return rows[0].version_of_new if rows else 1, [_subject_key(row) for row in rows]


async def wraps_of(c: AsyncConnection, record_ids: Sequence[bytes]) -> list[RecordWrap]:
    """Every live wrap of these records, in one statement; a destroyed epoch's wraps are not live."""
    return [
        RecordWrap(row.record_id, row.record_version, row.record_wrapped, _subject_key(row))
        for row in await c.execute(LIVE_WRAPS, {"records": record_ids})
    ]


async def hold_records(c: AsyncConnection, record_ids: Sequence[bytes]) -> None:
    """Keep these records' keys from being rotated or taken away until this transaction ends."""
    if writes_beside_others(c):
        await c.execute(HOLD_RECORDS, {"records": record_ids})


async def hold_subject_keys(c: AsyncConnection, classes: Sequence[str], subject_ids: Sequence[bytes]) -> None:
    """Keep these people's keys from being rotated or taken away until this transaction ends."""
    if writes_beside_others(c):
        await c.execute(HOLD_SUBJECT_KEYS, {"classes": classes, "subjects": subject_ids})


async def add_subject_keys(c: AsyncConnection, rows: list[dict[str, object]]) -> None:
    """Write wrapped subject keys."""
    await c.execute(insert(subject_keys), rows)


async def add_wraps(c: AsyncConnection, rows: list[dict[str, object]]) -> None:
    """Write wraps of a record key, one row for each person."""
    await c.execute(ADD_WRAPS, rows)


async def index_versions(c: AsyncConnection, name: str) -> IndexVersions | None:
    """The versions of one index, None before its first use; a transaction that writes keeps them until it ends."""
    query = select(index_keys).where(index_keys.c.name == name)
    if may_write(c):
        query = query.with_for_update(read=True)
    row = (await c.execute(query)).one_or_none()
    return None if row is None else IndexKey(**row._mapping).versions


async def index_keys_of(c: AsyncConnection) -> list[IndexKey]:
    """Every index that was used."""
    rows = await c.execute(select(index_keys).order_by(index_keys.c.name))
    return [IndexKey(**row._mapping) for row in rows]


async def add_index_key(c: AsyncConnection, name: str, version: KeyVersion, check_value: bytes) -> None:
    """Note an index; one that is noted already stays as it is."""
    try:
        async with c.begin_nested():
            values = {
                "name": name,
                "version": version.number,
                "bits": version.bits,
                "check_value": check_value,
            }
            await c.execute(insert(index_keys).values(**values))
    except IntegrityError:
        return


SUBJECT_COLUMNS = (
    subject_keys.c.subject_id,
    subject_keys.c.cls,
    subject_keys.c.version,
    subject_keys.c.wrapped,
    keks.c.number,
    keks.c.kek_id,
    keks.c.state,
)
# Whatever is sealed or opened sends these, so they are built once.
KEYS_ASKED = (
    Among(subject_keys.c.subject_id, "subjects"),
    Among(subject_keys.c.cls, "classes"),
)
_newest = (
    select(subject_keys.c.subject_id, subject_keys.c.cls, func.max(subject_keys.c.version).label("version"))
    .where(*KEYS_ASKED)
    .group_by(subject_keys.c.subject_id, subject_keys.c.cls)
    .subquery()
)
NEWEST_KEYS = built_once(
    select(*SUBJECT_COLUMNS).select_from(
        subject_keys.join(
            _newest,
            and_(
                subject_keys.c.subject_id == _newest.c.subject_id,
                subject_keys.c.cls == _newest.c.cls,
                subject_keys.c.version == _newest.c.version,
            ),
        ).join(keks, keks.c.number == subject_keys.c.kek)
    )
)
LIVE_WRAPS = built_once(
    select(
        record_keys.c.record_id,
        record_keys.c.version.label("record_version"),
        record_keys.c.wrapped.label("record_wrapped"),
        *SUBJECT_COLUMNS,
    )
    .select_from(
        record_keys.join(
            subject_keys,
            and_(
                subject_keys.c.subject_id == record_keys.c.subject_id,
                subject_keys.c.cls == record_keys.c.cls,
                subject_keys.c.version == record_keys.c.subject_version,
            ),
        ).join(keks, keks.c.number == subject_keys.c.kek)
    )
    .where(Among(record_keys.c.record_id, "records"), keks.c.state != "destroyed")
    .order_by(record_keys.c.record_id, record_keys.c.version.desc(), record_keys.c.subject_id)
)
HOLD_RECORDS = built_once(
    select(record_keys.c.record_id)
    .where(Among(record_keys.c.record_id, "records"))
    .with_for_update(read=True, key_share=True)
)
HOLD_SUBJECT_KEYS = built_once(
    select(subject_keys.c.subject_id).where(*KEYS_ASKED).with_for_update(read=True, key_share=True)
)
ADD_WRAPS = built_once(insert(record_keys))
VERSION_OF_NEW = func.coalesce(
    select(rotations.c.version).where(rotations.c.what == RECORDS).scalar_subquery(), 1
)
KEYS_FOR_NEW = built_once(NEWEST_KEYS.add_columns(VERSION_OF_NEW.label("version_of_new")))


def _subject_key(row: Any) -> SubjectKey:
    kek = Kek(row.number, row.kek_id, row.state)
    return SubjectKey(row.subject_id, row.cls, row.version, row.wrapped, kek)

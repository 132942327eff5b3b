"""Making a backup: of one moment, one at a time, and none that cannot be read."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pyrage.x25519 import Identity
from sqlalchemy import select

from telehealth.audit.office import Office
from telehealth.backups import making
from telehealth.backups.archive import Reader
from telehealth.backups.note import BadBackup
from telehealth.backups.rules import Kind
from telehealth.backups.sealing import opened
from telehealth.backups.shelf import Shelf
from telehealth.db.alone import alone
from telehealth.keys.models import record_keys
from tests.people import NADIAS_PROFILE, ROSA, Clinic
from tests.unit.appointments.scene import TEN, book
from tests.unit.backups.scene import made_of
from tests.unit.backups.test_restoring import ON_SQLITE
from tests.unit.privacy.scene import REASON, live


async def test_a_backup_is_of_one_moment_while_people_go_on(
    office: Office, clinic: Clinic, shelf: Shelf, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written after it has begun is in neither archive: rows that were counted then are those it has."""
    dump = making._dump
    booked: list[Any] = []

    async def slowly(*arguments: Any) -> int:
        booked.append(await book(office, ROSA, TEN + timedelta(days=7 * len(booked))))
        return await dump(*arguments)

    monkeypatch.setattr(making, "_dump", slowly)
    first = await made_of(office, shelf, identity)
    assert len(booked) == 2
    monkeypatch.undo()
    assert (await made_of(office, shelf, identity)).rows > first.rows


async def test_one_is_made_at_a_time_and_what_a_killed_one_left_goes(
    office: Office, clinic: Clinic, shelf: Shelf, identity: Identity
) -> None:
    left = shelf.folder / "backup-20260101T000000Z.data.age.part"
    left.write_text("half of it")
    async with alone(office.database.engine, making.LOCK):
        with pytest.raises(BadBackup, match="Another backup is under way"):
            await made_of(office, shelf, identity)
    assert left.exists()
    made = await made_of(office, shelf, identity)
    assert sorted(file.name for file in shelf.folder.iterdir()) == [
        f"{made.name}.data.age",
        f"{made.name}.keys.age",
        f"{made.name}.note",
    ]


@ON_SQLITE
async def test_what_cannot_be_read_again_is_no_backup(
    office: Office, clinic: Clinic, shelf: Shelf, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_again = making._read_again

    def after_a_flaw(shelf_: Shelf, headers: Any, *rest: Any) -> None:
        file = shelf_.unfinished(headers["keys"].name, "keys")
        file.write_bytes(file.read_bytes()[:-20])
        read_again(shelf_, headers, *rest)

    monkeypatch.setattr(making, "_read_again", after_a_flaw)
    with pytest.raises(BadBackup, match="cannot be read again"):
        await made_of(office, shelf, identity)
    assert shelf.names() == []


@ON_SQLITE
async def test_whoever_opens_the_data_finds_no_key_and_nothing_that_is_sealed(
    office: Office, clinic: Clinic, shelf: Shelf, identity: Identity
) -> None:
    await live(office)
    made = await made_of(office, shelf, identity)
    tables, content = opened_of(shelf, made.name, "keys", identity)
    assert tables == {"keks", "subject_keys", "record_keys"}
    tables, content = opened_of(shelf, made.name, "data", identity)
    assert {"people", "appointments", "audit_chain", "erasures", "index_keys"} <= tables
    assert not tables & {"keks", "subject_keys", "record_keys"}
    assert NADIAS_PROFILE.slug.encode() in content  # what stands in clear is found, so the rest would be
    assert REASON.encode() not in content
    async with office.database.reading() as c:
        wrapped = (await c.execute(select(record_keys.c.wrapped))).scalars().all()
    assert not any(bytes(each) in content for each in wrapped)


def opened_of(shelf: Shelf, name: str, kind: Kind, identity: Identity) -> tuple[set[str], bytes]:
    """The tables of an archive, and all that is in it."""
    with opened(shelf.file(name, kind), [identity]) as source:
        content = source.read()
    return {part.name for part in Reader(BytesIO(content)).header.parts}, content

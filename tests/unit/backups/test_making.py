"""Making a backup: of one moment, one at a time, and none that cannot be read."""

from datetime import timedelta
from typing import Any

import pytest
from pyrage.x25519 import Identity

from telehealth.audit.office import Office
from telehealth.backups import making
from telehealth.backups.note import BadBackup
from telehealth.backups.shelf import Shelf
from telehealth.db.alone import alone
from tests.people import ROSA, Clinic
from tests.unit.appointments.scene import TEN, book
from tests.unit.backups.scene import made_of
from tests.unit.backups.test_restoring import ON_SQLITE


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
async def test_nothing_of_the_keys_is_in_the_data_archive(
    office: Office, clinic: Clinic, shelf: Shelf, identity: Identity
) -> None:
    made = await made_of(office, shelf, identity)
    assert tables_in(shelf, made.name, "keys", identity) == {"keks", "subject_keys", "record_keys"}
    others = tables_in(shelf, made.name, "data", identity)
    assert {"people", "appointments", "audit_chain", "erasures", "index_keys"} <= others
    assert not others & {"keks", "subject_keys", "record_keys"}


def tables_in(shelf: Shelf, name: str, kind: Any, identity: Identity) -> set[str]:
    from telehealth.backups.archive import Reader
    from telehealth.backups.sealing import opened

    with opened(shelf.file(name, kind), [identity]) as source:
        reader = Reader(source)
        list(reader.rows())
        return {part.name for part in reader.header.parts}

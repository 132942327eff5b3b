"""The keyring: people's keys separate their records, and a missing key is told, never guessed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, event, select, update
from sqlalchemy.exc import IntegrityError

from telehealth.crypto.aead import CannotOpen
from telehealth.crypto.index import blind_index, index_key
from telehealth.crypto.kek import FileKeks
from telehealth.crypto.sealed import Sealed
from telehealth.db.engine import Database
from telehealth.errors import NotFound
from telehealth.keys.keyring import SUBJECT_CLASSES, Keyring
from telehealth.keys.models import record_keys, subject_keys

NOW = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 2, tzinfo=UTC)
ANN, BEN, STRANGER = b"A" * 16, b"B" * 16, b"S" * 16
VISIT, OTHER_VISIT = b"v" * 16, b"w" * 16


@asynccontextmanager
async def statements(database: Database) -> AsyncIterator[list[str]]:
    """The SELECTs sent while this is open."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def test_a_sealed_text_opens_in_a_later_request(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        sealed = (await ring.record(c, VISIT)).seal("appointments", "reason", 3, "We hardly talk – 谢谢")
    async with couple.reading() as c:
        key = await ring.record(c, VISIT)
    assert key.version == 1
    assert key.open("appointments", "reason", 3, sealed) == "We hardly talk – 谢谢"


@pytest.mark.parametrize(
    ("table", "column", "revision"),
    [("people", "reason", 3), ("appointments", "note", 3), ("appointments", "reason", 4)],
)
async def test_a_sealed_text_opens_nowhere_else(
    couple: Database, ring: Keyring, table: str, column: str, revision: int
) -> None:
    async with couple.reading() as c:
        key = await ring.record(c, VISIT)
    sealed = key.seal("appointments", "reason", 3, "We hardly talk")
    with pytest.raises(CannotOpen):
        key.open(table, column, revision, sealed)


async def test_another_record_and_another_clinic_cannot_open_it(
    couple: Database, ring: Keyring, keks: FileKeks
) -> None:
    elsewhere = Keyring(keks, clinic="practice-2", index_root=bytes(range(32)))
    async with couple.transaction() as c:
        sealed = (await ring.record(c, VISIT)).seal("appointments", "reason", 0, "x")
        other = await ring.new_record(c, OTHER_VISIT, "booking", [ANN])
        with pytest.raises(CannotOpen):
            other.open("appointments", "reason", 0, sealed)
        with pytest.raises(CannotOpen):
            await elsewhere.record(c, VISIT)


async def test_every_class_has_a_key_of_its_own(couple: Database) -> None:
    async with couple.reading() as c:
        rows = (await c.execute(select(subject_keys).where(subject_keys.c.subject_id == ANN))).all()
    assert sorted(row.cls for row in rows) == sorted(SUBJECT_CLASSES)
    assert len({row.wrapped for row in rows}) == len(SUBJECT_CLASSES)


async def test_the_shown_form_of_a_key_does_not_show_the_key(couple: Database, ring: Keyring) -> None:
    async with couple.reading() as c:
        shown = repr(await ring.record(c, VISIT))
    assert "version=1" in shown
    assert "_key" not in shown


async def test_each_partner_alone_keeps_the_joint_record_open(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        sealed = (await ring.record(c, VISIT)).seal("appointments", "reason", 0, "x")
    for gone in (ANN, BEN):
        async with couple.engine.connect() as c:  # not committed: the next partner starts from both again
            await c.execution_options(writes=True)
            await c.execute(delete(record_keys).where(record_keys.c.subject_id == gone))
            assert (await ring.record(c, VISIT)).open("appointments", "reason", 0, sealed) == "x"


async def test_a_record_whose_last_key_is_destroyed_is_not_found(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        await c.execute(delete(record_keys))
        await c.execute(delete(subject_keys))
    async with couple.reading() as c:
        with pytest.raises(NotFound):
            await ring.record(c, VISIT)
        assert await ring.records(c, [VISIT]) == {}


async def test_who_joins_later_opens_the_same_record(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        key = await ring.new_record(c, OTHER_VISIT, "booking", [ANN])
        sealed = key.seal("appointments", "reason", 0, "x")
        await ring.add_subject(c, OTHER_VISIT, BEN)
        await c.execute(delete(record_keys).where(record_keys.c.subject_id == ANN))
        assert (await ring.record(c, OTHER_VISIT)).open("appointments", "reason", 0, sealed) == "x"


async def test_nobody_is_added_to_a_record_that_is_not_there(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        with pytest.raises(NotFound):
            await ring.add_subject(c, OTHER_VISIT, BEN)


async def test_a_record_about_a_stranger_or_nobody_is_refused(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        with pytest.raises(NotFound):
            await ring.new_record(c, OTHER_VISIT, "booking", [ANN, STRANGER])
        with pytest.raises(ValueError, match="about somebody"):
            await ring.new_record(c, OTHER_VISIT, "booking", [])
        assert await ring.records(c, [OTHER_VISIT]) == {}


async def test_a_second_set_of_keys_for_one_person_is_refused(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        with pytest.raises(IntegrityError):
            async with c.begin_nested():
                await ring.new_subject(c, ANN, NOW)


async def test_many_records_take_as_many_statements_as_one(couple: Database, ring: Keyring) -> None:
    many = [bytes([number]) * 16 for number in range(40)]
    async with couple.transaction() as c:
        for record_id in many:
            await ring.new_record(c, record_id, "booking", [ANN, BEN])
    async with couple.reading() as c:
        async with statements(couple) as for_one:
            await ring.records(c, many[:1])
        async with statements(couple) as for_many:
            found = await ring.records(c, [*many, *many, STRANGER])
    assert set(found) == set(many)
    assert len(for_one) == len(for_many) == 1


async def test_no_records_ask_nothing(couple: Database, ring: Keyring) -> None:
    async with couple.reading() as c, statements(couple) as sent:
        assert await ring.records(c, []) == {}
    assert sent == []


async def test_a_wrap_moved_to_another_person_does_not_open(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        bens = select(record_keys.c.wrapped).where(record_keys.c.subject_id == BEN)
        stolen: Sealed = (await c.execute(bens)).scalar_one()
        await c.execute(delete(record_keys).where(record_keys.c.subject_id == BEN))
        await c.execute(update(record_keys).values(wrapped=stolen))
        with pytest.raises(CannotOpen):
            await ring.record(c, VISIT)


async def test_an_ensured_record_is_made_once(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        first = await ring.ensure_record(c, OTHER_VISIT, "account", [ANN])
        again = await ring.ensure_record(c, OTHER_VISIT, "account", [ANN])
    assert first == again


async def test_an_ensured_record_made_by_somebody_else_meanwhile_is_used(
    couple: Database, ring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def blind(_ids: object, _c: object) -> dict[bytes, object]:
        monkeypatch.undo()
        return {}

    async with couple.transaction() as c:
        theirs = await ring.new_record(c, OTHER_VISIT, "account", [ANN])
        monkeypatch.setattr(ring, "records", blind)
        assert await ring.ensure_record(c, OTHER_VISIT, "account", [ANN]) == theirs


def test_the_blind_index_is_the_keyrings_own(ring: Keyring) -> None:
    key = index_key(
        bytes(range(32)),
        clinic="practice-1",
        table="accounts",
        column="key",
        transform="exact",
        version=1,
    )
    tag = ring.blind_index("accounts", "key", "issuer subject", transform="exact", bits=256)
    assert tag == blind_index(key, "issuer subject", transform="exact", bits=256)


def test_a_short_index_root_is_refused(keks: FileKeks) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring(keks, clinic="c", index_root=b"short")

"""After an erasure, while the service runs on, the destroyed keys are in no byte of the database's files."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.db import scrubbing
from telehealth.db.engine import Database
from telehealth.db.scrubbing import is_due, scrub
from telehealth.keys.models import record_keys, subject_keys
from telehealth.privacy import acts
from telehealth.privacy.acts import Registry
from telehealth.privacy.nightly import Nightly
from tests.people import ROSA, Clinic
from tests.schema import fresh_sqlite
from tests.unit.privacy.scene import live


async def wrapped(registry: Registry) -> list[bytes]:
    """Every wrap of Rosa's: of her own keys, and of records by them."""
    found: list[bytes] = []
    async with registry.office.database.reading() as c:
        for table in (subject_keys, record_keys):
            query = select(table.c.wrapped).where(table.c.subject_id == ROSA.id)
            found += [bytes(value) for value in (await c.execute(query)).scalars()]
    return found


def files_of(registry: Registry) -> list[bytes]:
    """What stands in the database file and in the log beside it, as a thief would copy them now."""
    name = registry.office.database.engine.url.database
    assert name is not None
    return [file.read_bytes() for ending in ("", "-wal") if (file := Path(name + ending)).exists()]


@pytest.fixture
def fresh_database(tmp_path: Path, sqlite_file: Path) -> Callable[[], AbstractAsyncContextManager[Database]]:
    """SQLite alone: PostgreSQL's log is kept as short as a backup of the keys instead (docs/retention.md)."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


async def test_destroyed_keys_are_in_no_byte_while_the_service_runs_on(
    registry: Registry, clinic: Clinic
) -> None:
    await live(registry.office)
    keys = await wrapped(registry)
    assert len(keys) > 8
    assert all(any(key in content for content in files_of(registry)) for key in keys)
    await acts.erase(registry, ROSA, ROSA.id)
    left = [key for key in keys if any(key in content for content in files_of(registry))]
    assert left == []


async def test_somebody_in_the_middle_of_something_only_puts_it_off(
    registry: Registry, clinic: Clinic, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The service looks every minute, and the database's own folder says that it must, to other processes, too."""
    monkeypatch.setattr(scrubbing, "PATIENCE_MS", 50)
    database, night = registry.office.database, Nightly(registry, {}, "Europe/Berlin")
    keys = await wrapped(registry)
    async with database.reading() as reader:
        await reader.execute(select(subject_keys.c.subject_id))
        await acts.erase(registry, ROSA, ROSA.id)
        assert scrubbing.UNSCRUBBED in caplog.messages
        await night.turn()
        assert is_due(Database(str(database.engine.url)))
    assert any(key in content for key in keys for content in files_of(registry))
    await night.turn()
    assert not is_due(database)
    assert not any(key in content for key in keys for content in files_of(registry))


async def test_what_is_deleted_while_the_file_is_rewritten_stays_due(
    registry: Registry, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, plain = registry.office.database, scrubbing._scrubbed

    async def beside_another(connection: AsyncConnection) -> bool:
        monkeypatch.setattr(scrubbing, "_scrubbed", in_vain)
        assert not await scrub(database)
        return await plain(connection)

    async def in_vain(_connection: AsyncConnection) -> bool:
        return False

    monkeypatch.setattr(scrubbing, "_scrubbed", beside_another)
    assert await scrub(database)
    assert is_due(database)
    monkeypatch.setattr(scrubbing, "_scrubbed", plain)
    assert await scrub(database)
    assert not is_due(database)

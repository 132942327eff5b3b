"""A database with the tables as they are declared, and a keyring whose key-encryption keys lie in a folder."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from telehealth.crypto.kek import FileKeks
from telehealth.db.engine import Database
from telehealth.db.tables import metadata
from telehealth.keys import models
from telehealth.keys.keyring import Keyring

NOW = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'clinic.db'}")
    tables = [models.keks, models.subject_keys, models.record_keys, models.erasures]
    async with opened.transaction() as connection:
        await connection.run_sync(lambda c: metadata.create_all(c, tables=tables))
    yield opened
    await opened.close()


@pytest.fixture
def keks(tmp_path: Path) -> FileKeks:
    folder = tmp_path / "keks"
    folder.mkdir()
    made = FileKeks(folder)
    made.create(NOW)
    return made


@pytest.fixture
def ring(keks: FileKeks) -> Keyring:
    return Keyring(keks, clinic="practice-1", index_root=bytes(range(32)))

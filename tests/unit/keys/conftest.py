"""A keyring whose key-encryption keys lie in a folder of the test, and a couple who have keys."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from telehealth.crypto.kek import FileKeks
from telehealth.db.engine import Database
from telehealth.keys.keyring import Keyring

NOW = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)
ANN, BEN = b"A" * 16, b"B" * 16
VISIT = b"v" * 16


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


@pytest.fixture
async def couple(database: Database, ring: Keyring) -> Database:
    """Ann and Ben with keys, and one visit of both."""
    async with database.transaction() as c:
        for person in (ANN, BEN):
            await ring.new_subject(c, person, NOW)
        await ring.new_record(c, VISIT, "booking", [ANN, BEN])
    return database

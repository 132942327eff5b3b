"""A keyring whose key-encryption keys lie in a folder of the test."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from telehealth.crypto.kek import FileKeks
from telehealth.keys.keyring import Keyring

NOW = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)


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

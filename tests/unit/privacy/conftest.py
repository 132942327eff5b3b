"""The registry of the tests' office, with its tombstones in a folder of their own."""

from pathlib import Path

import pytest

from telehealth.audit.office import Office
from telehealth.office import SEALED_TABLES
from telehealth.privacy.acts import Registry
from telehealth.privacy.tombstones import Tombstones

SEED = bytes(range(64, 96))


@pytest.fixture
def registry(office: Office, tmp_path: Path) -> Registry:
    """What erasing needs."""
    return Registry(
        office, SEALED_TABLES, Tombstones(tmp_path / "elsewhere" / "tombstones", "test-clinic", SEED)
    )

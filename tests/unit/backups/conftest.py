"""A shelf of the tests, an identity that opens what stands there, and what erasing needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyrage.x25519 import Identity

from telehealth.audit.office import Office
from telehealth.backups.making import Tell
from telehealth.backups.sealing import new_identity
from telehealth.backups.shelf import Shelf
from telehealth.office import SEALED_TABLES
from telehealth.privacy.acts import Registry
from telehealth.privacy.tombstones import Tombstones

SEED = bytes(range(64, 96))


def quiet(_done: int, _total: int) -> None:
    """Nobody listens."""


@contextmanager
def uncounted(_name: str) -> Iterator[Tell]:
    """A bar that nobody sees."""
    yield quiet


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty one."""
    (tmp_path / "backups").mkdir()
    return Shelf(tmp_path / "backups", "test-clinic", SEED)


@pytest.fixture
def identity() -> Identity:
    """Of whoever may restore."""
    return new_identity()


@pytest.fixture
def registry(office: Office, tmp_path: Path) -> Registry:
    """What erasing needs."""
    return Registry(
        office, SEALED_TABLES, Tombstones(tmp_path / "elsewhere" / "tombstones", "test-clinic", SEED)
    )

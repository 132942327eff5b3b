"""An office with two clients, their visit and their therapist."""

import secrets
from pathlib import Path

import pytest

from telehealth.audit.chain import Chainer
from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.db.engine import Database
from telehealth.keys.keyring import Keyring
from tests.clock import FakeClock
from tests.unit.audit.scene import ANN, BEN, PSEUDONYM_KEY, THERAPIST, VISIT, write
from tests.unit.audit.tampering import SEED


@pytest.fixture
async def office(database: Database, clock: FakeClock, tmp_path: Path) -> Office:
    """Ann and Ben share the visit VISIT; both and their therapist have keys."""

    async def of_visit(_connection: object, visit_id: bytes) -> list[bytes]:
        return [ANN.id, BEN.id] if visit_id == VISIT else []

    folder = tmp_path / "keks"
    folder.mkdir()
    keks = FileKeks(folder)
    keks.create(clock())
    opened = Office(
        database,
        Keyring(keks, clinic="practice-1", index_root=bytes(range(32))),
        clock=clock,
        chance=secrets.token_bytes,
        pseudonym_key=PSEUDONYM_KEY,
        subject_finders={"appointment": of_visit},
    )
    async with database.transaction() as connection:
        for person in (ANN, BEN, THERAPIST):
            await opened.ring.new_subject(connection, person.id, clock())
    return opened


@pytest.fixture
async def signed(office: Office, tmp_path: Path) -> Path:
    """Ten entries, the first eight of them signed; returns the checkpoint file."""
    file = tmp_path / "checkpoints"
    await write(office, 8, chained=False)
    await Chainer(office, file, SEED).turn()
    await write(office, 2)
    return file

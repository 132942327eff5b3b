"""A clinic whose people have accounts, sessions and words, and the folder of its key-encryption keys."""

from datetime import timedelta
from pathlib import Path

import pytest

from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.people import acts as people
from telehealth.people.acts import Identity
from tests.clock import FakeClock
from tests.people import MIKA, ROSA, Clinic
from tests.unit.appointments.scene import TEN, book
from tests.unit.keys.scene import ISSUER

WORDS = "We hardly talk any more."


@pytest.fixture
def folder(tmp_path: Path) -> FileKeks:
    return FileKeks(tmp_path / "keks")


@pytest.fixture
async def busy(office: Office, clinic: Clinic, clock: FakeClock) -> Office:
    """Rosa and Mika have booked, somebody new has signed in, and all that was a while ago."""
    await book(office, ROSA, TEN, reason=WORDS, name="Rosa")
    await book(office, MIKA, TEN + timedelta(hours=2), reason="", name="Mika")
    identity = Identity(
        "practice", ISSUER, "subject-1", "client", "new@example.org", None, "a.b.c", strong=False
    )
    await people.sign_in(office, identity, b"s" * 32)
    clock.advance(minutes=5)
    return office

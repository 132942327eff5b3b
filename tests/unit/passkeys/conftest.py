"""The clinic's people, ready to use passkeys."""

import pytest

from telehealth.audit.office import Office
from tests.people import Clinic
from tests.unit.passkeys.scene import Scene


@pytest.fixture
def scene(office: Office, clinic: Clinic) -> Scene:
    return Scene(office)

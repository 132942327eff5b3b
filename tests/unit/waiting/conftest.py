"""The days before those that the tests of the waiting list wait for."""

import pytest

from telehealth.appointments.acts import Appointment
from telehealth.audit.office import Office
from tests.people import Clinic
from tests.unit.waiting.scene import fill_until_tuesday_noon


@pytest.fixture
async def booked(office: Office, clinic: Clinic) -> list[Appointment]:
    """Every time of Nadia's until Tuesday noon is somebody's."""
    return await fill_until_tuesday_noon(office)

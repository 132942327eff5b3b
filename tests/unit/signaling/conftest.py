"""A room with its host inside."""

import pytest

from signaling.room import Room
from tests.unit.signaling.scene import (
    HOST,
    ICE,
    NOW,
)


@pytest.fixture
def room() -> Room:
    """The host is in."""
    room = Room(HOST)
    room.enter(HOST, ICE, NOW)
    return room

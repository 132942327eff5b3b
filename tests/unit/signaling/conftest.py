"""A room with its host inside, on one server or on two."""

import pytest

from signaling.room import Room
from tests.unit.signaling.replicas import Two
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


@pytest.fixture
def two() -> Two:
    """Two servers, and nobody is in yet."""
    return Two()

"""What means that the database is away, so that the same request may succeed in a moment."""

import errno
import socket

import pytest

from telehealth.db.engine import is_away


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(errno.ECONNREFUSED, "refused"),
        ConnectionResetError(errno.ECONNRESET, "reset"),
        socket.gaierror(socket.EAI_NONAME, "the container and its name are gone for a moment"),
        OSError(errno.EHOSTUNREACH, "its network, too"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_database_that_is_not_reached_is_away(error: OSError) -> None:
    assert is_away(error)


@pytest.mark.parametrize("error", [FileNotFoundError(errno.ENOENT, "a file"), OSError(errno.ENOSPC, "space")])
def test_another_trouble_of_the_system_is_no_pause(error: OSError) -> None:
    assert not is_away(error)

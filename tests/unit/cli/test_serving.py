"""Where the demo listens: on a port that `localhost` reaches, and nobody else has."""

import socket

import pytest

from telehealth.cli.serving import listen_near
from telehealth.demo.folder import free_port

IPV6 = ["::1"] if socket.has_dualstack_ipv6() else []


def test_a_free_port_is_taken_as_asked() -> None:
    port = free_port()
    with listen_near(port) as listening:
        assert listening.getsockname() == ("127.0.0.1", port)


@pytest.mark.parametrize("address", ["127.0.0.1", *IPV6])
def test_a_port_that_another_program_has_is_left_to_it(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with (
        socket.create_server((address, 0), family=family) as other,
        listen_near(other.getsockname()[1]) as listening,
    ):
        assert listening.getsockname()[1] > other.getsockname()[1]


def test_no_free_port_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="no port from"):
        listen_near(other.getsockname()[1], tries=1)

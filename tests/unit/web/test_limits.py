"""Who is counted as one, and that nobody's id or address is kept for it."""

import pytest

from telehealth.web.limits import network_of


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_ipv6_address_counts_as_its_network(host: str, network: str) -> None:
    assert network_of(host) == network


def test_two_households_are_not_one() -> None:
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")

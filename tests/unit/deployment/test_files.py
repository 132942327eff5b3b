"""The files of a deployment: secrets apart from settings, each its own, and the relay closed to everybody's network."""

import ipaddress
import json

import pytest

from telehealth.deployment.files import files_of, quoted
from telehealth.deployment.relay import DENIED
from tests.unit.deployment.answered import ANSWERS, EVERY_KIND, MADE, changed, counting, rendered


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_no_secret_stands_in_the_settings(kind: str) -> None:
    files = rendered(EVERY_KIND[kind])
    for path, content in files.items():
        for line in content.splitlines() if path.startswith("secrets/") else ():
            assert len(line) < 12 or line not in files[".env"], path
    assert [file.path for file in files_of(EVERY_KIND[kind], MADE, counting()) if not file.is_secret] == [
        ".env"
    ]


def test_each_secret_is_one_of_its_own() -> None:
    random = [
        content
        for path, content in rendered(ANSWERS).items()
        if path.removeprefix("secrets/")
        not in ("providers", "smtp_password", "valkey_url", "valkey.conf", ".env")
    ]
    assert len(set(random)) == len(random)


def test_both_ends_of_a_secret_have_the_same() -> None:
    files = rendered(ANSWERS)
    turn, owner = files["secrets/turn_secret"], files["secrets/postgres_password"]
    assert f"static-auth-secret={turn}\n" in files["secrets/turnserver.conf"]
    assert f":{owner}@" in files["secrets/owner_url"]
    assert owner not in files["secrets/database_url"]
    valkey = files["secrets/valkey_url"].removeprefix("valkey://:").partition("@")[0]
    assert f"requirepass {valkey}\n" in files["secrets/valkey.conf"]
    assert json.loads(files["secrets/providers"])[0]["client_secret"] == MADE.client_secret


def test_a_small_practice_has_no_valkey_and_one_replica() -> None:
    files = rendered(EVERY_KIND["minimal"])
    assert files["secrets/valkey_url"] == ""
    assert not {"secrets/valkey.conf", "secrets/turnserver.conf"} & set(files)
    assert "COMPOSE_PROFILES='minimal,identity'\nREPLICAS='app-a:8000'\n" in files[".env"]
    assert "TURN_URLS" not in files[".env"]


def test_who_begins_is_named_by_the_account_that_was_made_or_by_an_address() -> None:
    assert MADE.first["subject"] in rendered(ANSWERS)[".env"]
    own = rendered(EVERY_KIND["own provider"])
    assert '{"issuer": "https://login.example", "email": "office@clinic.example"}' in own[".env"]
    assert not [path for path in own if "identity" in path]


@pytest.mark.parametrize(
    "address",
    ["10.0.0.8", "127.0.0.1", "172.17.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "192.0.2.9", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1", "fd00::1",
     "ff02::1", "64:ff9b::a00:1", "2001:db8::1", "2002:a00:1::"],
)  # fmt: skip
def test_the_relay_refuses_every_address_that_is_nobodys_public_one(address: str) -> None:
    asked = ipaddress.ip_address(address)
    ranges = [tuple(ipaddress.ip_address(end) for end in each.split("-")) for each in DENIED]
    assert any(
        bounds[0].version == asked.version and int(bounds[0]) <= int(asked) <= int(bounds[-1])
        for bounds in ranges
    )


@pytest.mark.parametrize("address", ["9.9.9.9", "172.32.0.1", "192.1.0.1", "2606:4700::1"])
def test_the_relay_lets_public_addresses_through(address: str) -> None:
    asked = ipaddress.ip_address(address)
    ranges = [tuple(ipaddress.ip_address(end) for end in each.split("-")) for each in DENIED]
    assert not any(
        bounds[0].version == asked.version and int(bounds[0]) <= int(asked) <= int(bounds[-1])
        for bounds in ranges
    )


def test_exactly_the_relays_own_addresses_are_allowed() -> None:
    lines = rendered(ANSWERS)["secrets/turnserver.conf"].splitlines()
    assert [line for line in lines if line.startswith("allowed-peer-ip")] == [
        "allowed-peer-ip=198.51.100.7",
        "allowed-peer-ip=10.0.0.7",
    ]
    assert "external-ip=198.51.100.7/10.0.0.7" in lines
    known = rendered(changed(relay_address="198.51.100.7"))["secrets/turnserver.conf"]
    assert "external-ip" not in known


def test_what_the_design_asks_of_the_relay_stands_in_its_configuration() -> None:
    lines = rendered(ANSWERS)["secrets/turnserver.conf"].splitlines()
    wanted = """use-auth-secret no-tcp-relay no-cli no-tlsv1 no-tlsv1_1 no-multicast-peers no-software-attribute
        stale-nonce=600 user-quota=32 max-bps=500000"""
    assert set(wanted.split()) <= set(lines)


@pytest.mark.parametrize(
    ("value", "written"), [("a b", "'a b'"), ("Linden's", "'Linden\\'s'"), ("$X", "'$X'")]
)
def test_a_value_is_written_so_that_compose_reads_it_letter_by_letter(value: str, written: str) -> None:
    assert quoted(value) == written

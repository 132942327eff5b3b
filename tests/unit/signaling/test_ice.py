"""TURN credentials: what coturn computes, for one person in one call, no longer than needed."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from signaling.admission import Entry
from signaling.ice import ice_servers

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ANNA = Entry(
    room="0a" * 16,
    seat="0b" * 16,
    name="Anna",
    host=False,
    admitted=True,
    kind="session",
    call="0c" * 16,
    locked=False,
    starts_at=NOW,
    opens_at=NOW,
    closes_at=NOW + timedelta(minutes=110),
    ice_policy="all",
)


def turn(entry: Entry) -> dict[str, Any]:
    urls = {"stun_urls": (), "turn_urls": ("turns:turn.example.org",)}
    [server] = ice_servers(entry, **urls, turn_secret="shared with coturn", now=NOW)
    return server


def test_nothing_is_offered_where_nothing_is_set() -> None:
    assert ice_servers(ANNA, stun_urls=(), turn_urls=(), turn_secret="", now=NOW) == []


def test_stun_needs_no_credentials() -> None:
    servers = ice_servers(ANNA, stun_urls=("stun:stun.example.org",), turn_urls=(), turn_secret="", now=NOW)
    assert servers == [{"urls": ["stun:stun.example.org"]}]


def test_the_password_is_the_one_coturn_computes() -> None:
    server = turn(ANNA)
    digest = hmac.new(b"shared with coturn", server["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(server["credential"]) == digest
    assert server["urls"] == ["turns:turn.example.org"]


def test_credentials_live_five_minutes_longer_than_the_room() -> None:
    expiry, _ = turn(ANNA)["username"].split(":")
    assert int(expiry) == int((NOW + timedelta(minutes=115)).timestamp())


def test_the_relay_learns_neither_name_nor_seat_and_cannot_join_two_calls() -> None:
    username = turn(ANNA)["username"]
    assert not any(known in username for known in (ANNA.name, ANNA.seat, ANNA.call, ANNA.room))
    assert turn(replace(ANNA, call="0d" * 16))["username"] != username
    assert turn(replace(ANNA, seat="0e" * 16))["username"] != username

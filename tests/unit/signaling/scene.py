"""Entries of named guests, and what a room has told whom."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Raw

from signaling import protocol
from signaling.admission import Entry
from signaling.occupant import Send
from signaling.room import Room

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ICE = {"servers": [{"urls": ["stun:stun.example.org"]}], "policy": "all"}
VECTORS = Path(__file__).parents[2] / "vectors" / "signaling" / "good"


def entry(name: str, *, host: bool = False, admitted: bool = False, locked: bool = False) -> Entry:
    return Entry(
        room="0a" * 16,
        seat=name.encode().hex().ljust(32, "0"),
        name=name,
        host=host,
        admitted=admitted,
        kind="session",
        call="0c" * 16,
        locked=locked,
        starts_at=NOW,
        opens_at=NOW - timedelta(minutes=15),
        closes_at=NOW + timedelta(minutes=110),
        ice_policy="all",
    )


HOST = entry("Mara", host=True)
ANNA, BEN, CLEO, DORA = entry("Anna"), entry("Ben"), entry("Cleo"), entry("Dora")
Told = list[tuple[str, dict[str, Any]]]


def told(sends: list[Send]) -> Told:
    """Who is told what, as (seat, message)."""
    return [(each.to, json.loads(each.frame)) for each in sends]


def kinds(sends: list[Send]) -> list[tuple[str, str]]:
    """Who is told something of which type, as (seat, type)."""
    return [(seat, message["type"]) for seat, message in told(sends)]


def admit(room: Room, *guests: Entry) -> None:
    for guest in guests:
        room.enter(guest, ICE, NOW)
        room.knock(guest.seat, NOW)
        room.let_in(guest.seat, ICE, NOW)


def offer(to: Entry) -> protocol.Offer:
    return protocol.Offer(to=to.seat, body=Raw(b'{"sdp":"v=0"}'))


def candidates(to: Entry) -> protocol.Candidates:
    return protocol.Candidates(to=to.seat, body=Raw(b'[{"candidate":""}]'))

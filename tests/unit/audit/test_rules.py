"""Entries and their hashes: every field counts, and the formulas are those that are written down."""

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from telehealth.audit.rules import (
    Entry,
    canonical_json,
    detail_record_id,
    link,
    look_id,
    pseudonym,
)

AT = datetime(2026, 11, 25, 18, 30, 0, 250, tzinfo=UTC)
KEY = bytes(range(32))
ENTRY = Entry(
    id=b"\x01" * 16,
    ts=AT,
    type="note.write",
    action="U",
    outcome="success",
    agent=b"\x02" * 16,
    session=None,
    entity_type="note",
    entity_id=b"\x03" * 16,
    patient=b"\x04" * 16,
    purpose="TREAT",
    detail_ct=b"sealed",
)


def test_a_leaf_is_the_hash_of_the_written_form() -> None:
    written = (
        '{"action":"U","agent":"'
        + "02" * 16
        + '","detail_sha256":"'
        + hashlib.sha256(b"sealed").hexdigest()
        + '",'
        '"entity_id":"' + "03" * 16 + '","entity_type":"note","id":"' + "01" * 16 + '","outcome":"success",'
        '"patient":"' + "04" * 16 + '","purpose":"TREAT","session":null,'
        '"ts":"2026-11-25T18:30:00.000250Z","type":"note.write"}'
    )
    assert ENTRY.leaf == hashlib.sha256(b"\x00" + written.encode()).digest()


@pytest.mark.parametrize(
    "change",
    [
        {"id": b"\x09" * 16},
        {"ts": AT + timedelta(microseconds=1)},
        {"type": "note.read"},
        {"action": "R"},
        {"outcome": "refused"},
        {"agent": None},
        {"session": b"\x09" * 16},
        {"entity_type": "visit"},
        {"entity_id": b"\x09" * 16},
        {"patient": None},
        {"purpose": "HOPERAT"},
        {"detail_ct": b"sealed otherwise"},
        {"detail_ct": None},
    ],
)
def test_every_field_changes_the_leaf(change: dict[str, Any]) -> None:
    assert replace(ENTRY, **change).leaf != ENTRY.leaf


def test_the_same_moment_in_another_zone_is_the_same_leaf() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert replace(ENTRY, ts=elsewhere).leaf == ENTRY.leaf


def test_canonical_json_sorts_and_keeps_letters() -> None:
    assert canonical_json({"b": None, "a": "Zoë\n"}) == '{"a":"Zoë\\n","b":null}'.encode()


def test_a_link_is_the_hash_of_what_is_before_and_the_leaf() -> None:
    assert link(b"p" * 32, b"l" * 32) == hashlib.sha256(b"\x02" + b"p" * 32 + b"l" * 32).digest()


def test_a_pseudonym_is_half_of_the_keyed_hash() -> None:
    assert pseudonym(KEY, b"x" * 16) == hmac.digest(KEY, b"x" * 16, "sha256")[:16]
    assert pseudonym(bytes(32), b"x" * 16) != pseudonym(KEY, b"x" * 16)


DAY = ("person", b"v" * 16)  # a list: its entity is who looks


def test_a_look_has_one_id_within_a_quarter_of_an_hour() -> None:
    first = look_id(KEY, b"v", b"s", AT, DAY)
    assert look_id(KEY, b"v", b"s", AT + timedelta(minutes=14, seconds=59), DAY) == first
    others = [
        look_id(KEY, b"v", b"s", AT + timedelta(minutes=15), DAY),
        look_id(KEY, b"v", b"s", AT - timedelta(seconds=1), DAY),
        look_id(KEY, b"w", b"s", AT, DAY),
        look_id(KEY, b"v", b"t", AT, DAY),
        look_id(KEY, b"vs", b"", AT, DAY),
        look_id(KEY, b"v", b"s", AT, DAY, "ETREAT"),
        look_id(KEY, b"v", b"s", AT, ("appointment", b"v" * 16)),
        look_id(KEY, b"v", b"s", AT, ("person", b"w" * 16)),
    ]
    assert len({first, *others}) == 9


def test_details_of_one_person_and_month_share_a_record() -> None:
    first = detail_record_id(KEY, b"s", datetime(2026, 11, 1, tzinfo=UTC))
    assert detail_record_id(KEY, b"s", datetime(2026, 11, 30, 23, 59, tzinfo=UTC)) == first
    assert detail_record_id(KEY, b"s", datetime(2026, 12, 1, tzinfo=UTC)) != first
    assert detail_record_id(KEY, b"t", datetime(2026, 11, 1, tzinfo=UTC)) != first

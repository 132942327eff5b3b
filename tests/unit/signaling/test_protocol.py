"""The wire, byte for byte: what the server takes, and the one code with which it refuses each flaw."""

import base64
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from signaling import connection, elsewhere, protocol, room, valkey
from signaling.endpoint import Limits
from signaling.errors import CLOSE_CODES, SENTENCES, Refused, Violation, close_code_of

VECTORS = Path(__file__).parents[2] / "vectors" / "signaling"
SPECIFICATION = (Path(protocol.__file__).parent / "PROTOCOL.md").read_text(encoding="utf-8")
SEAT = "a1" * 16


def section(heading: str) -> str:
    return SPECIFICATION.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def vectors(folder: str, direction: str) -> list[Any]:
    loaded = {path.stem: json.loads(path.read_bytes()) for path in sorted((VECTORS / folder).glob("*.json"))}
    return [pytest.param(each, id=name) for name, each in loaded.items() if each["direction"] == direction]


def taken(frame: str) -> protocol.Incoming:
    """Decode as the server does: a relayed body is looked into as well."""
    message = protocol.decode(frame)
    if isinstance(message, protocol.Relayed):
        protocol.candidates_in(message)
    return message


@pytest.mark.parametrize("vector", vectors("good", "to_server"))
def test_a_good_message_is_taken_as_it_was_meant(vector: dict[str, str]) -> None:
    message = taken(vector["message"])
    meant = json.loads(vector["message"])
    assert type(message).__struct_config__.tag == meant.pop("type")
    for name, value in meant.items():
        found = getattr(message, name)
        assert (json.loads(bytes(found)) if isinstance(found, Raw) else found) == value


@pytest.mark.parametrize("vector", vectors("refused", "to_server"))
def test_a_flawed_message_is_refused_with_its_code(vector: dict[str, str]) -> None:
    with pytest.raises(Violation) as refusal:
        taken(vector["message"])
    assert refusal.value.code == vector["code"]


def test_every_message_has_a_good_vector() -> None:
    good = {json.loads(each.values[0]["message"])["type"] for each in vectors("good", "to_server")}
    assert good == protocol.TYPES


@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_whatever_comes_is_taken_or_refused_but_nothing_else(frame: str) -> None:
    with suppress(Violation):
        taken(frame)


def test_half_a_character_is_refused() -> None:
    for frame in ('{"type":"refuse","seat":"' + SEAT + '","text":"\ud800"}', "\ud800"):
        with pytest.raises(Violation, match="malformed"):
            protocol.decode(frame)


@pytest.mark.parametrize("body", [b"{", b'{"sdp":"\xff"}', b'{"sdp":"\\ud800"}'])
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Violation, match="malformed"):
        protocol.candidates_in(protocol.Offer(to=SEAT, body=Raw(body)))


def test_a_body_is_passed_on_byte_for_byte() -> None:
    body = '{ "sdp" : "v=0\\r\\n\\u00fc" }'
    message = protocol.decode('{"type":"offer","to":"' + "b2" * 16 + '","body":' + body + "}")
    assert isinstance(message, protocol.Offer)
    assert protocol.relayed(message, SEAT) == f'{{"type":"offer","from":"{SEAT}","body":{body}}}'.encode()


def test_a_ticket_is_its_32_bytes() -> None:
    secret = bytes(range(100, 132))
    ticket = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    assert protocol.ticket_of(protocol.Join(ticket=ticket, version=1)) == secret


def test_a_ticket_that_is_no_base64_opens_nothing() -> None:
    with pytest.raises(Violation, match="ticket_refused"):
        protocol.ticket_of(protocol.Join(ticket="A" * 41, version=1))


def test_every_code_closes_as_the_specification_says() -> None:
    said = re.findall(r"^\| `(\w+)` \| (\d{4}|–) \|", section("Errors"), re.MULTILINE)
    assert dict(said) == {code: str(CLOSE_CODES.get(code, "–")) for code in SENTENCES}
    assert set(CLOSE_CODES) <= set(SENTENCES)


def test_a_refusal_leaves_the_socket_open_and_a_violation_does_not() -> None:
    assert close_code_of(Refused("room_full")) is None
    assert close_code_of(Violation("room_full")) == 4423
    assert close_code_of(Violation("not_host")) == 4400


def test_every_message_and_field_stands_in_the_specification() -> None:
    rows = [
        line.split(" | ")[:2] for line in section("Browser to server").splitlines() if line.startswith("| `")
    ]
    said = {
        name: set(re.findall(r"`(\w+)`", fields))
        for names, fields in rows
        for name in re.findall(r"`(\w+)`", names)
    }
    assert said == {
        str(kind.__struct_config__.tag): set(kind.__struct_fields__)
        for kind in protocol.Message.__subclasses__()
    }


def test_every_limit_stands_in_the_specification() -> None:
    table = section("Limits")
    for limit in (
        f"| {protocol.FRAME_BYTES} bytes |",
        f"| {protocol.SDP_BYTES} bytes of SDP |",
        f"| {protocol.CANDIDATE_BYTES} bytes |",
        f"| {protocol.CANDIDATES_PER_NEGOTIATION} for each negotiation",
        f"| {connection.PER_SECOND:.0f} a second, burst {connection.BURST:.0f},",
        f"| {connection.QUEUE_FRAMES} |",
        f"| {Limits().send_seconds:.0f} s |",
        f"| seats | {protocol.MAX_SEATS} |",
        f"| groups apart | {protocol.MAX_APART} |",
    ):
        assert limit in table, limit
    for said in (
        f"within {Limits().join_seconds:.0f} s",
        f"every {Limits().ask_seconds:.0f} s",
        f"at once and every {Limits().ask_divided_seconds:.0f} s",
        f"for {Limits().unanswered_seconds / 60:.0f} min",
        f"{Limits().away_seconds:.0f} s: nobody is told",
        f"may knock after {room.KNOCK_AGAIN.seconds} s",
    ):
        assert said in SPECIFICATION, said


def test_what_the_server_says_is_plain_json() -> None:
    frame = protocol.encode("error", code="locked", text=SENTENCES["locked"])
    assert msgspec.json.decode(frame) == {"type": "error", "code": "locked", "text": SENTENCES["locked"]}


def test_how_long_another_server_may_be_silent_stands_in_the_specification() -> None:
    assert f"silent for {elsewhere.SILENT_SECONDS:.0f} s" in SPECIFICATION
    assert valkey.BEAT_SECONDS * 2 < elsewhere.SILENT_SECONDS

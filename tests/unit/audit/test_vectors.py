"""Published vectors, and those of this repository, through the audit record's own functions."""

import hmac
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from telehealth.audit.checkpoint import BadCheckpoint, Checkpoint, read, sign, signing_key
from telehealth.audit.rules import Entry, canonical_json, link, pseudonym
from tests.vectors.make.folders import on_disk

PUBLISHED = Path(cryptography_vectors.__file__).parent
NOTES, ENTRIES = on_disk("notes"), on_disk("audit")
Vector = dict[str, Any]


def named(files: dict[str, Vector], prefix: str) -> list[Any]:
    return [pytest.param(vector, id=name) for name, vector in files.items() if name.startswith(prefix)]


def test_every_published_hmac_is_that_of_a_pseudonym() -> None:
    """RFC 4231: a pseudonym is the first half of HMAC-SHA256."""
    fields = [
        line.partition(" = ")
        for line in (PUBLISHED / "HMAC" / "rfc-4231-sha256.txt").read_text(encoding="ascii").splitlines()
    ]
    keys, messages, digests = (
        [value for name, _, value in fields if name == wanted] for wanted in ("Key", "Msg", "MD")
    )
    assert len(keys) == len(messages) == len(digests) >= 6
    for key, message, digest in zip(keys, messages, digests, strict=True):
        made = pseudonym(bytes.fromhex(key), bytes.fromhex(message))
        assert hmac.compare_digest(made, bytes.fromhex(digest)[:16])


@pytest.mark.parametrize("vector", named(NOTES, "good"))
def test_a_good_note_is_made_letter_for_letter_and_read(vector: Vector) -> None:
    point = Checkpoint(vector["origin"], vector["seq"], bytes.fromhex(vector["head"]))
    assert sign(signing_key(bytes.fromhex(vector["seed"])), point) == vector["note"]
    assert read_note(vector) == point


@pytest.mark.parametrize("vector", named(NOTES, "refused"))
def test_a_flawed_note_is_refused_for_its_flaw(vector: Vector) -> None:
    assert differing(vector, NOTES[vector["of"]]) == vector["differs"] != []
    with pytest.raises(BadCheckpoint, match=f"^{re.escape(vector['because'])}$"):
        read_note(vector)


def test_every_bit_flip_and_every_truncation_of_a_note_is_refused() -> None:
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(NOTES["good"]["public_key"]))
    note = NOTES["good"]["note"].encode()
    number = int.from_bytes(note, "big")
    flips = [(number ^ 1 << at).to_bytes(len(note), "big") for at in range(8 * len(note))]
    for other in (*flips, *(note[:length] for length in range(len(note)))):
        with pytest.raises(BadCheckpoint):
            read(key, other.decode(errors="replace"))


def read_note(vector: Vector) -> Checkpoint:
    return read(Ed25519PublicKey.from_public_bytes(bytes.fromhex(vector["public_key"])), vector["note"])


@pytest.mark.parametrize("vector", named(ENTRIES, "good"))
def test_a_good_entry_has_its_form_leaf_and_link(vector: Vector) -> None:
    entry = entry_of(vector)
    assert canonical_json(entry.plain()).decode() == vector["canonical"]
    assert entry.leaf.hex() == vector["leaf"]
    assert link(bytes.fromhex(vector["prev"]), entry.leaf).hex() == vector["hash"]


@pytest.mark.parametrize("vector", named(ENTRIES, "refused"))
def test_a_flawed_entry_does_not_fit_its_leaf_or_its_link(vector: Vector) -> None:
    assert differing(vector, ENTRIES[vector["of"]]) == vector["differs"] != []
    leaf, prev = bytes.fromhex(vector["leaf"]), bytes.fromhex(vector["prev"])
    fits = entry_of(vector).leaf == leaf, link(prev, leaf).hex() == vector["hash"]
    refusal = {
        (False, True): "the leaf is not its hash",
        (True, False): "the link does not hang on the one before",
    }
    assert refusal[fits] == vector["because"]


def entry_of(vector: Vector) -> Entry:
    said = dict(vector["entry"])
    for name in ("id", "agent", "session", "entity_id", "patient", "detail"):
        said[name] = None if said[name] is None else bytes.fromhex(said[name])
    return Entry(ts=datetime.fromisoformat(said.pop("ts")), detail_ct=said.pop("detail"), **said)


def differing(vector: Vector, good: Vector) -> list[str]:
    told = {"flaw", "of", "differs", "because"}
    return sorted(name for name in vector.keys() - told if vector[name] != good[name])


def test_every_field_of_an_entry_has_a_vector_in_which_it_was_changed() -> None:
    changed = {
        name
        for vector in ENTRIES.values()
        if vector.get("differs") == ["entry"]
        for name, value in vector["entry"].items()
        if value != ENTRIES["good"]["entry"][name]
    }
    assert changed == set(ENTRIES["good"]["entry"])

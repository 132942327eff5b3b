"""Sealed values: exactly these bytes, and only in their own place."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.crypto.aead import CannotOpen
from telehealth.crypto.sealed import (
    HEADER_BYTES,
    Layer,
    Place,
    pad,
    seal,
    unpad,
    unseal,
    unwrap,
    version_of,
    wrap,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "sealed"
KEY = bytes(range(32))
PLACE = Place("field", "practice-1", "people", "name#3", b"r" * 16)
Vector = dict[str, Any]


def vectors(prefix: str) -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text(encoding="utf-8")), id=path.stem)
        for path in sorted(VECTORS.glob(f"{prefix}-*.json"))
    ]


def place_of(vector: Vector) -> Place:
    return Place(
        vector["layer"],
        vector["clinic"],
        vector["table"],
        vector["column"],
        bytes.fromhex(vector["record_id"]),
        bytes.fromhex(vector["subject_id"]),
    )


def opened(vector: Vector) -> bytes:
    """Open as the layer demands: what stands in a key layer must be a key."""
    open_layer = unseal if vector["layer"] == "field" else unwrap
    key, sealed = bytes.fromhex(vector["key"]), bytes.fromhex(vector["sealed"])
    return open_layer(key, vector["version"], place_of(vector), sealed)


@pytest.mark.parametrize("vector", vectors("good"))
def test_a_good_vector_is_made_byte_for_byte_and_opens(vector: Vector) -> None:
    sealed = bytes.fromhex(vector["sealed"])
    assert place_of(vector).associated(sealed[:HEADER_BYTES]).hex() == vector["associated"]
    plaintext, nonce = bytes.fromhex(vector["plaintext"]), bytes.fromhex(vector["nonce"])
    made = seal(
        bytes.fromhex(vector["key"]), vector["version"], place_of(vector), plaintext, lambda n: nonce[:n]
    )
    assert made.hex() == vector["sealed"]
    assert opened(vector) == plaintext


@pytest.mark.parametrize("vector", vectors("refused"))
def test_a_flawed_vector_is_refused(vector: Vector) -> None:
    with pytest.raises(CannotOpen):
        opened(vector)


def test_there_are_vectors_for_every_layer() -> None:
    layers = {param.values[0]["layer"] for param in vectors("good")}
    assert layers == {"kek", "sk", "field"}
    assert len(vectors("refused")) >= 25


@given(st.binary(max_size=5000))
def test_what_is_sealed_opens_and_hides_its_length(plaintext: bytes) -> None:
    sealed = seal(KEY, 1, PLACE, plaintext, os.urandom)
    assert unseal(KEY, 1, PLACE, sealed) == plaintext
    inside = len(sealed) - HEADER_BYTES - 12 - 16
    assert inside % 64 == 0
    assert (inside // 64).bit_count() == 1
    assert len(plaintext) < inside <= max(64, 2 * len(plaintext))


def test_every_single_bit_flip_is_refused() -> None:
    sealed = seal(KEY, 1, PLACE, b"what was said", os.urandom)
    for at in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(CannotOpen):
            unseal(KEY, 1, PLACE, bytes(flipped))


def test_every_truncation_is_refused() -> None:
    sealed = seal(KEY, 1, PLACE, b"what was said" * 20, os.urandom)
    for length in range(len(sealed)):
        with pytest.raises(CannotOpen):
            unseal(KEY, 1, PLACE, sealed[:length])


NAMES = st.text(max_size=12)
PLACES = st.builds(
    Place, st.just("field"), NAMES, NAMES, NAMES, st.binary(min_size=16, max_size=16)
) | st.builds(
    Place,
    st.sampled_from(("kek", "sk")),
    NAMES,
    NAMES,
    NAMES,
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=16, max_size=16),
)


@given(PLACES, PLACES)
def test_a_value_opens_in_its_own_place_only(place: Place, other: Place) -> None:
    sealed = seal(KEY, 1, place, b"what was said", os.urandom)
    assert unseal(KEY, 1, place, sealed) == b"what was said"
    if other != place:
        with pytest.raises(CannotOpen):
            unseal(KEY, 1, other, sealed)


@pytest.mark.parametrize(
    "moved",
    [
        replace(PLACE, clinic="practice-2"),
        replace(PLACE, table="persons"),
        replace(PLACE, column="email#3"),
        replace(PLACE, column="name#4"),
        replace(PLACE, record_id=b"s" * 16),
        replace(PLACE, layer="sk", subject_id=b"s" * 16),
    ],
)
def test_changing_one_part_of_the_place_is_refused(moved: Place) -> None:
    sealed = seal(KEY, 1, PLACE, b"what was said", os.urandom)
    with pytest.raises(CannotOpen):
        unseal(KEY, 1, moved, sealed)


@given(st.binary(max_size=300))
def test_unpad_takes_only_what_pad_makes(padded: bytes) -> None:
    try:
        plaintext = unpad(padded)
    except CannotOpen:
        return
    assert pad(plaintext) == padded


def test_a_wrapped_key_comes_back_and_nothing_else_is_wrapped() -> None:
    place = Place("sk", "practice-1", "record_keys", "wrapped", b"r" * 16, b"s" * 16)
    wrapped = wrap(KEY, 9, place, bytes(32), os.urandom)
    assert version_of(wrapped) == 9
    assert unwrap(KEY, 9, place, wrapped) == bytes(32)
    with pytest.raises(ValueError, match="32-byte"):
        wrap(KEY, 9, place, bytes(31), os.urandom)


@pytest.mark.parametrize("version", [0, -1, 2**32])
def test_a_version_outside_u32_is_refused(version: int) -> None:
    with pytest.raises(ValueError, match="key version"):
        seal(KEY, version, PLACE, b"", os.urandom)


@pytest.mark.parametrize(
    ("layer", "record_id", "subject_id"),
    [
        ("field", b"r" * 15, b""),
        ("field", b"r" * 16, b"s" * 16),
        ("sk", b"r" * 16, b""),
        ("kek", b"", b"s" * 16),
    ],
)
def test_ids_that_do_not_fit_the_layer_are_refused(layer: Layer, record_id: bytes, subject_id: bytes) -> None:
    with pytest.raises(ValueError, match="ids do not fit"):
        Place(layer, "practice-1", "people", "name#0", record_id, subject_id)

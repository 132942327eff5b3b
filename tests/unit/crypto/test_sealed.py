"""Sealed values: exactly these bytes, and only in their own place."""

import os
import re
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
from tests.vectors.make.folders import on_disk

FILES = on_disk("sealed")
KEY = bytes(range(32))
PLACE = Place("field", "practice-1", "people", "name#3", b"r" * 16)
Vector = dict[str, Any]


def vectors(prefix: str) -> list[Any]:
    return [
        pytest.param(vector, id=name)
        for name, vector in FILES.items()
        if name.partition("/")[2].startswith(prefix)
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
def test_a_flawed_vector_is_refused_for_its_flaw(vector: Vector) -> None:
    with pytest.raises(CannotOpen, match=f"^{re.escape(vector['because'])}$"):
        opened(vector)


@pytest.mark.parametrize("vector", vectors("refused"))
def test_a_flawed_vector_has_no_other_flaw(vector: Vector) -> None:
    good = FILES[vector["of"]]
    told = {"flaw", "of", "differs", "because"}
    assert sorted(name for name in vector.keys() - told if vector[name] != good[name]) == vector["differs"]
    assert vector["differs"]
    opened(good)


@pytest.mark.parametrize("layer", ["kek", "sk", "field"])
def test_every_layer_has_vectors_of_its_own(layer: str) -> None:
    names = [name for name in FILES if name.startswith(f"{layer}/")]
    assert FILES[f"{layer}/good"]["layer"] == layer
    assert len([name for name in names if "/refused-" in name]) >= 40


@given(st.binary(max_size=5000))
def test_what_is_sealed_opens_and_hides_its_length(plaintext: bytes) -> None:
    sealed = seal(KEY, 1, PLACE, plaintext, os.urandom)
    assert unseal(KEY, 1, PLACE, sealed) == plaintext
    inside = len(sealed) - HEADER_BYTES - 12 - 16
    assert inside % 64 == 0
    assert (inside // 64).bit_count() == 1
    assert len(plaintext) < inside <= max(64, 2 * len(plaintext))


def test_the_same_value_is_never_sealed_twice_alike() -> None:
    values = {seal(KEY, 1, PLACE, b"the same", os.urandom) for _ in range(1000)}
    assert len({value[6:18] for value in values}) == 1000  # the nonces


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

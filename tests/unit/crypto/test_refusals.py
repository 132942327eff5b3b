"""Exhaustively: every bit flip, every truncation and every swap of context is refused, in every layer."""

import os
from itertools import product

import pytest
from msgspec.structs import replace

from telehealth.crypto.aead import CannotOpen
from telehealth.crypto.sealed import Layer, Place, Sealed, seal, unseal, unwrap, wrap

KEY = bytes(range(1, 33))
VERSION = 5
INNER = bytes(range(32, 64))
IDS = (b"r" * 16, b"s" * 16, b"r" * 15 + b"s")
NAMES = ("", "a", "b", "ab", "wrapped", "wrapped#account", "name#1", "name#11", "name", "é")
PLACES = {
    "kek": Place("kek", "practice-1", "subject_keys", "wrapped#clinical", b"s" * 16, b"s" * 16),
    "sk": Place("sk", "practice-1", "record_keys", "wrapped", b"r" * 16, b"s" * 16),
    "field": Place("field", "practice-1", "people", "name#3", b"r" * 16),
}
LAYERS = pytest.mark.parametrize("layer", PLACES)


def sealed_in(layer: str) -> Sealed:
    """What stands in that layer: a wrapped key, or a text of three blocks."""
    place = PLACES[layer]
    if layer == "field":
        return seal(KEY, VERSION, place, b"what was said " * 10, os.urandom)
    return wrap(KEY, VERSION, place, INNER, os.urandom)


def opened(layer: str, sealed: bytes, key: bytes = KEY, version: int = VERSION) -> bytes:
    return (unseal if layer == "field" else unwrap)(key, version, PLACES[layer], sealed)


def flips(value: bytes) -> list[bytes]:
    """The value with each of its bits changed, one at a time."""
    number = int.from_bytes(value, "big")
    return [(number ^ 1 << at).to_bytes(len(value), "big") for at in range(8 * len(value))]


@LAYERS
def test_every_bit_flip_of_the_value_is_refused(layer: str) -> None:
    sealed = sealed_in(layer)
    assert opened(layer, sealed)
    for flipped in flips(sealed):
        with pytest.raises(CannotOpen):
            opened(layer, flipped)


@LAYERS
def test_every_truncation_is_refused_at_either_end_and_every_gap_within(layer: str) -> None:
    sealed = sealed_in(layer)
    for length in range(len(sealed)):
        for cut in (sealed[:length], sealed[len(sealed) - length :], sealed[:length] + sealed[length + 1 :]):
            with pytest.raises(CannotOpen):
                opened(layer, cut)


@LAYERS
def test_every_byte_put_in_anywhere_is_refused(layer: str) -> None:
    sealed = sealed_in(layer)
    for at, byte in product(range(len(sealed) + 1), (b"\x00", b"\x80", b"\xff")):
        with pytest.raises(CannotOpen):
            opened(layer, sealed[:at] + byte + sealed[at:])


@LAYERS
def test_every_two_bytes_exchanged_are_refused(layer: str) -> None:
    sealed = sealed_in(layer)
    for one in range(len(sealed)):
        for other in range(one + 1, len(sealed)):
            if sealed[one] != sealed[other]:
                swapped = bytearray(sealed)
                swapped[one], swapped[other] = swapped[other], swapped[one]
                with pytest.raises(CannotOpen):
                    opened(layer, bytes(swapped))


@LAYERS
def test_every_bit_flip_of_the_key_is_refused(layer: str) -> None:
    sealed = sealed_in(layer)
    for key in flips(KEY):
        with pytest.raises(CannotOpen):
            opened(layer, sealed, key=key)


@LAYERS
def test_every_bit_flip_of_the_version_is_refused_at_hand_in_the_header_and_in_both(layer: str) -> None:
    sealed = sealed_in(layer)
    for flipped in flips(VERSION.to_bytes(4, "big")):
        rewritten = sealed[:2] + flipped + sealed[6:]
        other = int.from_bytes(flipped, "big")
        for value, version in ((sealed, other), (rewritten, VERSION), (rewritten, other)):
            with pytest.raises(CannotOpen):
                opened(layer, value, version=version)


@LAYERS
def test_every_bit_flip_of_an_id_is_refused(layer: str) -> None:
    place, sealed = PLACES[layer], sealed_in(layer)
    moved = [replace(place, record_id=other) for other in flips(place.record_id)]
    if layer != "field":
        moved += [replace(place, subject_id=other) for other in flips(place.subject_id)]
    for elsewhere in moved:
        with pytest.raises(CannotOpen):
            unseal(KEY, VERSION, elsewhere, sealed)


@LAYERS
@pytest.mark.parametrize("part", ["clinic", "table", "column"])
def test_every_change_of_one_letter_of_a_name_is_refused(layer: str, part: str) -> None:
    place, sealed = PLACES[layer], sealed_in(layer)
    name = getattr(place, part)
    others = {name[:at] + name[at + 1 :] for at in range(len(name))}
    others |= {name[:at] + letter + name[at:] for at in range(len(name) + 1) for letter in "\x00a#0"}
    others |= {name[:at] + name[at].swapcase() + name[at + 1 :] for at in range(len(name))}
    for other in others - {name}:
        with pytest.raises(CannotOpen):
            unseal(KEY, VERSION, replace(place, **{part: other}), sealed)


def every_place() -> list[Place]:
    """Every layer with every combination of short names and ids that could be taken for one another."""
    layers: tuple[Layer, ...] = ("kek", "sk")
    keys = [
        Place(layer, "c", table, column, record, subject)
        for layer, table, column, record, subject in product(layers, NAMES[:4], NAMES, IDS, IDS)
    ]
    fields = [
        Place("field", "c", table, column, record) for table, column, record in product(NAMES[:4], NAMES, IDS)
    ]
    return keys + fields


def test_no_two_places_are_bound_alike() -> None:
    """What binds a value is different for all of them: nothing can be swapped between any two."""
    header = seal(KEY, VERSION, PLACES["field"], b"", os.urandom)[:6]
    bound = {place.associated(header) for place in every_place()}
    assert len(bound) == len(every_place()) == 840


def test_every_swap_between_two_places_is_refused() -> None:
    places = every_place()[::8]
    values = [seal(KEY, VERSION, place, INNER, os.urandom) for place in places]
    for (at, place), (origin, value) in product(enumerate(places), enumerate(values)):
        if at == origin:
            assert unseal(KEY, VERSION, place, value) == INNER
            continue
        with pytest.raises(CannotOpen):
            unseal(KEY, VERSION, place, value)

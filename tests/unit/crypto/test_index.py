"""The blind index: equal values meet, others do not, and the key leaves no doubt which index a tag belongs to."""

import hashlib
import hmac
import re
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.crypto.index import (
    NotIndexable,
    blind_index,
    hkdf_expand,
    index_key,
    is_within_bound,
    joined,
    planned_bits,
)
from tests.vectors.make.folders import on_disk

FILES = on_disk("index")
KDF = Path(cryptography_vectors.__file__).parent / "KDF"
ROOT = bytes(range(32))
PLANNED_PEOPLE = 1000


def kdf_cases(name: str) -> list[dict[str, str]]:
    """The blocks of `NAME = value` lines of a vector file."""
    cases: list[dict[str, str]] = []
    for line in (KDF / name).read_text(encoding="utf-8").splitlines():
        key, equals, value = line.partition("=")
        if not equals or line.startswith("#"):
            continue
        if key.strip() == "COUNT":
            cases.append({})
        cases[-1][key.strip()] = value.strip()
    return cases


def extracted(case: dict[str, str]) -> bytes:
    """HKDF-Extract (RFC 5869, section 2.2), for cases that publish no PRK."""
    salt, material = bytes.fromhex(case["salt"]), bytes.fromhex(case["IKM"])
    return hmac.digest(salt or bytes(32), material, hashlib.sha256)


@pytest.mark.parametrize(("name", "count"), [("rfc-5869-HKDF-SHA256.txt", 3), ("hkdf-generated.txt", 1)])
def test_expansion_gives_the_published_bytes(name: str, count: int) -> None:
    cases = [case for case in kdf_cases(name) if case.get("Hash") == "SHA-256"]
    assert len(cases) == count
    for case in cases:
        prk = bytes.fromhex(case["PRK"]) if "PRK" in case else extracted(case)
        assert prk == extracted(case)
        assert hkdf_expand(prk, bytes.fromhex(case["info"]), int(case["L"])).hex() == case["OKM"]


def tag_of(vector: dict[str, Any]) -> bytes:
    names = {name: vector[name] for name in ("clinic", "table", "column", "transform", "version")}
    return blind_index(
        index_key(bytes.fromhex(vector["root"]), **names),
        vector["value"],
        transform=vector["transform"],
        bits=vector["bits"],
    )


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("good")])
def test_a_good_vector_has_its_key_and_tag(name: str) -> None:
    vector = FILES[name]
    names = {part: vector[part] for part in ("clinic", "table", "column", "transform", "version")}
    assert index_key(bytes.fromhex(vector["root"]), **names).hex() == vector["key"]
    assert tag_of(vector).hex() == vector["tag"]


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("refused")])
def test_a_flawed_vector_is_refused_or_has_another_tag(name: str) -> None:
    vector = FILES[name]
    good = FILES[vector["of"]]
    told = {"flaw", "of", "differs", "because"}
    assert sorted(part for part in vector.keys() - told if vector[part] != good[part]) == vector["differs"]
    assert tag_of(good).hex() == vector["tag"]
    if vector["because"] == "it has another tag":
        assert tag_of(vector).hex() != vector["tag"]
    else:
        with pytest.raises(ValueError, match=f"^{re.escape(vector['because'])}$"):
            tag_of(vector)


def key(**changes: object) -> bytes:
    names: dict[str, object] = {"clinic": "c", "table": "people", "column": "email", "transform": "email"}
    return index_key(ROOT, **(names | {"version": 1} | changes))  # type: ignore[arg-type]


def test_the_key_and_tag_are_those_of_the_written_formula() -> None:
    def lp(value: bytes) -> bytes:
        return len(value).to_bytes(4, "big") + value

    info = b"".join(map(lp, (b"TB1-bidx", b"c", b"people", b"email", b"email"))) + b"\x00\x00\x00\x01"
    expected = hmac.digest(ROOT, info + b"\x01", "sha256")  # one block of HKDF-Expand is its first 32 bytes
    assert key() == expected
    tag = hmac.digest(expected, lp(b"ann@example.org"), "sha256")
    assert blind_index(expected, "ann@example.org", transform="email", bits=256) == tag
    assert blind_index(expected, "ann@example.org", transform="email", bits=6) == bytes([tag[0] & 0xFC])
    assert blind_index(expected, "ann@example.org", transform="email", bits=12) == bytes(
        [tag[0], tag[1] & 0xF0]
    )


def test_every_index_has_a_key_of_its_own() -> None:
    others = [
        key(clinic="d"),
        key(table="peoples"),
        key(column="name"),
        key(transform="exact"),
        key(version=2),
    ]
    moved = key(table="peoplee", column="mail")
    assert len({key(), moved, *others}) == 7


def test_a_root_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        index_key(bytes(16), clinic="c", table="t", column="c", transform="exact", version=1)


@pytest.mark.parametrize("bits", [0, 257])
def test_an_impossible_number_of_bits_is_refused(bits: int) -> None:
    with pytest.raises(ValueError, match="1 to 256"):
        blind_index(key(), "a", transform="exact", bits=bits)


@pytest.mark.parametrize(
    "written", ["Ann@Example.org", "  ann@example.org ", "ＡＮＮ@example.org", "ann@EXAMPLE.ORG"]
)
def test_one_address_written_differently_has_one_tag(written: str) -> None:
    tag = blind_index(key(), "ann@example.org", transform="email", bits=256)
    assert blind_index(key(), written, transform="email", bits=256) == tag


def test_a_domain_and_its_idna_form_have_one_tag() -> None:
    tags = {
        blind_index(key(), written, transform="email", bits=256)
        for written in ("ann@bücher.example", "ann@xn--bcher-kva.example", "ann@BÜCHER.example")
    }
    assert len(tags) == 1


def test_the_exact_transform_keeps_case_and_space() -> None:
    tags = {blind_index(key(), value, transform="exact", bits=256) for value in ("a", "A", " a", "a ")}
    assert len(tags) == 4


@pytest.mark.parametrize("value", ["", "ann", "@example.org", "ann@", "ann@a..b", f"ann@{'x' * 64}.org"])
def test_what_is_no_address_is_refused(value: str) -> None:
    with pytest.raises(NotIndexable):
        blind_index(key(), value, transform="email", bits=6)


def test_the_bits_planned_for_a_thousand_people_keep_the_bound() -> None:
    assert is_within_bound(PLANNED_PEOPLE, [6])
    assert is_within_bound(PLANNED_PEOPLE, [4, 4])


@pytest.mark.parametrize(
    ("rows", "bits"),
    [
        (1000, [9]),  # 1.95 rows share a tag: near-equality leaks
        (1000, [4]),  # 62.5 rows share a tag, more than sqrt(1000)
        (1000, [6, 6]),  # two indexes of one column count together
        (100, [6]),
        (1024, [5]),  # exactly sqrt: the bound is strict
    ],
)
def test_bits_outside_the_bound_are_told(rows: int, bits: list[int]) -> None:
    assert not is_within_bound(rows, bits)


@given(st.integers(1, 10**6), st.integers(1, 24))
def test_the_bound_is_the_published_inequality(rows: int, bits: int) -> None:
    coincidences = rows / 2**bits
    assert is_within_bound(rows, [bits]) == (2 <= coincidences < rows**0.5)


@given(st.integers(100, 10**7))
def test_the_planned_bits_keep_the_bound_with_room_to_grow(rows: int) -> None:
    bits = planned_bits(rows)
    assert 2 <= rows / 2**bits < rows**0.5
    assert is_within_bound(rows, [bits])
    assert is_within_bound(4 * rows, [bits])


@pytest.mark.parametrize(
    ("rows", "bits"), [(64, 5), (100, 5), (1000, 6), (1024, 7), (100_000, 10), (10**7, 13)]
)
def test_the_planned_bits_of_some_sizes(rows: int, bits: int) -> None:
    assert planned_bits(rows) == bits


def test_for_too_few_no_bits_are_right() -> None:
    with pytest.raises(ValueError, match="planned for 64 rows or more"):
        planned_bits(63)


@given(st.lists(st.text(max_size=6), max_size=3), st.lists(st.text(max_size=6), max_size=3))
def test_joined_values_never_run_together(ones: list[str], others: list[str]) -> None:
    assert (joined(*ones) == joined(*others)) == (ones == others)

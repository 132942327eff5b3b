"""The search for planted words finds them in every form, anywhere in a file; else its silence would mean nothing."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.deploy.canary.search import CHUNK, MARKER, OVERLAP, forms_of, holding, leaks_under, search

WORD = f"Zoë {MARKER} 17"
FORMS = {
    "as it is": WORD.encode(),
    "in capitals": WORD.upper().encode(),
    "Latin-1": WORD.encode("latin-1"),
    "UTF-16, little-endian": WORD.encode("utf-16-le"),
    "UTF-16, big-endian": WORD.encode("utf-16-be"),
    "UTF-32, big-endian": WORD.encode("utf-32-be"),
    "hex": WORD.encode().hex().encode(),
    "hex in capitals": WORD.encode().hex().upper().encode(),
    "JSON": json.dumps({"name": WORD}).encode(),
    "JSON, every letter escaped": "".join(f"\\u{ord(letter):04X}" for letter in WORD).encode(),
    "URL": quote(WORD).encode(),
    "URL, every byte escaped": "".join(f"%{byte:02X}" for byte in WORD.encode()).encode(),
    "HTML": "".join(f"&#{ord(letter)};" for letter in WORD).encode(),
    "backwards": WORD.encode()[::-1],
}


@pytest.mark.parametrize("form", FORMS)
def test_a_word_is_found_in_every_form(form: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\x00before" + FORMS[form] + b"after\xff")
    assert leaks_under(tmp_path)


@pytest.mark.parametrize("before", range(6))
@pytest.mark.parametrize("after", range(4))
@pytest.mark.parametrize("alphabet", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_word_is_found_in_base64_wherever_it_begins(
    before: int, after: int, alphabet: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    whole = b"\xfb" * before + MARKER.encode() + b"\xfb" * after
    (tmp_path / "file").write_bytes(alphabet(whole))
    assert leaks_under(tmp_path)


@pytest.mark.parametrize("shift", [-OVERLAP, -20, -1, 0, 1])
def test_a_word_is_found_across_the_pieces_in_which_a_file_is_read(shift: int, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(CHUNK + shift) + f"{MARKER}end".encode() + bytes(100))
    (found,) = search(file)
    assert (found.offset, found.form) == (CHUNK + shift, "raw")
    assert b"end" in found.around


def test_other_bytes_are_no_leak(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(bytes(range(256)) * 64 + MARKER[:-1].encode())
    assert leaks_under(tmp_path) == []
    assert holding(tmp_path, "control") == []


def test_a_word_in_clear_is_found_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"... Works slowly. ...")
    assert holding(tmp_path, "Works slowly.") == [tmp_path / "file"]


def test_no_form_is_so_short_that_chance_would_make_it() -> None:
    assert min(len(needle) for needle in forms_of(MARKER).values()) >= 15

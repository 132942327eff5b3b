"""Looking for planted words in files, however they may be written: a byte search that understands encodings."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MARKER = "kanarie7q4x9zv2"  # in every planted word; small letters and digits, so that it survives every normal form
CHUNK = 1 << 24
AROUND = 12  # bytes before and after, which say which word it was


@dataclass(frozen=True)
class Found:
    """One planted word where it should not be."""

    file: Path
    offset: int
    form: str
    around: bytes


def forms_of(word: str) -> dict[str, bytes]:
    """The bytes of a word in every encoding that is searched for, by its name; letters in either case."""
    raw = word.encode("ascii")
    forms = {
        "raw": raw,
        "backwards": raw[::-1],
        "UTF-16": word.encode("utf-16-le"),  # big-endian differs by where it begins only
        "UTF-32": word.encode("utf-32-le"),
        "hex": raw.hex().encode(),
        "JSON": "".join(f"\\u{ord(letter):04x}" for letter in word).encode(),
        "URL": "".join(f"%{ord(letter):02x}" for letter in word).encode(),
        "HTML": "".join(f"&#{ord(letter)};" for letter in word).encode(),
    }
    # The first and last bytes of UTF-16 and UTF-32 belong to the byte order: what lies between is common to both.
    forms["UTF-16"] = forms["UTF-16"][:-1]
    forms["UTF-32"] = forms["UTF-32"][:-3]
    return forms


def base64_forms_of(word: str) -> dict[str, bytes]:
    """What base64 makes of a word at each of the three places in a group where it can begin."""
    forms = {}
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + word.encode("ascii"))
        whole = (before + len(word)) // 3 * 4  # what stands after depends on what follows the word
        forms[f"base64+{before}"] = encoded[-(-before * 4 // 3) : whole]
    return forms


LOWER, EXACT = forms_of(MARKER), base64_forms_of(MARKER)
OVERLAP = max(len(needle) for needle in (*LOWER.values(), *EXACT.values())) + AROUND


def found_in(data: bytes, lower: dict[str, bytes], exact: dict[str, bytes]) -> Iterator[tuple[str, int]]:
    """Name of the form and offset of every place where one of the needles stands."""
    small = data.lower()
    for needles, hay in ((lower, small), (exact, data)):
        for form, needle in needles.items():
            at = hay.find(needle)
            while at >= 0:
                yield form, at
                at = hay.find(needle, at + 1)


def search(file: Path) -> list[Found]:
    """Every planted word in a file, which may be written to meanwhile and may be large."""
    found: dict[tuple[str, int], Found] = {}
    with file.open("rb") as stream:
        start, kept = 0, b""
        while chunk := stream.read(CHUNK):
            data = kept + chunk
            for form, at in found_in(data, LOWER, EXACT):
                around = data[max(0, at - AROUND) : at + OVERLAP]
                found[form, start + at] = Found(file, start + at, form, around)
            kept = data[-OVERLAP:]
            start += len(data) - len(kept)
    return list(found.values())


def files_under(folder: Path) -> list[Path]:
    """Every regular file, however deep; links, sockets and pipes are left out."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]


def leaks_under(folder: Path) -> list[Found]:
    """Every planted word in every file of a folder. A file that goes away meanwhile is no leak."""
    leaks = []
    for path in files_under(folder):
        try:
            leaks += search(path)
        except FileNotFoundError:
            continue
    return leaks


def holding(folder: Path, control: str) -> list[Path]:
    """The files in which a word stands that is in clear: shows that the search would find others like it."""
    lower, exact = forms_of(control.lower()), base64_forms_of(control)
    return [path for path in files_under(folder) if next(found_in(path.read_bytes(), lower, exact), None)]

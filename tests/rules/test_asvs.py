"""The map from OWASP ASVS 5.0 to tests: every item stands in it once, and every test it names exists."""

import re
from collections import Counter

import pytest

from tests.rules.tree import ROOT, named, tracked

PAGE = (ROOT / "docs" / "asvs.md").read_text()
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/.]+)(?:::(\w+))?`")
WITHOUT_TEST = ("Not met", "Not applicable", "met in words:", "met by construction:")
# How many items each section of version 5.0.0 has.
SECTIONS = {
    "3.1": 1, "3.2": 3, "3.3": 5, "3.4": 8, "3.5": 8, "3.6": 1, "3.7": 5,
    "4.1": 5, "4.2": 5, "4.3": 2, "4.4": 4,
    "6.1": 3, "6.2": 12, "6.3": 8, "6.4": 6, "6.5": 8, "6.6": 4, "6.7": 2, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2,
    "8.1": 4, "8.2": 4, "8.3": 3, "8.4": 2,
    "10.1": 2, "10.2": 3, "10.3": 5, "10.4": 16, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 4, "11.2": 5, "11.3": 5, "11.4": 4, "11.5": 2, "11.6": 2, "11.7": 2,
    "12.1": 5, "12.2": 2, "12.3": 5,
    "13.1": 4, "13.2": 6, "13.3": 4, "13.4": 7,
    "14.1": 2, "14.2": 8, "14.3": 3,
    "17.1": 2, "17.2": 8, "17.3": 2,
}  # fmt: skip


def source_of(path: str) -> str:
    return (ROOT / path).read_text() if (ROOT / path).is_file() else ""


def test_every_item_stands_in_the_map_once() -> None:
    expected = [f"{section}.{n}" for section, count in SECTIONS.items() for n in range(1, count + 1)]
    assert Counter(item for item, _, _ in ROW.findall(PAGE)) == Counter(expected)


@pytest.mark.parametrize(("item", "shown"), [(item, shown) for item, _, shown in ROW.findall(PAGE)])
def test_an_item_is_shown_by_tests_that_exist_or_says_plainly_why_not(item: str, shown: str) -> None:
    found = TEST.findall(shown)
    assert found or shown.startswith(WITHOUT_TEST), item
    for path, name in found:
        text = source_of(path)
        assert text, path
        assert not name or re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), f"{path}::{name}"


def test_documents_name_no_test_that_is_not_there() -> None:
    for document in tracked(".md"):
        for path, name in TEST.findall(document.read_text()):
            text = source_of(path)
            assert text or (ROOT / path).is_dir(), f"{named(document)}: {path}"
            assert not name or re.search(rf"def {name}\(|'{name}'", text), f"{named(document)}: {name}"

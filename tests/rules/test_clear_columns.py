"""The threat model names every table in which something stands in clear, and none that is not there."""

import re

from sqlalchemy import Column, LargeBinary

from telehealth.db.tables import Id, SealedBytes, metadata
from telehealth.office import SEALED_TABLES
from tests.rules.tree import ROOT

PAGE = (ROOT / "docs" / "threat-model.md").read_text()
SECTION = re.compile(r"^## What stands in clear in the database\n(.*?)^## ", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \| (.+) \|$", re.MULTILINE)


def is_clear(column: Column[object]) -> bool:
    """Neither sealed nor an id; other bytes are keys and hashes (`test_index_bounds.py` says of what)."""
    return not isinstance(column.type, SealedBytes | Id | LargeBinary)


def in_clear() -> dict[str, list[str]]:
    """Each table with the columns that whoever has the database reads."""
    found = {table.name: [c.name for c in table.columns if is_clear(c)] for table in metadata.sorted_tables}
    return {table: columns for table, columns in found.items() if columns}


def told() -> list[str]:
    section = SECTION.search(PAGE)
    assert section is not None
    return [name for cell, _ in ROW.findall(section[1]) for name in re.findall(r"\w+", cell)]


def test_every_table_with_something_in_clear_is_named_with_what_it_means() -> None:
    missing = {table: columns for table, columns in in_clear().items() if table not in told()}
    assert missing == {}, "say in docs/threat-model.md what these columns tell a thief of the database"


def test_no_table_is_named_twice_or_is_not_there() -> None:
    assert len(told()) == len(set(told()))
    assert set(told()) <= set(metadata.tables)


def test_what_is_sealed_or_an_id_is_not_in_clear_and_the_rest_is() -> None:
    assert in_clear()["people"] == ["role", "revision", "created_at", "disabled_at"]
    for sealed in SEALED_TABLES:
        assert not set(sealed.fields) & set(in_clear().get(sealed.table.name, [])), sealed.table.name

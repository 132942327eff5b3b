"""Which columns are sealed under which record's key: every noun says so of its own tables, in `SEALED` of its models.

Rotation, verification and the search for planted words walk these; a sealed column that stands nowhere could be
neither rotated nor checked, so a test refuses it (`tests/rules/test_sealed_fields.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Row, Table

Name = str | Callable[[Row[Any]], str]


@dataclass(frozen=True)
class SealedTable:
    """One table's sealed columns.

    `record` holds the id of the record whose key seals the row, `person` the id of whom the row is about, `revision`
    counts its changes (None: always 0).
    `fields` maps each sealed column to the name it has in the context it was sealed in: a fixed one, or one that is
    made of the row where two rows of one record must not be exchanged.
    """

    table: Table
    record: Column[bytes]
    person: Column[bytes]
    fields: Mapping[str, Name]
    revision: Column[int] | None = None

    def revision_of(self, row: Row[Any]) -> int:
        """How often the words of this row changed."""
        return 0 if self.revision is None else int(row._mapping[self.revision.key])

    def name_of(self, column: str, row: Row[Any]) -> str:
        """What the column is called where it was sealed."""
        name = self.fields[column]
        return name if isinstance(name, str) else name(row)

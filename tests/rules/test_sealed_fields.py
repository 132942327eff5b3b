"""Every sealed column is known to rotation, verification and the search for planted words."""

from collections import Counter

from telehealth.db.tables import SealedBytes, metadata
from telehealth.office import SEALED_TABLES

NOT_FIELDS = {
    ("subject_keys", "wrapped"): "a key, rewrapped by its epoch's rotation",
    ("record_keys", "wrapped"): "a key, rewrapped by its person's rotation",
    ("audit_leaves", "detail_ct"): "append-only: rotation rewraps its key and never touches it",
}


def sealed_columns() -> set[tuple[str, str]]:
    """Table and column of everything that is stored sealed."""
    return {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, SealedBytes)
    }


def declared() -> list[tuple[str, str]]:
    """Table and column of every field that a noun's models declare."""
    return [(sealed.table.name, column) for sealed in SEALED_TABLES for column in sealed.fields]


def test_every_sealed_column_is_declared_once() -> None:
    assert sealed_columns() - NOT_FIELDS.keys() == set(declared())
    assert max(Counter(declared()).values()) == 1


def test_what_is_no_field_is_still_there() -> None:
    assert NOT_FIELDS.keys() <= sealed_columns()


def test_records_and_revisions_are_columns_of_their_own_table() -> None:
    for sealed in SEALED_TABLES:
        assert sealed.record.table is sealed.table
        assert sealed.revision is None or sealed.revision.table is sealed.table


def test_who_has_revisions_says_so() -> None:
    for sealed in SEALED_TABLES:
        assert (sealed.revision is not None) == ("revision" in sealed.table.c), sealed.table.name


def test_rows_of_a_record_can_be_found_without_reading_the_whole_table() -> None:
    for sealed in SEALED_TABLES:
        indexed = {index.columns[0].name for index in sealed.table.indexes}
        unique = sealed.record.unique or sealed.record.primary_key
        assert unique or sealed.record.name in indexed, sealed.table.name

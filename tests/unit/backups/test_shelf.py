"""The folder of backups: what counts as one, and what is removed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from telehealth.backups import rules
from telehealth.backups.note import BadBackup, Made
from telehealth.backups.rules import KINDS
from telehealth.backups.shelf import Shelf
from telehealth.crypto.note import public_keys

NOW = datetime(2026, 11, 28, 4, 45, 12, tzinfo=UTC)
EMPTY = (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")


def put(shelf: Shelf, at: datetime = NOW) -> Made:
    """A backup with empty archives."""
    made = Made(rules.name_at(at), at, "0006", 7, 12, 0.5, dict.fromkeys(KINDS, EMPTY))
    for kind in KINDS:
        shelf.unfinished(made.name, kind).touch()
    shelf.put(made)
    return made


def test_the_newest_is_found_with_what_its_note_says(shelf: Shelf) -> None:
    assert shelf.newest() is None
    put(shelf, NOW - timedelta(days=1))
    made = put(shelf)
    assert shelf.newest() == made
    for kind in KINDS:
        shelf.must_be_whole(made, kind)


def test_a_note_that_was_changed_moved_or_signed_by_others_is_refused(shelf: Shelf) -> None:
    made = put(shelf)
    note = shelf.folder / f"{made.name}.note"
    text = note.read_text()
    with pytest.raises(BadBackup, match="not as it was signed"):
        replace(shelf, seed=bytes(range(32))).made(made.name)
    with pytest.raises(BadBackup, match="not of this clinic"):
        replace(shelf, clinic="another-clinic").made(made.name)
    (shelf.folder / "backup-20300101T000000Z.note").write_text(text)
    with pytest.raises(BadBackup, match=f"its note is that of {made.name}"):
        shelf.newest()
    note.write_text(text.replace('"rows":12', '"rows":13'))
    with pytest.raises(BadBackup, match="not as it was signed"):
        shelf.made(made.name)
    with pytest.raises(BadBackup, match="There is no backup backup-x"):
        shelf.made("backup-x")


def test_the_note_of_a_former_key_counts(shelf: Shelf) -> None:
    made = put(shelf)
    (public,) = public_keys(shelf.seed)
    assert replace(shelf, seed=bytes(range(32)), former=(public.public_bytes_raw(),)).newest() == made


def test_what_was_kept_long_enough_goes_and_nothing_else(shelf: Shelf) -> None:
    old, middle, new = put(shelf, NOW - timedelta(days=91)), put(shelf, NOW - timedelta(days=29)), put(shelf)
    (shelf.folder / "notes of mine.txt").touch()
    assert shelf.tidy(NOW, data_days=90, key_days=28) == [
        f"{old.name}.data.age",
        f"{old.name}.keys.age",
        f"{old.name}.note",
        f"{middle.name}.keys.age",
    ]
    assert shelf.names() == [new.name, middle.name]
    assert (shelf.folder / "notes of mine.txt").exists()
    assert not shelf.file(middle.name, "keys").exists()

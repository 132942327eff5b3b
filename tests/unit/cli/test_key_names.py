"""`telehealth keys`: a name stands for one key for ever, and what is not finished is named with its command."""

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from telehealth.demo.folder import Folder
from tests.unit.cli.scene import Ask


@pytest.fixture
def ask(ask: Ask) -> Ask:
    """Run one key command on the folder."""
    return partial(ask, "keys")


def the_kek(folder: Folder) -> Path:
    (file,) = (folder.path / "keks").glob("kek-*")
    return file


def test_the_first_key_is_made_once(folder: Folder, ask: Ask) -> None:
    assert ask("new", "--first") == (0, "There is a key already; none was made.\n", "")
    the_kek(folder).unlink()
    code, _, told = ask("new", "--first")
    assert (code, "No key was made." in told) == (1, True)


def test_no_key_is_made_where_a_lost_one_stood(folder: Folder, ask: Ask) -> None:
    lost = the_kek(folder)
    lost.unlink()
    code, _, told = ask("new")
    assert (code, lost.name in told, "No key was made." in told) == (1, True, True)
    assert list(lost.parent.iterdir()) == []


def test_a_destroyed_keys_name_is_not_given_again(folder: Folder, ask: Ask) -> None:
    ask("new", "--month", "203001")
    with closing(sqlite3.connect(folder.path / "clinic.db")) as connection, connection:
        connection.execute(
            "INSERT INTO keks (number, kek_id, state, created_at, destroyed_at) "
            "VALUES (7, 'kek-203001-2', 'destroyed', '2030-01-01 00:00:00.000000', '2030-02-01 00:00:00.000000')"
        )
    assert ask("new", "--month", "203001", "--json")[1] == '{"kek_id": "kek-203001-3"}\n'


def test_a_folder_with_the_name_of_a_key_is_no_key(folder: Folder, ask: Ask) -> None:
    (folder.path / "keks" / "kek-203001-1").mkdir()
    code, said, _ = ask("list")
    assert (code, "kek-203001-1: not used yet, wraps 0 keys, CANNOT BE READ" in said) == (0, True)


def test_what_is_not_finished_is_named_with_its_command(folder: Folder, ask: Ask) -> None:
    with closing(sqlite3.connect(folder.path / "clinic.db")) as connection, connection:
        connection.execute(
            "INSERT INTO rotations (what, before, version) VALUES ('subjects', '2026-01-01 00:00:00.000000', 2)"
        )
    assert "Run: telehealth keys rotate subjects" in ask("list")[1]

"""`telehealth passkey-code`: a code for staff, and an exit code for every other case."""

import json
import sqlite3
from contextlib import closing

from telehealth.demo.folder import Folder
from telehealth.passkeys.vouching import hash_of_code
from tests.unit.cli.scene import asked


def people(folder: Folder, where: str) -> list[str]:
    with closing(sqlite3.connect(folder.path / "clinic.db")) as database:
        return [row[0] for row in database.execute(f"SELECT lower(hex(id)) FROM people WHERE {where}")]


def ask(*arguments: str) -> tuple[int, str]:
    code, said, told = asked("passkey-code", *arguments)
    return code, said + told


def test_a_member_of_staff_gets_a_code(folder: Folder) -> None:
    colleague = people(folder, "role = 'administrator'")[0]
    code, said = ask(colleague, "--data", str(folder.path), "--json")
    assert code == 0
    made = json.loads(said)
    with closing(sqlite3.connect(folder.path / "clinic.db")) as database:
        rows = database.execute("SELECT hash, lower(hex(person_id)), made_by FROM passkey_codes").fetchall()
    assert rows == [(hash_of_code(made["code"]), colleague, None)]
    code, said = ask(colleague, "--data", str(folder.path))
    assert (code, "It works once" in said) == (0, True)
    assert made["code"] not in said


def test_clients_strangers_and_nonsense_get_none(folder: Folder) -> None:
    client = people(folder, "role = 'client'")[0]
    for person, expected in ((client, 1), ("0" * 32, 1), ("abcd", 2), ("x" * 32, 2)):
        assert ask(person, "--data", str(folder.path))[0] == expected
    with closing(sqlite3.connect(folder.path / "clinic.db")) as database:
        assert database.execute("SELECT count(*) FROM passkey_codes").fetchone() == (0,)


def test_a_database_that_cannot_be_used_is_said(folder: Folder) -> None:
    colleague = people(folder, "role = 'therapist'")[0]
    with closing(sqlite3.connect(folder.path / "clinic.db")) as database:
        database.execute("DROP TABLE passkey_codes")
    code, said = ask(colleague, "--data", str(folder.path))
    assert (code, "Nothing half done was kept" in said) == (1, True)

"""`telehealth keys`: its words, its JSON, its exit codes, and that a missing key stops each command in time."""

import base64
import json
import os
import secrets
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from telehealth.app import create_app
from telehealth.audit.rules import OPERATOR, pseudonym
from telehealth.demo.folder import Folder, open_folder
from telehealth.settings import BadSetting, Settings
from tests.unit.cli.scene import PUBLIC_URL, Ask, fill


@pytest.fixture
def ask(ask: Ask) -> Ask:
    """Run one key command on the folder."""
    return partial(ask, "keys")


def the_kek(folder: Folder) -> Path:
    (file,) = (folder.path / "keks").glob("kek-*")
    return file


def rows_of(folder: Folder) -> list[Any]:
    with closing(sqlite3.connect(folder.path / "clinic.db")) as connection:
        return [
            connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
            for table in ("subject_keys", "record_keys", "people", "accounts")
        ] + [connection.execute("SELECT state FROM keks").fetchall()]


def make_month_pass(folder: Folder) -> None:
    """As if every epoch had been emptied a month ago."""
    with closing(sqlite3.connect(folder.path / "clinic.db")) as connection, connection:
        connection.execute("UPDATE keks SET emptied_at = datetime(emptied_at, '-29 days') || '.000000'")


def test_a_whole_life_of_a_key(folder: Folder, ask: Ask) -> None:
    old = the_kek(folder).name
    code, said, _ = ask("new", "--json")
    new = json.loads(said)["kek_id"]
    assert (code, new) == (0, f"{old[:-1]}2")
    code, said, told = ask("rotate")
    assert (code, "none is left" in said, "Wrapping people's keys: " in told) == (0, True, True)
    code, said, _ = ask("list", "--json")
    listed = json.loads(said)
    people = len(folder.accounts)
    assert (code, [(each["kek_id"], each["state"], each["wraps"]) for each in listed["epochs"]]) == (
        0,
        [(old, "decrypt_only", 0), (new, "active", 4 * people)],
    )
    code, _, told = ask("destroy", old, "--yes")
    assert (code, "Backups that need" in told) == (1, True)
    assert the_file(folder, old).exists()
    make_month_pass(folder)
    code, said, _ = ask("destroy", old, "--yes", "--json")
    assert (code, json.loads(said)["again"]) == (0, False)
    assert not the_file(folder, old).exists()
    code, said, _ = ask("destroy", old, "--yes", "--json")
    assert (code, json.loads(said)["again"]) == (0, True)
    assert ask("verify")[0] == 0


@pytest.mark.parametrize("content", ["as it was", "0" * 65])
def test_a_destroyed_key_whose_file_is_still_there_is_told_until_it_is_gone(
    folder: Folder, ask: Ask, content: str
) -> None:
    """The command was killed between its commit and the end of the file."""
    file = the_kek(folder)
    key = file.read_text()
    for command in (["new"], ["rotate"]):
        ask(*command)
    make_month_pass(folder)
    assert ask("destroy", file.name, "--yes")[0] == 0
    file.write_text(key if content == "as it was" else content)
    file.chmod(0o400)
    code, _, told = ask("list")
    assert (code, f"Finish it: telehealth keys destroy {file.name}" in told) == (1, True)
    assert (ask("verify")[0], "its file is still there" in ask("verify")[1]) == (1, True)
    assert ask("destroy", file.name, "--yes")[0] == 0
    assert not file.exists()
    assert (ask("list")[0], ask("verify")[0]) == (0, 0)


def the_file(folder: Folder, kek_id: str) -> Path:
    return folder.path / "keks" / kek_id


def test_everything_is_rotated_and_still_opens(folder: Folder, ask: Ask) -> None:
    ask("new")
    code, said, _ = ask("rotate", "all", "--json")
    done = json.loads(said)
    assert code == 0
    assert [each["what"] for each in done] == [
        "kek",
        "subjects",
        "records",
        "index people.email",
        "index accounts.key",
        "index sessions.sid",
    ]
    assert all(each["remaining"] == 0 for each in done)
    code, said, _ = ask("verify", "--json")
    report = json.loads(said)
    assert (code, report["whole"], report["findings"], report["keyless"]) == (0, True, [], 0)
    assert report["values"] >= 3 * len(folder.accounts)
    assert report["tags"] == 2 * len(folder.accounts)


def test_each_command_says_in_words_what_it_found(folder: Folder, ask: Ask) -> None:
    code, said, _ = ask("list")
    assert (code, "in use" in said, "can be read" in said) == (0, True, True)
    code, said, _ = ask("verify")
    assert (code, said.startswith("Every key opens")) == (0, True)
    code, said, _ = ask("rotate", "index")
    assert (code, "index people.email: " in said) == (0, True)
    code, said, _ = ask("new", "--month", "202712")
    assert (code, said.startswith("kek-202712-1 was made")) == (0, True)
    assert "kek-202712-1: not used yet" in ask("list")[1]


@pytest.mark.parametrize(
    "command",
    [["list"], ["new"], ["rotate"], ["rotate", "all"], ["destroy", "kek-209901-1", "--yes"], ["verify"]],
)
@pytest.mark.parametrize("harm", ["gone", "open to others", "no key", "another key", "folder gone"])
def test_a_key_that_is_missing_or_unreadable_is_named_and_nothing_is_touched(
    folder: Folder, ask: Ask, command: list[str], harm: str
) -> None:
    before = rows_of(folder)
    file = the_kek(folder)
    do_harm(file, harm)
    code, said, told = ask(*command)
    assert code == 1
    assert file.name in told + said
    assert rows_of(folder) == before


def do_harm(file: Path, harm: str) -> None:
    if harm == "gone":
        file.unlink()
    elif harm == "open to others":
        file.chmod(0o444)
    elif harm == "no key":
        file.chmod(0o600)
        file.write_text("x")
    elif harm == "another key":
        file.chmod(0o600)
        file.write_text(secrets.token_hex(32))
    else:
        file.parent.rename(file.parent.parent / "away")


@pytest.mark.parametrize("harm", ["gone", "open to others", "no key", "another key", "folder gone"])
async def test_the_service_does_not_start_without_its_keys(tmp_path: Path, harm: str) -> None:
    made = open_folder(tmp_path / "data")
    await fill(made)
    do_harm(the_kek(made), harm)
    service = create_app(Settings.from_environment(made.environment(PUBLIC_URL)))
    with pytest.raises(BadSetting, match=r"kek-|key-encryption"):
        async with service.router.lifespan_context(service):
            raise AssertionError("it started")


async def test_the_service_does_not_start_with_the_root_of_another_database(tmp_path: Path) -> None:
    made = open_folder(tmp_path / "data")
    await fill(made)
    environment = made.environment(PUBLIC_URL)
    service = create_app(Settings.from_environment(environment))
    async with service.router.lifespan_context(service):
        pass
    del environment["INDEX_ROOT_FILE"]
    environment["INDEX_ROOT"] = base64.b64encode(secrets.token_bytes(32)).decode()
    service = create_app(Settings.from_environment(environment))
    with pytest.raises(BadSetting, match="INDEX_ROOT is not the root"):
        async with service.router.lifespan_context(service):
            raise AssertionError("it started")


def test_an_index_root_of_another_database_stops_the_rotation(
    folder: Folder, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask("rotate", "index")[0] == 0
    monkeypatch.delenv("INDEX_ROOT_FILE")
    monkeypatch.setenv("INDEX_ROOT", base64.b64encode(secrets.token_bytes(32)).decode())
    before = rows_of(folder)
    code, _, told = ask("rotate", "index")
    assert (code, "INDEX_ROOT is not the root" in told) == (1, True)
    assert rows_of(folder) == before
    assert ask("verify")[0] == 1


def test_the_key_in_use_is_not_destroyed(folder: Folder, ask: Ask) -> None:
    file = the_kek(folder)
    code, _, told = ask("destroy", file.name, "--yes")
    assert (code, "the key in use" in told, file.exists()) == (1, True, True)


def test_a_key_is_not_destroyed_unless_somebody_says_yes(folder: Folder, ask: Ask) -> None:
    file = the_kek(folder)
    code, _, told = ask("destroy", file.name)
    assert (code, "for ever?" in told, file.exists()) == (1, True, True)


def test_what_does_not_open_is_named_and_the_exit_code_says_so(folder: Folder, ask: Ask) -> None:
    with closing(sqlite3.connect(folder.path / "clinic.db")) as connection, connection:
        (exchanged, _), (keyless, name) = connection.execute(
            "SELECT id, name FROM people WHERE name IS NOT NULL LIMIT 2"
        ).fetchall()
        connection.execute("UPDATE people SET name = ? WHERE id = ?", (name, exchanged))
        connection.execute("DELETE FROM record_keys WHERE record_id = ?", (keyless,))
    code, said, _ = ask("verify", "--json")
    report = json.loads(said)
    assert (code, report["whole"]) == (1, False)
    assert report["keyless"] >= 2
    assert report["wrong"] == 1 + report["keyless"]
    assert f"people.name of record {exchanged.hex()} does not open." in report["findings"]
    assert f"people.name of record {keyless.hex()} has no key, and nobody was erased." in report["findings"]
    code, said, _ = ask("verify")
    assert (code, said.startswith("Something does not open.")) == (1, True)


def test_a_folder_that_cannot_be_written_to_is_told(
    folder: Folder, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, plain = the_kek(folder).name, os.access
    not_this = lambda path, *more, **named: path != folder.path / "keks" and plain(path, *more, **named)  # noqa: E731
    monkeypatch.setattr(os, "access", not_this)  # root may write anywhere
    for command in (["new"], ["destroy", old, "--yes"]):
        code, _, told = ask(*command)
        assert code == 1
        assert "cannot be written to" in told
    assert the_kek(folder).name == old


def test_a_month_that_is_none_is_a_wrong_command_line(ask: Ask) -> None:
    assert ask("new", "--month", "2026-12")[0] == 2


def test_what_the_key_command_does_is_on_record(folder: Folder, ask: Ask) -> None:
    ask("new")
    ask("rotate")
    with closing(sqlite3.connect(folder.path / "clinic.db")) as connection:
        rows = connection.execute(
            "SELECT type, agent FROM audit_leaves WHERE entity_type = 'keys' ORDER BY ts"
        )
        types, agents = zip(*rows.fetchall(), strict=True)
    assert types == ("keys.new", "keys.rotate.kek.begin", "keys.rotate.kek.end")
    operator = pseudonym(Settings.from_environment(folder.environment(PUBLIC_URL)).pseudonym_key, OPERATOR)
    assert set(agents) == {operator}


def test_a_database_that_was_not_migrated_is_left_alone(
    tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = open_folder(tmp_path / "other")
    for name, value in made.environment(PUBLIC_URL).items():
        monkeypatch.setenv(name, value)
    code, _, told = ask("rotate")
    assert (code, "Run: telehealth migrate" in told) == (1, True)

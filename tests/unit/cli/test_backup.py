"""`telehealth backup`, `restore` and `drill`: their words, their JSON, their exit codes."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from telehealth.cli.drill import _apart
from telehealth.demo.folder import Folder
from telehealth.settings import Settings
from tests.unit.cli.scene import PUBLIC_URL, Ask


def answer_of(ask: Ask, *arguments: str, code: int = 0) -> Any:
    exit_code, said, told = ask(*arguments, "--json")
    assert exit_code == code, told
    return json.loads(said)


def test_a_backup_is_made_tried_and_put_back(
    folder: Folder, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, told = ask("backup")
    assert (code, "BACKUP_RECIPIENTS is missing" in told) == (2, True)
    code, recipient, _ = ask("backup", "key", "--out", "identity")
    assert (code, recipient.startswith("age1")) == (0, True)
    assert ask("backup", "key", "--out", "identity")[0] == 1
    monkeypatch.setenv("BACKUP_RECIPIENTS", recipient.strip())
    code, _, told = ask("backup")
    assert (code, "BACKUP_FOLDER is missing" in told) == (2, True)
    monkeypatch.setenv("BACKUP_FOLDER", "backups")
    code, _, told = ask("backup")
    assert (code, "backups cannot be used" in told) == (1, True)
    (tmp_path / "backups").mkdir()
    code, _, told = ask("backup", "list")
    assert (code, "No backup was made for over a day" in told) == (1, True)

    provider = tmp_path / "identity.db"
    with closing(sqlite3.connect(provider)) as c:
        c.execute('CREATE TABLE "user" AS SELECT 1 AS id')
    monkeypatch.setenv("IDENTITY_DATABASE", str(provider))
    kept_long_enough = [
        "base-20260101T031500Z-20260101T031700Z.age",
        "wal-20260101T031800Z-00000002.history.age",
    ]
    kept_long_enough += [
        f"backup-20260101T031500Z.{end}" for end in ("accounts.age", "data.age", "keys.age", "note")
    ]
    for name in kept_long_enough:
        (tmp_path / "backups" / name).touch()
    made = answer_of(ask, "backup")
    assert (made["rows"] > 100, sorted(made["removed"])) == (True, sorted(kept_long_enough))
    assert not any((tmp_path / "backups" / name).exists() for name in kept_long_enough)
    (listed,) = answer_of(ask, "backup", "list")["backups"]
    assert (listed["name"], listed["there"]) == (
        made["name"],
        {"data": True, "keys": True, "accounts": True},
    )

    person = next(each for each in answer_of(ask, "person", "list") if each["role"] == "client")
    assert ask("person", "erase", person["id"], "--yes")[0] == 0
    tombstones = folder.path / "checkpoints" / "tombstones.note"
    before = tombstones.read_bytes()
    tried = answer_of(ask, "drill", "--identity", "identity")
    assert (tried["whole"], tried["erased_again"], tried["rows"]) == (True, 1, made["rows"])
    assert (tried["opened"] > 0, tried["accounts"]) == (True, 1)
    assert tombstones.read_bytes() == before
    assert not list(folder.path.glob("*-drill"))

    code, _, told = ask("restore", "--identity", "identity")
    assert (code, "The database is not empty" in told) == (1, True)
    for file in folder.path.glob("clinic.db*"):
        file.unlink()
    code, _, told = ask("restore", "--identity", "identity", "--only-accounts")
    assert (code, "is there already, and was left as it is" in told) == (1, True)
    provider.unlink()
    code, said, _ = ask("restore", "--identity", "identity")
    assert (code, provider.exists(), "They were put back into" in said) == (0, True, True)
    assert (code, "Erased once more: 1." in said, "telehealth audit resume" in said) == (0, True, True)
    again = {each["id"]: each for each in answer_of(ask, "person", "list")}
    assert again[person["id"]]["erased"]
    provider.unlink()
    assert answer_of(ask, "restore", "--identity", "identity", "--only-accounts") == {"accounts": 1}


def test_what_cannot_be_restored_is_a_sentence(
    ask: Ask, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("backup", "key", "--out", "identity")
    monkeypatch.setenv("BACKUP_FOLDER", str(folder.path))
    code, _, told = ask("drill", "--identity", "identity")
    assert (code, "There is no backup in" in told) == (1, True)
    code, _, told = ask("wal", "open", "-i", "identity", "--data", "d", "--log", "l", "--until", "2026-11-28")
    assert (code, "a moment has a zone" in told) == (2, True)
    monkeypatch.setenv("BACKUP_RECIPIENTS", "AGE-SECRET-KEY-1QQQ")
    code, _, told = ask("backup")
    assert (code, "BACKUP_RECIPIENTS holds something else" in told) == (2, True)
    monkeypatch.setenv("BACKUP_RECIPIENTS", (folder.path.parent / "identity").read_text().split()[3])
    monkeypatch.setenv("KEY_BACKUP_DAYS", "0")
    code, _, told = ask("backup")
    assert (code, "KEY_BACKUP_DAYS is 0" in told) == (2, True)
    monkeypatch.delenv("KEY_BACKUP_DAYS")
    assert ask("backup")[0] == 0
    shutil.rmtree(folder.path / "keks")
    (folder.path / "keks").mkdir()
    code, _, told = ask("drill", "--identity", "identity")
    assert (code, "kek-" in told, "Nothing was restored" in told) == (1, True, True)


def test_a_drill_has_its_own_database_and_a_copy_of_the_tombstones(folder: Folder, tmp_path: Path) -> None:
    settings = Settings.from_environment(folder.environment(PUBLIC_URL))
    settings.tombstone_file.write_text("of everybody who was erased")
    apart = _apart(settings, "sqlite+aiosqlite:////elsewhere", tmp_path)
    assert apart.database_url == "sqlite+aiosqlite:////elsewhere"
    assert apart.tombstone_file != settings.tombstone_file
    assert apart.tombstone_file.read_text() == "of everybody who was erased"

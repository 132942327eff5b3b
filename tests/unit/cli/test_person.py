"""`telehealth person` and `telehealth retention`: their words, their JSON, their exit codes."""

import asyncio
import json
import sqlite3
import stat
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from telehealth.app import create_app
from telehealth.db import scrubbing
from telehealth.demo.folder import Folder
from telehealth.looks.wording import WORDS
from telehealth.settings import BadSetting, Settings
from tests.unit.cli.scene import PUBLIC_URL, Ask


def a_client(ask: Ask) -> dict[str, Any]:
    code, said, _ = ask("person", "list", "--json")
    assert code == 0
    return next(each for each in json.loads(said) if each["role"] == "client" and each["name"])


def table(folder: Folder, query: str) -> list[Any]:
    with closing(sqlite3.connect(folder.path / "clinic.db")) as connection:
        return connection.execute(query).fetchall()


def wrapped_keys(folder: Folder, person_id: str) -> list[bytes]:
    rows = table(folder, f"SELECT wrapped FROM subject_keys WHERE subject_id = x'{person_id}'")
    return [row[0] for row in rows]


def test_an_erased_persons_keys_are_in_no_byte_of_the_database(folder: Folder, ask: Ask) -> None:
    person_id = a_client(ask)["id"]
    keys = wrapped_keys(folder, person_id)
    files = [folder.path / "clinic.db", folder.path / "clinic.db-wal"]
    assert len(keys) == 4
    assert any(keys[0] in file.read_bytes() for file in files if file.exists())
    code, said, _ = ask("person", "erase", person_id, "--yes", "--json")
    assert code == 0
    assert json.loads(said)["erased"] == ["account", "booking", "clinical", "correspondence"]
    for key in keys:
        assert not any(key in file.read_bytes() for file in files if file.exists())


def test_who_reads_at_the_time_puts_the_rewriting_off_and_that_is_said(
    folder: Folder, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrubbing, "PATIENCE_MS", 50)
    person_id = a_client(ask)["id"]
    with closing(sqlite3.connect(folder.path / "clinic.db", isolation_level=None)) as reader:
        reader.execute("BEGIN").execute("SELECT count(*) FROM people").fetchall()
        code, _, told = ask("person", "erase", person_id, "--yes")
    assert (code, "still holds what was deleted last" in told) == (0, True)
    code, _, told = ask("retention")
    assert (code, "still holds" in told) == (0, False)


def test_the_certificate_is_said_and_written(folder: Folder, ask: Ask, tmp_path: Path) -> None:
    person_id = a_client(ask)["id"]
    code, said, _ = ask("person", "erase", person_id, "--yes", "--certificate", "done.note")
    assert code == 0
    assert f"the keys of {person_id} were destroyed" in said
    note = (tmp_path / "done.note").read_text()
    assert note.startswith("linden-practice/erasures\n")
    tombstones = folder.path / "checkpoints" / "tombstones.note"
    assert tombstones.read_text() == note
    code, _, told = ask("person", "erase", person_id, "--yes")
    assert (code, "already_erased" in told) == (1, True)
    code, said, _ = ask("person", "list", "--json")
    assert [each["erased"] for each in json.loads(said) if each["id"] == person_id] == [True]


def test_a_certificate_writes_over_nothing(folder: Folder, ask: Ask, tmp_path: Path) -> None:
    person_id = a_client(ask)["id"]
    (tmp_path / "done.note").write_text("mine")
    code, _, told = ask("person", "erase", person_id, "--yes", "--certificate", "done.note")
    assert (code, "left alone" in told, (tmp_path / "done.note").read_text()) == (1, True, "mine")
    assert len(wrapped_keys(folder, person_id)) == 4


def test_nobody_is_erased_where_the_certificate_cannot_be_written(folder: Folder, ask: Ask) -> None:
    person_id = a_client(ask)["id"]
    code, _, told = ask("person", "erase", person_id, "--yes", "--certificate", "no/such/folder.note")
    assert (code, told.count("\n"), "Name another file: --certificate" in told) == (1, 1, True)
    assert len(wrapped_keys(folder, person_id)) == 4


def test_no_file_is_left_where_nobody_was_erased_or_exported(ask: Ask, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    assert ask("person", "erase", "00" * 16, "--yes", "--certificate", "done.note")[0] == 1
    assert ask("person", "export", "00" * 16, "--out", "all.zip")[0] == 1
    assert set(tmp_path.iterdir()) == before


def test_an_archive_that_cannot_be_written_is_not_collected(folder: Folder, ask: Ask) -> None:
    person_id = a_client(ask)["id"]
    code, _, told = ask("person", "export", person_id, "--out", "no/such/folder.zip")
    assert (code, "Nothing was done." in told, "Collecting" in told) == (1, True, False)
    assert table(folder, "SELECT count(*) FROM audit_leaves WHERE type = 'person.export'") == [(0,)]


def test_without_a_yes_nothing_is_erased(folder: Folder, ask: Ask) -> None:
    person_id = a_client(ask)["id"]
    assert ask("person", "erase", person_id)[0] == 1
    assert len(wrapped_keys(folder, person_id)) == 4


def test_an_archive_is_written_for_its_owner_alone(ask: Ask, tmp_path: Path) -> None:
    client = a_client(ask)
    code, said, _ = ask("person", "export", client["id"], "--out", "copy.zip", "--json")
    assert (code, json.loads(said)) == (0, {"file": "copy.zip"})
    file = tmp_path / "copy.zip"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as archive:
        assert json.loads(archive.read("data.json"))["profile"]["name"] == client["name"]
    code, _, told = ask("person", "export", client["id"], "--out", "copy.zip")
    assert (code, "was left alone" in told) == (1, True)


def test_what_a_command_does_is_told_to_the_person_as_an_operators(
    folder: Folder, ask: Ask, tmp_path: Path
) -> None:
    person = a_client(ask)
    for command in (("hold", "--class", "booking", "--reason", "File 17"), ("holds",), ("export",)):
        name, *options = command
        out = ["--out", str(tmp_path / "one.zip")] if name == "export" else []
        assert ask("person", name, person["id"], *options, *out)[0] == 0
    ask("person", "export", person["id"], "--out", str(tmp_path / "two.zip"))
    with zipfile.ZipFile(tmp_path / "two.zip") as archive:
        looked = json.loads(archive.read("data.json"))["who_looked"]
    by = {each["what"]: each["who"] for each in looked}
    for what in (WORDS["person.export"], WORDS["hold.set"], WORDS["record.look"]):
        assert by[what] == "somebody at the practice's computer"


def test_a_hold_is_set_shown_and_released(folder: Folder, ask: Ask) -> None:
    person_id = a_client(ask)["id"]
    code, said, _ = ask("person", "hold", person_id, "--class", "booking", "--reason", "File 17", "--json")
    hold_id = json.loads(said)["hold"]
    assert code == 0
    code, said, _ = ask("person", "holds", person_id)
    assert (code, hold_id in said, "File 17" in said) == (0, True, True)
    code, said, _ = ask("person", "erase", person_id, "--yes")
    assert (code, "A legal hold still keeps: booking." in said) == (0, True)
    assert len(wrapped_keys(folder, person_id)) == 1
    code, said, _ = ask("person", "release", hold_id, "--json")
    assert (code, json.loads(said)["erased"]) == (0, ["booking"])
    assert wrapped_keys(folder, person_id) == []
    assert ask("person", "release", hold_id)[0] == 1


def test_an_unknown_class_is_refused(ask: Ask) -> None:
    code, _, told = ask("person", "hold", a_client(ask)["id"], "--class", "all", "--reason", "File 17")
    assert (code, "'correspondence'" in told) == (2, True)


@pytest.mark.parametrize("command", [["export"], ["erase", "--yes"], ["holds"]])
@pytest.mark.parametrize(("person_id", "code"), [("rosa", 2), ("00" * 16, 1)])
def test_an_id_of_nobody_is_refused(ask: Ask, command: list[str], person_id: str, code: int) -> None:
    assert ask("person", command[0], person_id, *command[1:])[0] == code


def test_replay_says_how_many(folder: Folder, ask: Ask) -> None:
    person_id = a_client(ask)["id"]
    backup = (folder.path / "clinic.db").with_name("backup.db")
    with (
        closing(sqlite3.connect(folder.path / "clinic.db")) as source,
        closing(sqlite3.connect(backup)) as target,
    ):
        source.backup(target)
    ask("person", "erase", person_id, "--yes")
    assert ask("person", "replay")[1] == "Nobody had to be erased again.\n"
    for ending in ("", "-wal", "-shm"):
        (folder.path / f"clinic.db{ending}").unlink(missing_ok=True)
    backup.rename(folder.path / "clinic.db")
    assert len(wrapped_keys(folder, person_id)) == 4
    code, said, _ = ask("person", "replay", "--json")
    assert (code, json.loads(said)) == (0, {"erased_again": [person_id]})
    assert wrapped_keys(folder, person_id) == []


async def _start(folder: Folder) -> None:
    service = create_app(Settings.from_environment(folder.environment(PUBLIC_URL)))
    async with service.router.lifespan_context(service):
        pass


def test_the_service_replays_before_it_serves_and_refuses_a_changed_file(folder: Folder, ask: Ask) -> None:
    person_id = a_client(ask)["id"]
    ask("person", "erase", person_id, "--yes")
    with closing(sqlite3.connect(folder.path / "clinic.db")) as connection, connection:
        connection.execute("DELETE FROM erasures")
    asyncio.run(_start(folder))
    assert len(table(folder, "SELECT * FROM erasures")) == 1
    stones = folder.path / "checkpoints" / "tombstones.note"
    stones.write_text(stones.read_text().replace(person_id, "00" * 16))
    with pytest.raises(BadSetting, match="Tombstone 1 in"):
        asyncio.run(_start(folder))
    code, _, told = ask("person", "replay")
    assert (code, "not as it was signed" in told) == (1, True)


def test_without_its_keys_a_command_touches_nothing(folder: Folder, ask: Ask) -> None:
    person_id = a_client(ask)["id"]
    (kek,) = (folder.path / "keks").glob("kek-*")
    kek.rename(folder.path / "kek-elsewhere")
    code, _, told = ask("person", "erase", person_id, "--yes")
    assert (code, "Nothing was changed." in told) == (1, True)
    assert len(wrapped_keys(folder, person_id)) == 4


def test_retention_says_what_went(folder: Folder, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said, _ = ask("retention")
    assert (code, said.startswith("Removed: 0 clients, 0 appointments")) == (0, True)
    monkeypatch.setenv("RETENTION_ACCOUNT_DAYS", "100")
    with closing(sqlite3.connect(folder.path / "clinic.db")) as connection, connection:
        connection.execute("UPDATE people SET created_at = datetime('now', '-101 days') || '.000000'")
    clients = table(folder, "SELECT count(*) FROM people WHERE role = 'client'")[0][0]
    code, said, _ = ask("retention", "--json")
    assert (code, json.loads(said)["account"]) == (0, clients)
    assert clients > 0


def test_retention_refuses_days_that_are_no_number(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETENTION_BOOKING_DAYS", "soon")
    code, _, told = ask("retention")
    assert (code, "RETENTION_BOOKING_DAYS must be a number from 0" in told) == (2, True)

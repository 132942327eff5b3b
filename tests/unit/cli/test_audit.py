"""`telehealth audit`: its words, its JSON and its exit codes."""

import asyncio
import csv
import hashlib
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from telehealth.audit.chain import append_once
from telehealth.crypto.note import public_keys
from telehealth.demo.folder import Folder, open_folder
from telehealth.office import build_office
from telehealth.settings import Settings
from tests.unit.cli.scene import PUBLIC_URL, asked

Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def folder(folder: Folder) -> Folder:
    """A demo's data with a record of some entries."""
    asyncio.run(_chain(folder))
    return folder


async def _chain(folder: Folder) -> None:
    office = build_office(Settings.from_environment(folder.environment(PUBLIC_URL)))
    async with office.database.transaction() as connection:
        await append_once(connection)
    await office.database.close()


@pytest.fixture
def ask() -> Ask:
    def run(*arguments: str) -> tuple[int, str]:
        """The exit code, and what a script reads; where that is nothing, what a person does."""
        code, said, told = asked(*arguments)
        return code, said if code == 0 or "--json" in arguments else said + told

    return run


def test_a_whole_record_is_told_in_words_and_as_json(folder: Folder, ask: Ask) -> None:
    code, said = ask("audit", "verify", "--data", str(folder.path))
    assert (code, said.split(":")[0]) == (0, "The record is whole")
    code, said = ask("audit", "verify", "--data", str(folder.path), "--json")
    report = json.loads(said)
    assert (code, report["whole"], report["findings"]) == (0, True, [])
    assert report["entries"] >= len(folder.accounts)


def test_an_export_as_fhir_has_the_same_entries_and_nothing_sealed(
    folder: Folder, ask: Ask, tmp_path: Path
) -> None:
    exports = {}
    for form in ("--json", "--fhir"):
        out = tmp_path / form
        assert ask("audit", "export", form, "--out", str(out), "--data", str(folder.path))[0] == 0
        exports[form] = [json.loads(line) for line in out.read_text().splitlines()]
    assert {each["resourceType"] for each in exports["--fhir"]} == {"AuditEvent"}
    assert [each["id"] for each in exports["--fhir"]] == [each["entry"]["id"] for each in exports["--json"]]
    assert "detail" not in (tmp_path / "--fhir").read_text()
    code, _ = ask("audit", "export", "--json", "--fhir", "--data", str(folder.path))
    assert code == 2


def test_the_public_half_of_the_audit_key_is_shown_and_is_what_the_setting_takes(
    folder: Folder, ask: Ask
) -> None:
    code, shown = ask("audit", "key", "--data", str(folder.path))
    assert code == 0
    environment = folder.environment(PUBLIC_URL)
    settings = Settings.from_environment(environment | {"AUDIT_KEYS_FORMER": shown})
    (public,) = public_keys(settings.audit_key)
    assert settings.audit_keys_former == (public.public_bytes_raw(),)
    code, shown = ask("audit", "key", "--data", str(folder.path), "--json")
    assert json.loads(shown).keys() == {"audit_key"}


def test_a_changed_entry_is_found_and_the_exit_code_says_so(folder: Folder, ask: Ask) -> None:
    with closing(sqlite3.connect(folder.path / "clinic.db")) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            if "audit" in name:
                connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE audit_leaves SET outcome = 'refused' WHERE rowid = 3")
        connection.execute("UPDATE audit_leaves SET ts = 'garbage' WHERE rowid = 4")
    code, said = ask("audit", "verify", "--data", str(folder.path), "--json")
    report = json.loads(said)
    assert (code, report["whole"]) == (1, False)
    assert [finding["flaw"] for finding in report["findings"]] == ["edited", "edited"]
    code, said = ask("audit", "verify", "--data", str(folder.path))
    assert (code, f"first goes wrong at entry {report['first_bad']}" in said) == (1, True)


def test_the_tail_shows_the_newest_entries_and_no_names(folder: Folder, ask: Ask) -> None:
    code, said = ask("audit", "tail", "-n", "2", "--data", str(folder.path))
    lines = said.splitlines()
    assert (code, len(lines)) == (0, 2)
    assert lines[0].split()[3:5] == ["person.create", "success"]
    assert int(lines[1].split()[0]) == int(lines[0].split()[0]) + 1
    assert not any(account.name.split()[0] in said for account in folder.accounts)
    code, said = ask("audit", "tail", "-n", "1", "--json", "--data", str(folder.path))
    assert json.loads(said)["seq"] == int(lines[1].split()[0])


def test_following_goes_on_until_it_is_interrupted(
    folder: Folder, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted() -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("telehealth.cli.audit._second", interrupted)
    code, said = ask("audit", "tail", "-f", "-n", "1", "--data", str(folder.path))
    assert (code, len(said.splitlines())) == (0, 1)


def test_an_export_is_proven_without_this_program(folder: Folder, ask: Ask, tmp_path: Path) -> None:
    """Nothing but SHA-256 and JSON: what the header of `audit/written.py` promises to an auditor."""
    file = tmp_path / "record.jsonl"
    code, _ = ask("audit", "export", "--json", "--out", str(file), "--data", str(folder.path))
    assert code == 0
    prev = bytes(32)
    for number, text in enumerate(file.read_text().splitlines(), start=1):
        found = json.loads(text)
        canonical = json.dumps(found["entry"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        leaf = hashlib.sha256(b"\x00" + canonical.encode()).digest()
        hash_ = hashlib.sha256(b"\x02" + prev + leaf).digest()
        assert (found["seq"], found["leaf"], found["hash"]) == (number, leaf.hex(), hash_.hex())
        prev = hash_
    _, said = ask("audit", "verify", "--data", str(folder.path), "--json")
    assert prev.hex() == json.loads(said)["head"]


def test_an_export_as_a_table_begins_where_it_is_told(folder: Folder, ask: Ask) -> None:
    code, whole = ask("audit", "export", "--data", str(folder.path))
    rows = list(csv.DictReader(io.StringIO(whole)))
    assert (code, rows[0]["seq"], rows[0]["prev"]) == (0, "1", "0" * 64)
    _, rest = ask("audit", "export", "--after", str(len(rows) - 1), "--data", str(folder.path))
    assert list(csv.DictReader(io.StringIO(rest))) == rows[-1:]


def test_an_export_writes_over_nothing(folder: Folder, ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "there"
    file.write_text("kept")
    code, said = ask("audit", "export", "--out", str(file), "--data", str(folder.path))
    assert (code, "Nothing was written over" in said, file.read_text()) == (1, True, "kept")


@pytest.mark.parametrize("command", ["verify", "tail", "export"])
def test_a_database_that_does_not_answer_is_said(folder: Folder, ask: Ask, command: str) -> None:
    for file in folder.path.glob("clinic.db*"):
        file.write_bytes(b"no database at all")
    code, said = ask("audit", command, "--data", str(folder.path))
    assert (code, "file is not a database. Nothing half done" in said) == (1, True)
    assert "sqlalche" not in said


def test_a_missing_setting_is_named(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    code, said = ask("audit", "verify")
    assert (code, "PUBLIC_URL is missing" in said) == (2, True)


def test_a_folder_that_no_demo_made_is_named(tmp_path: Path, ask: Ask) -> None:
    code, said = ask("audit", "verify", "--data", str(tmp_path))
    assert (code, "not the data folder of a demo" in said) == (2, True)


def test_serve_refuses_a_database_that_was_not_migrated(
    tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = open_folder(tmp_path / "data")
    for name, value in made.environment(PUBLIC_URL).items():
        monkeypatch.setenv(name, value)
    code, said = ask("serve", "--port", str(made.provider_port))
    assert (code, "Run: telehealth migrate" in said) == (1, True)

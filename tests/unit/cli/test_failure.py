"""Whatever stops a command is one sentence with a stable exit code: no traceback, no statement, no password."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from telehealth.cli.main import app
from telehealth.db import schema
from telehealth.demo.folder import Folder, free_port, open_folder
from tests.postgres import Server

Ask = Callable[..., tuple[int, str]]
SOMEBODY = "00" * 16
COMMANDS = [
    ["keys", "list"],
    ["keys", "new"],
    ["keys", "rotate", "all"],
    ["keys", "destroy", "kek-202611-1", "--yes"],
    ["keys", "verify"],
    ["person", "list"],
    ["person", "export", SOMEBODY],
    ["person", "erase", SOMEBODY, "--yes"],
    ["person", "hold", SOMEBODY, "--class", "booking", "--reason", "File 17"],
    ["person", "holds", SOMEBODY],
    ["person", "release", SOMEBODY],
    ["person", "replay"],
    ["audit", "verify"],
    ["audit", "tail"],
    ["audit", "export"],
    ["retention"],
    ["passkey-code", SOMEBODY],
    ["serve"],
]
EVERY = pytest.mark.parametrize("command", COMMANDS, ids=" ".join)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A demo's data without a database."""
    return open_folder(tmp_path / "data")


@pytest.fixture
def ask(folder: Folder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ask:
    """Run one command: exit code, and all it said."""
    for name, value in folder.environment("http://localhost:8000").items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str]:
        port = ["--port", str(free_port())] if arguments[0] == "serve" else []
        answer = CliRunner().invoke(app, [*arguments, *port])
        assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
        return answer.exit_code, answer.output

    return run


@EVERY
def test_without_settings_the_first_that_is_missing_is_named(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.delenv("PUBLIC_URL")
    assert ask(*command) == (
        2,
        "PUBLIC_URL is missing. Set PUBLIC_URL, or PUBLIC_URL_FILE to the file that holds it.\n",
    )


@EVERY
def test_a_database_that_is_not_there_is_said_and_not_made(
    folder: Folder, ask: Ask, command: list[str]
) -> None:
    code, said = ask(*command)
    assert (code, said.count("\n")) == (1, 1), said
    assert "begin a new clinic. Run: telehealth migrate" in said
    assert not (folder.path / "clinic.db").exists()


@EVERY
def test_a_file_that_is_no_database_is_said(folder: Folder, ask: Ask, command: list[str]) -> None:
    (folder.path / "clinic.db").write_bytes(b"a letter to somebody")
    code, said = ask(*command)
    assert (code, said.count("\n"), "file is not a database" in said) == (1, 1, True), said


@pytest.mark.parametrize("command", [*COMMANDS, ["migrate"]], ids=" ".join)
def test_a_server_that_does_not_answer_is_said_without_its_password(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", f"postgresql+asyncpg://clinic:opensesame@127.0.0.1:{free_port()}/clinic"
    )
    code, said = ask(*command)
    assert (code, said.count("\n"), "opensesame" in said) == (1, 1, False), said
    assert "DATABASE_URL says where it is." in said


@pytest.mark.parametrize("command", [["keys", "list"], ["migrate"], ["serve"]], ids=" ".join)
@pytest.mark.parametrize(("role", "name"), [("nobody-here", "postgres"), ("telehealth", "no-such-database")])
def test_what_postgresql_refuses_is_said(
    postgres: Server, ask: Ask, monkeypatch: pytest.MonkeyPatch, command: list[str], role: str, name: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres.url(name).replace("//telehealth@", f"//{role}@"))
    code, said = ask(*command)
    assert (code, said.count("\n"), "does not exist" in said) == (1, 1, True), said


@pytest.mark.parametrize("command", [*COMMANDS, ["migrate"]], ids=" ".join)
def test_a_database_of_a_newer_version_is_left_alone(folder: Folder, ask: Ask, command: list[str]) -> None:
    asyncio.run(schema.upgrade(folder.database_url))
    with closing(sqlite3.connect(folder.path / "clinic.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    code, said = ask(*command)
    assert (code, said.startswith("A newer version of this program"), said.count("\n")) == (1, True, 1)


def test_a_service_that_cannot_start_says_why_in_a_sentence(folder: Folder, ask: Ask) -> None:
    asyncio.run(schema.upgrade(folder.database_url))
    for kek in (folder.path / "keks").iterdir():
        kek.unlink()
    code, said = ask("serve")
    assert (code, said.splitlines()[-1].startswith("No key-encryption key of")) == (1, True)
    assert "Traceback" not in said
    assert "ready" not in said


def test_a_tombstone_file_that_was_changed_stops_the_start_in_a_sentence(folder: Folder, ask: Ask) -> None:
    asyncio.run(schema.upgrade(folder.database_url))
    (folder.path / "checkpoints" / "tombstones.note").write_text("somebody was here\n" * 40)
    code, said = ask("serve")
    assert (code, "Traceback" in said, "tombstones.note" in said.splitlines()[-1]) == (1, False, True), said


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])
@pytest.mark.parametrize(
    ("demo", "address"),
    [("0", "http://localhost:8000"), ("1", "http://localhost:8000"), ("1", "https://localhost")],
)
def test_what_is_for_this_computer_alone_listens_nowhere_else(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, demo: str, address: str, host: str
) -> None:
    monkeypatch.setenv("DEMO", demo)
    monkeypatch.delenv("MAIL_FOLDER")  # the demo's alone
    monkeypatch.setenv("PUBLIC_URL", address)
    code, said = ask("serve", "--host", host)
    assert (code, said.startswith(f"On {host} others reach this service"), said.count("\n")) == (1, True, 1)

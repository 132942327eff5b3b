"""All files or none, never over others, and secrets for one user alone."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from telehealth.cli.main import app
from telehealth.deployment.files import File
from telehealth.deployment.writing import NotWritten, write

FILES = [
    File("secrets/one", "first"),
    File("secrets/two", "second"),
    File(".env", "A='b'\n", is_secret=False),
]
FLAGS = [
    *("--host", "clinic.example", "--name", "Linden", "--zone", "Europe/Berlin", "--tls", "a@clinic.example"),
    *("--administrator", "a@clinic.example", "--relay-host", "", "--user", str(os.geteuid())),
]


def test_secrets_are_one_users_alone(tmp_path: Path) -> None:
    write(tmp_path, FILES, user=os.geteuid())
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == {
        "one": "first",
        "two": "second",
    }
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o400}
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env", "secrets"]


@pytest.mark.parametrize("there", [".env", "secrets"])
def test_what_is_there_is_never_written_over(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("kept")
    with pytest.raises(NotWritten, match="Nothing was written"):
        write(tmp_path, FILES, user=os.geteuid())
    assert [path.read_text() for path in tmp_path.iterdir()] == ["kept"]


def test_somebody_who_could_not_give_the_files_away_is_told_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NotWritten, match="docker compose run --rm init"):
        write(tmp_path, FILES)
    assert not list(tmp_path.iterdir())


def test_the_command_answers_with_the_names_the_ports_and_a_password_made_now(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["init", "--folder", str(tmp_path), *FLAGS])
    assert answer.exit_code == 0, answer.output
    assert "clinic.example, login.clinic.example\n" in answer.stdout
    assert "3478" not in answer.stdout  # without a relay
    password = answer.stdout.partition("password ")[2].split()[0]
    assert password in (tmp_path / "secrets" / "identity_first_account").read_text()
    again = CliRunner().invoke(app, ["init", "--folder", str(tmp_path), *FLAGS])
    assert (again.exit_code, "Nothing was written" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("without", "told"), [("--name", "--name is missing"), ("--zone", "--zone is missing")]
)
def test_where_nobody_can_be_asked_the_flag_is_named(tmp_path: Path, without: str, told: str) -> None:
    at = FLAGS.index(without)
    answer = CliRunner().invoke(app, ["init", "--folder", str(tmp_path), *FLAGS[:at], *FLAGS[at + 2 :]])
    assert (answer.exit_code, told in answer.stderr) == (2, True)
    assert not list(tmp_path.iterdir())

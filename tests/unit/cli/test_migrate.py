"""`telehealth migrate`: the newest schema, and a role that can only add to the record."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from telehealth.cli.main import app
from telehealth.demo.folder import open_folder
from tests.postgres import OWNER, Server

NAME = "test_migrate"
ROLE = "serving"


@pytest.fixture
def data(tmp_path: Path) -> str:
    """A demo's data folder without a database."""
    return str(open_folder(tmp_path / "data").path)


@pytest.fixture
def environment(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings that name an empty PostgreSQL database, and a role beside its owner."""
    folder = open_folder(tmp_path / "data")
    for name, value in folder.environment("http://localhost:8000").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", postgres.url(NAME))
    run(postgres, f"CREATE DATABASE {NAME}", f"CREATE ROLE {ROLE} LOGIN")
    yield
    run(postgres, f"DROP DATABASE {NAME} WITH (FORCE)", f"DROP ROLE {ROLE}")


def run(server: Server, *statements: str, user: str = OWNER, database: str = "postgres") -> None:
    async def connected() -> None:
        connection = await asyncpg.connect(host=str(server.socket_folder), user=user, database=database)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(connected())


def migrate(*arguments: str) -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["migrate", *arguments])
    return answer.exit_code, answer.output


def test_a_new_database_is_brought_up_to_date_and_stays_so(data: str) -> None:
    for _ in range(2):
        assert migrate("--data", data) == (0, "The database is up to date.\n")


def test_sqlite_has_no_roles(data: str) -> None:
    code, said = migrate("--data", data, "--grant", ROLE)
    assert (code, "SQLite has no roles" in said) == (1, True)


def test_the_role_that_serves_may_add_to_the_record_and_change_nothing(
    environment: None, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = migrate("--grant", ROLE)
    assert (code, f"The role {ROLE} may serve it" in said) == (0, True)
    run(postgres, "SELECT count(*) FROM people", user=ROLE, database=NAME)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for table audit_leaves"):
        run(postgres, "TRUNCATE audit_leaves CASCADE", user=ROLE, database=NAME)
    monkeypatch.setenv("APP_ROLE", ROLE)  # at every later migration by itself
    assert migrate()[0] == 0


def test_a_role_that_is_not_there_is_named(environment: None) -> None:
    code, said = migrate("--grant", "nobody_here")
    assert (code, "There is no role nobody_here" in said) == (1, True)

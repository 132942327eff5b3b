"""`telehealth migrate`: the newest schema, and a role that can only add to the record."""

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from telehealth.cli.main import app
from telehealth.db.grants import verifier_of
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


def test_the_role_of_the_services_own_address_is_made_and_given_its_password(
    environment: None, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_DATABASE_URL", f"postgresql+asyncpg://made_here:first@host/{NAME}")
    assert migrate()[0] == 0
    before = kept_of(postgres, "made_here")
    monkeypatch.setenv("APP_DATABASE_URL", f"postgresql+asyncpg://made_here:second@host/{NAME}")
    assert migrate()[0] == 0
    assert kept_of(postgres, "made_here") != before
    run(postgres, "SELECT count(*) FROM people", user="made_here", database=NAME)
    run(postgres, "DROP OWNED BY made_here", database=NAME)
    run(postgres, "DROP ROLE made_here")


def test_postgresql_keeps_of_a_password_what_we_would_have_sent(postgres: Server) -> None:
    run(postgres, "CREATE ROLE asked LOGIN PASSWORD 'a word'")
    kept = kept_of(postgres, "asked")
    salt = base64.b64decode(kept.split("$")[1].split(":")[1])
    assert verifier_of("a word", salt) == kept
    run(postgres, "DROP ROLE asked")


@pytest.mark.parametrize(
    "url", ["nothing", "postgresql+asyncpg://host/x", "postgresql+asyncpg://role@host/x"]
)
def test_an_address_without_a_role_and_its_password_is_refused(
    data: str, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("APP_DATABASE_URL", url)
    code, said = migrate("--data", data)
    assert (code, "APP_DATABASE_URL" in said) == (2, True)


def kept_of(server: Server, role: str) -> str:
    async def asked() -> str:
        connection = await asyncpg.connect(host=str(server.socket_folder), user=OWNER, database="postgres")
        try:
            return str(
                await connection.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = $1", role)
            )
        finally:
            await connection.close()

    return asyncio.run(asked())


def test_a_role_that_is_not_there_is_named(environment: None) -> None:
    code, said = migrate("--grant", "nobody_here")
    assert (code, "There is no role nobody_here" in said) == (1, True)

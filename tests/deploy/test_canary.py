"""A canary planted in every sealed field is found in no file: not in the database, its log, its backups, nor ours.

Each word is really there, since it comes out when its field is opened; and the search would find it, since it finds
what stands in clear beside it.
"""

import asyncio
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from telehealth.office import SEALED_TABLES
from telehealth.person import Person
from telehealth.settings import Settings
from tests.deploy.canary.clinic import Clinic, logged, read_figures, running_clinic
from tests.deploy.canary.planting import CONTROL, come_often, fail, plant
from tests.deploy.canary.proof import DETAIL, moved_values_that_open, planted_fields
from tests.deploy.canary.search import MARKER, files_under, holding, leaks_under
from tests.postgres import OWNER, Server, programs, running_server
from tests.valkey import Valkey, running_valkey

LOG_EVERYTHING = ("log_statement=all", "log_parameter_max_length=-1", "log_parameter_max_length_on_error=-1")


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    with running_valkey() as running:
        yield running


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Server]:
    """A server of this test's own, which writes every statement and every value of it into its log."""
    with running_server(*LOG_EVERYTHING, log=tmp_path / "postgres.log") as server:
        yield server


COMMANDS = (
    ("keys", "new"),
    ("keys", "rotate", "all"),
    ("keys", "list", "--json"),
    ("keys", "verify"),
    ("audit", "verify"),
    ("audit", "tail"),
    ("audit", "export"),
)


def sealed_fields() -> set[str]:
    return {f"{sealed.table.name}.{column}" for sealed in SEALED_TABLES for column in sealed.fields} | {
        DETAIL
    }


def planted(clinic: Clinic) -> Person:
    """Plant, and make sure that no sealed field was left out and that nothing opens elsewhere; returns the client."""

    async def filled() -> tuple[Person, set[str]]:
        try:
            client = await plant(clinic)
            await fail(clinic)
            key = Settings.from_environment(clinic.environment).pseudonym_key
            found = await planted_fields(clinic.office, key)
            assert await moved_values_that_open(clinic.office) == []
            await come_often(clinic)
            return client, found
        finally:
            await clinic.office.database.close()

    client, found = asyncio.run(filled())
    assert found == sealed_fields()
    return client


def read_in_clear(clinic: Clinic, client: Person, outside: Path) -> None:
    """What the administrator's commands about a person say is in clear, as it must be: a copy in a file that was
    asked for, names and reasons on the screen. None of it may stay behind anywhere else."""
    copy = outside / "copy.zip"
    exported = clinic.run("person", "export", client.id.hex(), "--out", str(copy))
    assert exported.returncode == 0, exported.stderr
    with zipfile.ZipFile(copy) as archive:
        assert all(MARKER.encode() in archive.read(name) for name in ("data.json", "index.html"))
    for arguments in (("list",), ("list", "--json"), ("holds", client.id.hex())):
        answer = clinic.run("person", *arguments)
        assert answer.returncode == 0, answer.stderr
        assert MARKER in answer.stdout, arguments
        assert MARKER not in answer.stderr


def erased(clinic: Clinic, client: Person) -> None:
    """Erase the client as far as the legal holds allow, which leaves a tombstone outside the database."""
    settings, certificate = Settings.from_environment(clinic.environment), clinic.folder / "certificate"
    reason = ("--reason", f"{MARKER}15")
    for arguments in (
        ("hold", client.id.hex(), "--class", "booking", *reason),
        ("erase", client.id.hex(), "--yes", "--certificate", str(certificate)),
        ("replay",),
    ):
        answer = clinic.run("person", *arguments)
        assert answer.returncode == 0, answer.stderr
        assert MARKER not in answer.stdout + answer.stderr
    assert clinic.run("retention").returncode == 0
    assert {certificate, settings.tombstone_file} <= set(files_under(clinic.folder))
    assert settings.checkpoint_file in files_under(clinic.folder)
    assert clinic.run("audit", "verify").returncode == 0


def saved(valkey: Valkey) -> None:
    """Write the dump while there is something in it."""
    assert valkey.keys()
    valkey.save()


def run_commands(clinic: Clinic, folder: Path) -> None:
    """Make every key anew, which writes every field again, and keep what the administrator's commands print."""
    for arguments in COMMANDS:
        answer = clinic.run(*arguments)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        (folder / "-".join(arguments)).write_text(answer.stdout + answer.stderr)


def test_no_file_of_a_clinic_on_sqlite_holds_a_planted_word(tmp_path: Path, valkey: Valkey) -> None:
    folder, backups, outside = (tmp_path / name for name in ("clinic", "backups", "outside"))
    backups.mkdir()
    outside.mkdir()
    with running_clinic(folder, valkey.url) as clinic:
        client = planted(clinic)
        saved(valkey)
        # What is written ahead stands in a file of its own as long as the service runs.
        assert (folder / "clinic.db-wal").stat().st_size > 0
        assert {folder / "clinic.db-wal", folder / "clinic.db"} & set(holding(folder, CONTROL))
        assert leaks_under(folder) == []
        back_up_sqlite(folder / "clinic.db", backups)
        run_commands(clinic, backups)
        read_in_clear(clinic, client, outside)
        erased(clinic, client)
        lines = logged(clinic)
        assert {"error", "critical"} & {line.get("level") for line in lines}
        assert {line["route"] for line in lines if line["event"] == "answered"} > {"/holds/{id}", "/profile"}
        assert "telehealth_bookings_total" in read_figures(clinic)
    assert folder / "clinic.db" in holding(folder, CONTROL)
    for name in ("backup.db", "vacuumed.db", "dump.sql"):
        assert backups / name in holding(backups, CONTROL)
    for searched in (folder, backups, valkey.folder):
        assert files_under(searched)
        assert leaks_under(searched) == []


def back_up_sqlite(file: Path, backups: Path) -> None:
    """Every way in which SQLite is backed up."""
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(backups / "backup.db")) as copy:
        source.backup(copy)
        source.execute("VACUUM INTO ?", (str(backups / "vacuumed.db"),))
        (backups / "dump.sql").write_text("\n".join(source.iterdump()))
    for kept in file.parent.glob("clinic.db*"):
        shutil.copy(kept, backups / f"copied-{kept.name}")


def test_no_file_of_a_clinic_on_postgresql_holds_a_planted_word(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, valkey: Valkey, postgres: Server
) -> None:
    folder, backups, data = tmp_path / "clinic", tmp_path / "backups", postgres.socket_folder / "data"
    backups.mkdir()
    with running_clinic(folder, valkey.url, postgres.url("postgres")) as clinic:
        client = planted(clinic)
        saved(valkey)
        asyncio.run(checkpoint(postgres))
        assert any("base" in path.parts for path in holding(data, CONTROL))
        assert any("pg_wal" in path.parts for path in holding(data, CONTROL))
        back_up_postgres(postgres, backups)
        run_commands(clinic, backups)
        read_in_clear(clinic, client, tmp_path_factory.mktemp("outside"))
        erased(clinic, client)
        for searched in (folder, data, backups, valkey.folder):
            assert files_under(searched)
            assert leaks_under(searched) == []
    assert {backups / "dump.sql", backups / "restored.sql"} <= set(holding(backups, CONTROL))
    log = tmp_path / "postgres.log"
    assert "INSERT INTO people" in log.read_text()
    assert log in holding(tmp_path, CONTROL)  # it really has every value of every statement
    assert leaks_under(tmp_path) == []


async def checkpoint(server: Server) -> None:
    """Have everything written to the files."""
    connection = await asyncpg.connect(host=str(server.socket_folder), user=OWNER, database="postgres")
    try:
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def back_up_postgres(server: Server, backups: Path) -> None:
    """A dump in each form, and a copy of the whole server with its log that was written ahead."""
    around = ["-h", str(server.socket_folder), "-U", OWNER]
    commands = [
        ["pg_dump", *around, "-f", str(backups / "dump.sql"), "postgres"],
        ["pg_dump", *around, "-Fc", "-f", str(backups / "dump.custom"), "postgres"],
        ["pg_restore", "-f", str(backups / "restored.sql"), str(backups / "dump.custom")],
        ["pg_basebackup", *around, "-D", str(backups / "base"), "-X", "stream", "-c", "fast"],
    ]
    for command in commands:
        subprocess.run([programs() / command[0], *command[1:]], check=True, capture_output=True, timeout=120)

"""The restore drill with the real commands, on both databases: back up, erase, lose the database, restore, start."""

import asyncio
import base64
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from telehealth.demo import bookings, seed
from telehealth.demo.folder import Folder, free_port, open_folder
from telehealth.office import build_office
from telehealth.settings import Settings
from tests.deploy.running import READY_SECONDS, RunningDemo
from tests.postgres import OWNER, Server

TELEHEALTH = Path(sys.executable).with_name("telehealth")
_names = count()


@dataclass(frozen=True)
class Site:
    """What clinic IT has: settings in the environment, and a folder for backups."""

    environment: dict[str, str]
    folder: Path
    people: Folder
    server: Server | None

    @property
    def database(self) -> str:
        return self.environment["DATABASE_URL"].partition("?")[0].rpartition("/")[2]

    def run(self, *arguments: str, code: int = 0) -> str:
        """One command's standard output; it must end with `code` and without a traceback."""
        done = subprocess.run(
            [TELEHEALTH, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=READY_SECONDS,
            check=False,
        )
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stdout + done.stderr
        return done.stdout

    def clients(self) -> list[dict[str, Any]]:
        listed = json.loads(self.run("person", "list", "--json"))
        return [each for each in listed if each["role"] == "client"]

    @contextmanager
    def serving(self) -> Iterator[RunningDemo]:
        """`telehealth serve`, until it said that it is ready."""
        self.folder.mkdir(exist_ok=True)
        service = RunningDemo(
            [str(TELEHEALTH), "serve", "--port", str(free_port())], self.folder, self.environment
        )
        try:
            service.wait_until_ready()
            yield service
            assert service.stop() == 0
        finally:
            if service.process.poll() is None:
                service.process.kill()
                service.process.wait()

    def back_up(self) -> None:
        if self.server is None:
            with (
                closing(sqlite3.connect(self._file)) as source,
                closing(sqlite3.connect(self._backup)) as target,
            ):
                source.backup(target)
        else:
            self._postgres("pg_dump", "-Fc", "-f", str(self._backup), self.database)

    def restore(self) -> None:
        """Into an empty place: nothing of the lost database is there any more."""
        if self.server is None:
            for file in self._file.parent.glob(f"{self._file.name}*"):
                file.unlink()
            shutil.copy(self._backup, self._file)
        else:
            self._postgres("dropdb", self.database)
            self._postgres("createdb", self.database)
            self._postgres("pg_restore", "-d", self.database, str(self._backup))

    def _postgres(self, command: str, *arguments: str) -> None:
        assert self.server is not None
        where = ["-h", str(self.server.socket_folder), "-U", OWNER]
        subprocess.run([command, *where, *arguments], check=True, cwd=self.folder, timeout=READY_SECONDS)

    @property
    def _file(self) -> Path:
        return self.people.path / "clinic.db"

    @property
    def _backup(self) -> Path:
        return self.people.path / "backup"


def production(people: Folder) -> dict[str, str]:
    """The settings of a clinic that is no demo, with a demo's keys."""
    settings = people.environment("https://clinic.example") | {"DEMO": "0"}
    del settings["MAIL_FOLDER"]  # the demo's alone
    settings["PROVIDERS"] = json.dumps(
        [
            {
                "id": "practice",
                "name": "Practice",
                "issuer": "https://id.clinic.example",
                "client_id": "telehealth",
                "client_secret": base64.b64encode(secrets.token_bytes(24)).decode(),
            }
        ]
    )
    return settings


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    """A clinic with its people and their appointments, set up by the commands that clinic IT uses."""
    people = open_folder(tmp_path / "data")
    settings = production(people)
    server: Server | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        settings["DATABASE_URL"] = server.url(f"restore_{next(_names)}")
    made = Site({**os.environ, **settings}, tmp_path / "service", people, server)
    made.folder.mkdir()
    if server is not None:
        made._postgres("createdb", made.database)
    made.run("migrate")
    asyncio.run(_fill(made))
    return made


async def _fill(site: Site) -> None:
    office = build_office(Settings.from_environment(site.environment))
    try:
        await bookings.book_ahead(office, await seed.clinic(office, site.people))
    finally:
        await office.database.close()


def test_a_restored_backup_knows_no_erased_person_and_says_what_is_lost(site: Site) -> None:
    with site.serving():
        pass
    site.back_up()
    erased, *others = site.clients()
    site.run("person", "erase", erased["id"], "--yes")
    with site.serving():
        pass
    site.run("audit", "verify")

    site.restore()
    assert site.clients()[0]["name"] == erased["name"]  # what a thief of the backup with the keys would see
    with site.serving() as service:
        said = "\n".join(service.answered)
        assert said.index("erased once more") < said.index("ready: ")
        assert "telehealth audit resume" in said
        after = {each["id"]: each for each in site.clients()}
    assert (after[erased["id"]]["name"], after[erased["id"]]["erased"]) == ("", True)
    assert [after[each["id"]]["name"] for each in others] == [each["name"] for each in others]

    site.run("audit", "verify", code=1)
    site.run("audit", "resume", "--yes")
    assert "were lost with a backup that was restored" in site.run("audit", "verify")
    site.run("audit", "resume", "--yes", code=1)
    site.run("keys", "verify")
    assert "Nobody had to be erased again" in site.run("person", "replay")
    with site.serving():
        pass
    site.run("audit", "verify")

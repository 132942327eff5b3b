"""PostgreSQL goes back to a moment between two bookings, from a base backup and its log, both sealed meanwhile."""

import asyncio
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from telehealth.demo import bookings, seed
from telehealth.demo.clinic import BOOKINGS
from telehealth.demo.folder import open_folder
from telehealth.office import build_office
from telehealth.person import Person
from telehealth.settings import Settings
from tests.deploy.composed import FILES, services
from tests.deploy.test_restore import TELEHEALTH, Site, production
from tests.postgres import OWNER, OwnServer, programs

SECONDS = 60


@pytest.fixture
def archiving() -> Iterator[OwnServer]:
    """A server that hands its log on by the very command of the compose file."""
    told = services(FILES[0])["postgres"]["command"]
    (command,) = (each for each in told if each.startswith("archive_command="))
    made = OwnServer("archive_mode=on", "synchronous_commit=on")
    made._settings += (command.replace("/wal/", f"{made.folder}/spool/"),)
    spool = made.folder / "spool"
    spool.mkdir()
    made.own(spool)
    yield made
    made.remove()


@pytest.fixture
def site(archiving: OwnServer, tmp_path: Path) -> Site:
    people = open_folder(tmp_path / "data")
    server = archiving.start()
    settings = production(people) | {
        "DATABASE_URL": server.url("postgres"),
        "BACKUP_FOLDER": str(tmp_path / "backups"),
    }
    (tmp_path / "backups").mkdir()
    made = Site({**os.environ, **settings}, tmp_path / "service", people, server)
    made.environment["BACKUP_RECIPIENTS"] = made.run("backup", "key", "--out", str(tmp_path / "key")).strip()
    made.run("migrate")
    return made


async def book(site: Site, number: int) -> None:
    """One of the demo's appointments; its people first."""
    office = build_office(Settings.from_environment(site.environment))
    try:
        members: dict[str, Person] = await seed.clinic(office, site.people)
        await office.act(members["desk"], lambda work: bookings._book(work, BOOKINGS[number], members))
    finally:
        await office.database.close()


def booked(site: Site) -> int:
    return int(asked(site, "SELECT count(*) FROM appointments"))


def asked(site: Site, query: str) -> str:
    async def ask() -> str:
        assert site.server is not None
        c = await asyncpg.connect(host=str(site.server.socket_folder), user=OWNER, database="postgres")
        try:
            return str(await c.fetchval(query))
        finally:
            await c.close()

    return asyncio.run(ask())


def wait_until(site: Site, query: str, answer: str) -> None:
    ends = time.monotonic() + SECONDS
    while asked(site, query) != answer:
        assert time.monotonic() < ends, query
        time.sleep(0.1)


def take_base(site: Site) -> None:
    assert site.server is not None
    where = ["-h", str(site.server.socket_folder), "-U", OWNER]
    command = [str(programs() / "pg_basebackup"), *where, "-D", "-", "-Ft", "-X", "fetch", "-c", "fast"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=site.folder.parent) as made:
        subprocess.run([TELEHEALTH, "wal", "base"], env=site.environment, stdin=made.stdout, check=True)
    assert made.returncode == 0


def test_a_database_goes_back_to_a_moment_between_two_bookings(
    site: Site, archiving: OwnServer, tmp_path: Path
) -> None:
    spool, data = archiving.folder / "spool", archiving.folder / "data"
    asyncio.run(book(site, 0))
    take_base(site)
    asyncio.run(book(site, 1))
    with site.serving():  # which signs the record's head
        pass
    between = datetime.now(UTC)
    asyncio.run(book(site, 2))
    erased = site.clients()[0]
    site.run("person", "erase", erased["id"], "--yes")
    assert booked(site) == 3
    last = asked(site, "SELECT pg_walfile_name(pg_switch_wal())")
    wait_until(site, f"SELECT last_archived_wal >= '{last}' FROM pg_stat_archiver", "True")
    site.run("wal", "keep", str(spool), "--once")
    assert list(spool.iterdir()) == []
    kept = sorted((tmp_path / "backups").iterdir())
    assert re.fullmatch(r"base-\S+\.age", kept[0].name)
    assert len(kept) > 2
    assert not any(b"appointments" in file.read_bytes() for file in kept)
    archiving.stop()
    shutil.rmtree(data)

    log = archiving.folder / "log"
    back = ["--data", str(data), "--log", str(log), "--until", between.isoformat()]
    site.run("wal", "open", "--identity", str(tmp_path / "key"), *back)
    for folder in (data, log):
        archiving.own(folder)
    archiving.start()
    wait_until(site, "SELECT pg_is_in_recovery()", "False")
    assert booked(site) == 2
    said = site.run("wal", "settle")
    assert "Erased once more: 1." in said
    assert {each["id"]: each["erased"] for each in site.clients()}[erased["id"]]
    with site.serving():
        pass
    site.run("audit", "verify")

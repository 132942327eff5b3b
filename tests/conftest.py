"""What every test may ask for: both databases, an office whose clock stands still, and the clinic with its people."""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from telehealth.app import SUBJECT_FINDERS
from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.db.engine import Database
from telehealth.keys.keyring import Keyring
from tests.clock import FakeClock
from tests.people import Clinic, make_clinic
from tests.postgres import Server, running_server
from tests.schema import fresh_postgres, fresh_sqlite, postgres_template, sqlite_template

_names = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for the whole run, started when the first test needs it."""
    with running_server() as server:
        postgres_template(server)
        yield server


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with nothing but the schema."""
    return sqlite_template(tmp_path_factory.mktemp("schema"))


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_database(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[], AbstractAsyncContextManager[Database]]:
    """How to open a database of one kind; the templates are made here, before the test's event loop runs."""
    if request.param == "sqlite":
        return partial(fresh_sqlite, request.getfixturevalue("sqlite_file"), tmp_path)
    return partial(fresh_postgres, request.getfixturevalue("postgres"), f"test_{next(_names)}")


@pytest.fixture
async def database(
    fresh_database: Callable[[], AbstractAsyncContextManager[Database]],
) -> AsyncIterator[Database]:
    """An empty database with the schema: every test that asks for it runs on both kinds."""
    async with fresh_database() as opened:
        yield opened


@pytest.fixture
def clock() -> FakeClock:
    """Monday 23 November 2026, 08:00 UTC, until the test moves it."""
    return FakeClock()


@pytest.fixture
def office(database: Database, clock: FakeClock, tmp_path: Path) -> Office:
    """An office with real keys in a folder, a clock that stands still and chance that repeats itself."""
    return new_office(database, tmp_path, clock)


def new_office(database: Database, folder: Path, clock: FakeClock) -> Office:
    """The same on a database of one's own; its keys go into a folder of that folder."""
    keys = folder / "keks"
    keys.mkdir()
    keks = FileKeks(keys)
    keks.create(clock())
    chance = random.Random(20261123).randbytes
    ring = Keyring(keks, clinic="test-clinic", index_root=bytes(range(32)), chance=chance)
    return Office(
        database,
        ring,
        clock=clock,
        chance=chance,
        pseudonym_key=bytes(range(32, 64)),
        subject_finders=SUBJECT_FINDERS,
    )


@pytest.fixture
async def clinic(office: Office) -> Clinic:
    """The named people, their services and hours, in the database of `office`."""
    return await make_clinic(office)

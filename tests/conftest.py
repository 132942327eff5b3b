"""What every test may ask for: both databases, an office whose clock stands still, and the clinic with its people."""

import faulthandler
import gc
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from telehealth.audit.office import Office
from telehealth.db.engine import Database
from tests.clock import FakeClock
from tests.coturn import Coturn, running_coturn
from tests.furnished import Furnished, FurnishedDatabase, furnish, new_office
from tests.people import Clinic, make_clinic
from tests.postgres import Server, running_server
from tests.schema import copy_of_template, fresh_postgres, fresh_sqlite, postgres_template, sqlite_template

_names = count()
END_SECONDS = 60


def pytest_configure() -> None:
    """What is collected stays until the end: nobody looks through it for what could go, neither now nor later."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """A thread that no test ended, such as a decoder's, would keep this process for ever: it ends, and says where each
    thread stands."""
    faulthandler.dump_traceback_later(END_SECONDS, exit=True, file=2)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for the whole run, started when the first test needs it."""
    with running_server() as server:
        postgres_template(server)
        yield server


@pytest.fixture(scope="session")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    """One TURN server for the whole run."""
    with running_coturn(tmp_path_factory.mktemp("coturn")) as made:
        yield made


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with nothing but the schema."""
    return sqlite_template(tmp_path_factory.mktemp("schema"))


@pytest.fixture(scope="session")
def furnished_sqlite(sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    """A database file with the clinic in it."""
    folder = tmp_path_factory.mktemp("furnished")
    file = folder / "template.db"
    shutil.copyfile(sqlite_file, file)
    return furnish(f"sqlite+aiosqlite:///{file}", str(file), folder)


@pytest.fixture(scope="session")
def furnished_postgres(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    """A database of the server with the clinic in it."""
    url = copy_of_template(postgres, "furnished")
    return furnish(url, "furnished", tmp_path_factory.mktemp("furnished"))


@pytest.fixture
def furnished() -> None:
    """Whoever asks for the clinic gets a database in which it is already, where the test has none of its own."""


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_database(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[], AbstractAsyncContextManager[Database]]:
    """How to open a database of one kind; the templates are made here, before the test's event loop runs."""
    is_furnished = "furnished" in request.fixturenames
    if request.param == "sqlite":
        if is_furnished:
            made: Furnished = request.getfixturevalue("furnished_sqlite")
            return partial(fresh_sqlite, Path(made.template), tmp_path, made.opened)
        return partial(fresh_sqlite, request.getfixturevalue("sqlite_file"), tmp_path)
    server, name = request.getfixturevalue("postgres"), f"test_{next(_names)}"
    if is_furnished:
        made = request.getfixturevalue("furnished_postgres")
        return partial(fresh_postgres, server, name, made.template, made.opened)
    return partial(fresh_postgres, server, name)


@pytest.fixture
async def database(
    fresh_database: Callable[[], AbstractAsyncContextManager[Database]],
) -> AsyncIterator[Database]:
    """A database with the schema, and empty unless the clinic is asked for: every test that asks for it runs on both
    kinds."""
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


@pytest.fixture
async def clinic(furnished: None, office: Office) -> Clinic:
    """The named people, their services and hours, in the database of `office`."""
    return Clinic() if isinstance(office.database, FurnishedDatabase) else await make_clinic(office)

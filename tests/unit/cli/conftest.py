"""Commands run inside the test's process; what `serve` sets for all of its own is put back."""

import asyncio
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from telehealth.demo.folder import Folder, open_folder
from tests.unit.cli.scene import PUBLIC_URL, Ask, asked, fill


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command that sends the logs somewhere must not leave them there for the next test."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's data with its people, which nobody changes."""
    made = open_folder(tmp_path_factory.mktemp("filled") / "data")
    asyncio.run(fill(made))
    return made.path


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Folder:
    """A demo's data with its people."""
    shutil.copytree(filled, tmp_path / "data")
    return open_folder(tmp_path / "data")


@pytest.fixture
def ask(folder: Folder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ask:
    """Run one command on the folder: exit code, standard output, standard error."""
    for name, value in folder.environment(PUBLIC_URL).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return asked

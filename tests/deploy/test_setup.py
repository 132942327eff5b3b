"""Setting up: what is missing is named with the exact command, and what is there already takes no time."""

import importlib.util
import os
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def setup() -> ModuleType:
    """scripts/setup.py as a module."""
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "scripts" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_without_root_the_missing_package_is_named_with_the_command(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit) as stopped:
        setup.need_packages("python3.12-venv", why="Python's venv module")
    assert "Python's venv module is missing" in str(stopped.value)
    assert "sudo apt-get install -y --no-install-recommends python3.12-venv" in str(stopped.value)


def test_as_root_it_is_installed(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(setup.shutil, "which", lambda _name: "/usr/bin/apt-get")
    monkeypatch.setattr(setup.subprocess, "run", lambda command, **_: ran.append(command))
    setup.need_packages("build-essential", why="A compiler")
    assert [command[1] for command in ran] == ["update", "install"]
    assert ran[1][-1] == "build-essential"


def test_another_lock_or_python_means_another_environment(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = setup.fingerprint("requirements.txt")
    assert setup.fingerprint("requirements.txt") == before
    assert setup.fingerprint("requirements-test.txt") != before
    monkeypatch.setattr(setup.sys, "version", "3.99.0")
    assert setup.fingerprint("requirements.txt") != before


def test_an_environment_that_is_up_to_date_is_left_alone(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".installed").write_text(setup.fingerprint("requirements.txt"))
    monkeypatch.setattr(setup, "works", lambda _python: True)
    monkeypatch.setattr(setup, "STAMPS", {name: tmp_path / file.name for name, file in setup.STAMPS.items()})
    monkeypatch.setattr(setup, "run", pytest.fail)
    assert setup.main("requirements.txt") == 0
    assert not setup.is_installed("requirements-test.txt", setup.fingerprint("requirements-test.txt"))


def test_packages_the_tests_need_are_named_without_root(tmp_path: Path) -> None:
    """With a path on which nothing is found but the shell's own tools, and an `id` that says 1000."""
    for tool in ("bash", "env"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    (tmp_path / "id").write_text("#!/bin/bash\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    asked = subprocess.run(
        [ROOT / "scripts" / "packages"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 1
    assert "chromium" in asked.stderr
    assert "sudo apt-get install -y --no-install-recommends" in asked.stderr

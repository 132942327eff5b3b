"""The wheel is whole: in an empty environment outside the checkout it runs the demo with its pages and migrations."""

import os
import subprocess
import sys
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from tests.deploy.running import demo_running, gone

ROOT = Path(__file__).resolve().parents[2]
CARRIED = (
    "frontend/templates/layout.html",
    "frontend/templates/opening/index.html",
    "frontend/static/css/tokens.css",
    "frontend/static/js/room/protocol.js",
    "telehealth/db/migrations/env.py",
    "telehealth/identity/theme/base.html",
    "telehealth/py.typed",
    "signaling/PROTOCOL.md",
)

INSTALL_SECONDS = 240


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that the checkout stays as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, tracked.stdout.split("\0")):
        if (ROOT / name).is_file():
            copy = folder / "source" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*build, str(folder / "source")], check=True, capture_output=True, timeout=INSTALL_SECONDS)
    (made,) = folder.glob("*.whl")
    return made


def test_it_carries_pages_migrations_and_the_protocol(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in CARRIED if name not in names]
    assert [name for name in names if name.startswith("telehealth/db/migrations/versions/0")]
    assert not [name for name in names if name.startswith(("tests/", "bench/"))]


def test_the_demo_runs_from_it_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    python = installed(wheel, tmp_path / "environment")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    port = str(29000 + os.getpid() % 900)
    command = [str(python.parent / "telehealth"), "demo", "--data", str(tmp_path / "data"), "--port", port]
    with demo_running(command, tmp_path / "elsewhere", environment) as demo:
        url = demo.wait_until_ready()
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert "<title>" in answer.read().decode()
        children = demo.children()
        assert demo.stop() == 0
        assert len(children) == 1
        assert all(gone(pid) for pid in children)


def installed(wheel: Path, folder: Path) -> Path:
    """The Python of a new environment with the locked dependencies and the wheel, and nothing of the checkout."""
    venv.create(folder)
    python = folder / "bin" / "python"
    # Our own pip puts them there, and nothing is compiled that the demo does not load.
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--quiet", "--disable-pip-version-check"]
    pip += ["install", "--no-compile"]
    for what in (["--require-hashes", "-r", str(ROOT / "requirements.txt")], [str(wheel)]):
        subprocess.run([*pip, "--no-deps", *what], check=True, timeout=INSTALL_SECONDS)
    return python

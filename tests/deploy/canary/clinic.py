"""A clinic as it is really run: migrated, served by a process of its own, its logs in a file, its limits in Valkey."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from telehealth.audit.office import Office
from telehealth.demo.folder import free_port, open_folder
from telehealth.office import build_office
from telehealth.settings import Settings
from tests.deploy.running import READY_SECONDS, STOP_SECONDS

TELEHEALTH = (sys.executable, "-m", "telehealth")
KEPT = ("PATH", "LANG", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Clinic:
    """`folder` holds all that it writes but the database server's and Valkey's own files; `office` works beside it."""

    folder: Path
    url: str
    environment: dict[str, str]
    office: Office
    log: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the administrator's, with the clinic's settings."""
        return subprocess.run(
            [*TELEHEALTH, *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=READY_SECONDS,
        )


@contextmanager
def running_clinic(folder: Path, valkey_url: str, database_url: str | None = None) -> Iterator[Clinic]:
    """Start it in an empty folder, on SQLite unless another database is named; stopped as a deployment stops it."""
    port = free_port()
    environment = _environment(folder, f"http://localhost:{port}", valkey_url, database_url)
    office = build_office(Settings.from_environment(environment))
    clinic = Clinic(folder, f"http://localhost:{port}", environment, office, folder / "logs" / "service.log")
    migrated = clinic.run("migrate")
    assert migrated.returncode == 0, migrated.stderr
    with clinic.log.open("wb") as log:
        process = subprocess.Popen(
            [*TELEHEALTH, "serve", "--port", str(port)],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, clinic.log)
        yield clinic
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)
    assert process.returncode == 0, clinic.log.read_text()


def _environment(folder: Path, url: str, valkey_url: str, database_url: str | None) -> dict[str, str]:
    made = open_folder(folder)
    home = folder / "home"
    home.mkdir()
    settings = made.environment(url) | {"DEMO": "0", "VALKEY_URL": valkey_url}
    settings["METRICS_LISTEN"] = f"127.0.0.1:{free_port()}"
    del settings["MAIL_FOLDER"]  # the demo's alone
    if database_url is not None:
        settings["DATABASE_URL"] = database_url
    around = {name: os.environ[name] for name in KEPT if name in os.environ}
    root = Path(__file__).parents[3]  # the code comes from here, while everything is written there
    around |= {"HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"}
    return around | settings


def _wait_until_ready(process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if "ready: " in log.read_text():
            return
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"the service did not start:\n{log.read_text()}")


def read_figures(clinic: Clinic) -> str:
    """What Prometheus would read now; kept in the folder, to be searched like all else."""
    address = f"http://{clinic.environment['METRICS_LISTEN']}/metrics"
    with urllib.request.urlopen(address, timeout=STOP_SECONDS) as answer:
        said: str = answer.read().decode()
    (clinic.folder / "metrics").write_text(said)
    return said


def logged(clinic: Clinic) -> list[dict[str, object]]:
    """The lines of the service's log that are JSON objects."""
    lines = [line for line in clinic.log.read_text().splitlines() if line.startswith("{")]
    return [json.loads(line) for line in lines]

"""A deployment of its own folder, made and started as clinic IT does, by `docker` alone."""

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.rules.tree import ROOT

PROJECT = "telehealth-tests"
CLINIC, LOGIN, RELAY = "clinic.test", "login.test", "relay.test"
IMAGE = "telehealth:tests"
STAND_INS = {"CADDY_IMAGE": "caddy", "POSTGRES_IMAGE": "postgres"}
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Stack:
    """`folder` has the compose file, `.env` and secrets/."""

    folder: Path

    def compose(self, *arguments: str, said: str | None = None, timeout: float = 400) -> str:
        """What a compose command answers on standard output; it is told `said` on standard input."""
        return run(
            "docker", "compose", "-p", PROJECT, *arguments, folder=self.folder, said=said, timeout=timeout
        )

    def within(self, service: str, *command: str, said: str | None = None) -> str:
        """What a command in a running container answers."""
        return self.compose("exec", "-T", service, *command, said=said)

    def set(self, **values: str) -> None:
        """Write settings into `.env`; the last one of a name counts."""
        with (self.folder / ".env").open("a") as file:
            file.writelines(f"{name}='{value}'\n" for name, value in values.items())

    def states(self) -> dict[str, tuple[str, str]]:
        """State and health of each container, those that ended included."""
        lines = self.compose("ps", "-a", "--format", "json").splitlines()
        return {row["Service"]: (row["State"], row["Health"]) for row in map(json.loads, lines)}

    def wait_healthy(self, service: str, seconds: float = 120) -> float:
        """Until its health check is content; how long that took."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.states().get(service) == ("running", "healthy"):
                return time.monotonic() - began
            time.sleep(0.2)
        raise AssertionError(f"{service} did not get healthy: {self.states()}")

    def logs(self) -> str:
        return self.compose("logs", "--no-color")


def made(folder: Path, address: str) -> Stack:
    """Image built, files written by the image itself, as the guide says. `address`: this computer's, for the relay."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "docker-compose.yml", folder)
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    run("docker", "build", "--quiet", "-t", IMAGE, str(ROOT), timeout=1200)
    stack = Stack(folder)
    os.environ["TELEHEALTH_IMAGE"] = IMAGE
    flags = {
        "--host": CLINIC,
        "--login-host": LOGIN,
        "--relay-host": RELAY,
        "--relay-address": address,
        "--name": "Linden's Practice",
        "--zone": "Europe/Berlin",
        "--administrator": "office@clinic.test",
        "--tls": "internal",
        "--smtp-host": "",
    }
    stack.compose("run", "--rm", "-T", "init", *(word for flag in flags.items() for word in flag), said="")
    del os.environ["TELEHEALTH_IMAGE"]
    stack.set(TELEHEALTH_IMAGE=IMAGE, ICE_POLICY="relay")
    if os.environ.get("STAND_INS"):
        stack.set(**{name: f"telehealth-tests/{folder}" for name, folder in STAND_INS.items()})
        for name in STAND_INS.values():
            run(
                "docker", "build", "-q", "-t", f"telehealth-tests/{name}", str(HERE.parent / "stand-ins" / name),
                timeout=600,
            )  # fmt: skip
    return stack


def size_of(image: str) -> int:
    """Bytes of an image, its base included."""
    return int(run("docker", "image", "inspect", "--format", "{{.Size}}", image))


class Events:
    """What the engine does with containers while its block runs, in order; it keeps too few to be asked afterwards."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> "Events":
        kinds = [word for kind in ("start", "die", "health_status") for word in ("--filter", f"event={kind}")]
        label = f"label=com.docker.compose.project={PROJECT}"
        with self._file.open("w") as file:
            self._process = subprocess.Popen(
                ["docker", "events", *kinds, "--filter", label, "--format", "{{json .}}"], stdout=file
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)

    def seen(self) -> list[dict[str, Any]]:
        """Service, action, exit code and time in seconds of each."""
        found = []
        for row in map(json.loads, self._file.read_text().splitlines()):
            about = row["Actor"]["Attributes"]
            event = {"service": about["com.docker.compose.service"], "action": row["Action"]}
            found.append({**event, "code": about.get("exitCode"), "at": row["timeNano"] / 1e9})
        return found


def run(*command: str, folder: Path | None = None, said: str | None = None, timeout: float = 120) -> str:
    answer = subprocess.run(
        command, cwd=folder, input=said, capture_output=True, text=True, timeout=timeout, check=False
    )
    if answer.returncode:
        raise AssertionError(
            f"{' '.join(command[:6])} ended with {answer.returncode}:\n{answer.stderr[-3000:]}"
        )
    return answer.stdout

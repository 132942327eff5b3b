"""A deployment of its own folder, made and started as clinic IT does, by `docker` alone."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.rules.tree import ROOT

PROJECT = "telehealth-tests"
CLINIC, LOGIN, RELAY = "clinic.test", "login.test", "relay.test"
IMAGE = "telehealth:tests"
USUAL: dict[str, str | None] = {
    "--host": CLINIC,
    "--login-host": LOGIN,
    "--relay-host": RELAY,
    "--name": "Linden's Practice",
    "--zone": "Europe/Berlin",
    "--administrator": "office@clinic.test",
    "--tls": "internal",
    "--smtp-host": "",
}
STAND_INS = {"CADDY_IMAGE": "caddy", "POSTGRES_IMAGE": "postgres"}
HERE = Path(__file__).parent
AUTHORITY = "/var/lib/telehealth/authority/authority.pem"
NAMED = ("app-a", "app-b", "worker", "identity")  # they look names up that the world's own servers would know


@dataclass(frozen=True)
class Stack:
    """`folder` has the compose file, `.env` and secrets/."""

    folder: Path
    project: str = PROJECT
    image: str = IMAGE

    def compose(self, *arguments: str, said: str | None = None, timeout: float = 400) -> str:
        """What a compose command answers on standard output; it is told `said` on standard input."""
        return run(
            "docker",
            "compose",
            "-p",
            self.project,
            *arguments,
            folder=self.folder,
            said=said,
            timeout=timeout,
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


def made(
    folder: Path,
    address: str,
    *,
    image: str = IMAGE,
    flags: Mapping[str, str | None] = {},
    more: Sequence[str] = (),
    hosts: Mapping[str, str] = {},
) -> Stack:
    """Files written by the image itself, as the guide says.

    `address`: the relay's; `flags`: of `init`, beside or in the place of the usual ones, None for one without a value;
    `more`: compose files beside the first; `hosts`: addresses of names beside the relay's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "docker-compose.yml", folder)
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    stack = Stack(folder, image=image)
    os.environ["TELEHEALTH_IMAGE"] = image
    stack.compose(
        "run", "--rm", "-T", "init", *_words({**USUAL, "--relay-address": address, **flags}), said=""
    )
    del os.environ["TELEHEALTH_IMAGE"]
    _name(folder / "names.yml", {RELAY: address.partition("/")[0], **hosts})
    files = ":".join(("docker-compose.yml", *more, "names.yml"))
    stack.set(TELEHEALTH_IMAGE=image, ICE_POLICY="relay", COMPOSE_FILE=files)
    stack.set(**stand_ins())
    return stack


def build() -> str:
    """The image, by its name."""
    run("docker", "build", "--quiet", "-t", IMAGE, str(ROOT), timeout=1200)
    return IMAGE


def stand_ins() -> dict[str, str]:
    """The images of others, where the engine's own lack something: the variables that name them."""
    if not os.environ.get("STAND_INS"):
        return {}
    for name in STAND_INS.values():
        source = HERE.parent / "stand-ins" / name
        run("docker", "build", "-q", "-t", f"telehealth-tests/{name}", str(source), timeout=600)
    return {variable: f"telehealth-tests/{name}" for variable, name in STAND_INS.items()}


def own_address() -> str:
    """This computer's address on its network, which the relay listens on; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.connect(("192.0.2.1", 9))
        return str(asked.getsockname()[0])


def _words(flags: Mapping[str, str | None]) -> list[str]:
    return [word for flag in flags.items() for word in flag if word is not None]


def _name(file: Path, hosts: Mapping[str, str]) -> None:
    """A compose file by which containers find names that no server of names knows."""
    lines = [f"{name}:{address}" for name, address in hosts.items()]
    file.write_text(json.dumps({"services": {name: {"extra_hosts": lines} for name in NAMED}}))


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

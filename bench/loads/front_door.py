"""The front door: Caddy with the file that is deployed, on this computer alone. Only where it listens is changed."""

import asyncio
import json
import os
import shutil
import ssl
import subprocess
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telehealth.demo.folder import free_port

CADDYFILE = Path(__file__).parent.parent.parent / "deploy" / "Caddyfile"
HERE, NAME = "127.0.0.1", "localhost"
READY_SECONDS = 30


@dataclass(frozen=True)
class FrontDoor:
    """`tls` trusts its authority and no other."""

    pid: int
    port: int
    tls: ssl.SSLContext


@asynccontextmanager
async def front_door(folder: Path, port: int, replicas: Sequence[int]) -> AsyncIterator[FrontDoor]:
    """Open when somebody who checks its certificate comes through; `replicas` are the ports behind it."""
    caddy, environment = _program(), _environment(folder, replicas)
    adapted = await asyncio.to_thread(_adapted, caddy, environment)
    config = folder / "caddy.json"
    config.write_text(json.dumps(on_this_computer(adapted, port)), encoding="utf-8")
    with (folder / "caddy.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(caddy, "run", "--config", str(config)), env=environment, stdin=DEVNULL, stdout=log, stderr=log
        )
    try:
        yield FrontDoor(process.pid, port, await _trusted(process, folder, port))
    finally:
        process.terminate()
        await process.wait()


def _program() -> str:
    found = shutil.which("caddy")
    if found is None:
        raise RuntimeError("The loads need Caddy. Install it with: sudo apt-get install caddy")
    return found


def _environment(folder: Path, replicas: Sequence[int]) -> dict[str, str]:
    return os.environ | {
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "CLINIC_HOST": NAME,
        "IDENTITY_HOST": "http://login.invalid",
        "RELAY_HOST": "http://relay.invalid",
        "TLS": "internal",
        "REPLICAS": " ".join(f"{HERE}:{each}" for each in replicas),
    }


def _adapted(caddy: str, environment: dict[str, str]) -> dict[str, Any]:
    command = [caddy, "adapt", "--config", str(CADDYFILE)]
    said = subprocess.run(command, env=environment, check=True, capture_output=True, timeout=READY_SECONDS)
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def on_this_computer(config: dict[str, Any], port: int) -> dict[str, Any]:
    """The same, listening on loopback only and at ports that are free; its authority stays out of the system's."""
    http = config["apps"]["http"]
    ports = {80: free_port(), 443: port}
    http["http_port"], http["https_port"] = ports[80], ports[443]
    for server in http["servers"].values():
        wanted = [int(each.rpartition(":")[2]) for each in server["listen"]]
        server["listen"] = [f"{HERE}:{ports.get(each) or free_port()}" for each in wanted]
    authorities = config["apps"].setdefault("pki", {}).setdefault("certificate_authorities", {})
    authorities.setdefault("local", {})["install_trust"] = False
    return config


async def _trusted(process: asyncio.subprocess.Process, folder: Path, port: int) -> ssl.SSLContext:
    root = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    async with asyncio.timeout(READY_SECONDS):
        while True:
            assert process.returncode is None, (folder / "caddy.log").read_text()
            try:
                tls = ssl.create_default_context(cafile=root)
                _, writer = await asyncio.open_connection(HERE, port, ssl=tls, server_hostname=NAME)
            except OSError:  # no root yet, nobody listens yet, or no certificate yet (SSLError is an OSError)
                await asyncio.sleep(0.1)
                continue
            writer.close()
            return tls

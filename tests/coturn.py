"""A real TURN server on loopback, with the secret of the service and nothing else."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.tls import certificate

SECRET = "throw-away-secret-of-the-tests-relay"
LOOPBACK = "127.0.0.1"
START_SECONDS = 20


@dataclass(frozen=True)
class Coturn:
    """Where it listens: by UDP and by TCP, and by TLS with a certificate of an authority that nobody knows."""

    port: int
    tls_port: int

    @property
    def urls(self) -> tuple[str, str]:
        at = f"turn:{LOOPBACK}:{self.port}?transport="
        return f"{at}udp", f"{at}tcp"

    @property
    def tls_url(self) -> str:
        return f"turns:{LOOPBACK}:{self.tls_port}?transport=tcp"


@contextmanager
def running_coturn(folder: Path, *peers: str) -> Iterator[Coturn]:
    """Started and stopped; only tests allow it to relay to this computer itself, unless `peers` say otherwise."""
    port, tls_port = _free_port(), _free_port()
    certificate(folder, LOOPBACK)
    command = [
        "turnserver",
        "-n",
        *(f"--listening-ip={LOOPBACK}", f"--relay-ip={LOOPBACK}"),
        *(f"--listening-port={port}", f"--tls-listening-port={tls_port}"),
        *(f"--cert={folder / 'server.pem'}", f"--pkey={folder / 'server.pem'}"),
        *(peers or ("--allow-loopback-peers",)),
        *("--no-cli", "--no-dtls", "--no-tlsv1", "--no-tlsv1_1", "--fingerprint"),
        *("--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=tests", "--cli-password=unused"),
        *(
            "--log-file=stdout",
            "--simple-log",
            f"--pidfile={folder / 'coturn.pid'}",
            f"--userdb={folder / 'turndb'}",
        ),
    ]
    with (folder / "coturn.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
    try:
        _wait_until_it_listens(process, port)
        yield Coturn(port, tls_port)
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((LOOPBACK, 0))
        port: int = found.getsockname()[1]
        return port


def _wait_until_it_listens(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "the relay ended"
        with socket.socket() as asked:
            if asked.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the relay did not begin to listen")

"""deploy/firewall in network namespaces of its own: a container, the host that passes packets on, and the outside."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deploy.whole.figures import Figures
from tests.deploy.whole.stack import run as command
from tests.rules.tree import ROOT

CONTAINER, HOST, OUTSIDE = (f"telehealth-{name}" for name in ("in", "host", "out"))
INNER, GATE, STREET, WORLD = "172.30.77.5", "172.30.77.1", "198.51.100.1", "198.51.100.9"
OPEN = {("tcp", port) for port in (53, 443, 465, 587, 3478, 5349)}
OPEN |= {("udp", port) for port in (53, 443, 3478, 5349, 49160, 49359)}
SHUT = {("tcp", port) for port in (22, 25, 80, 5432, 6379, 8080, 49160)}
SHUT |= {("udp", port) for port in (123, 1900, 49159, 49360)}
# Answers each port with the word "here" until its input ends.
ANSWER = """
import select, socket, sys
asked = [word.split("/") for word in sys.argv[1:]]
sockets = []
for kind, port in asked:
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("0.0.0.0", int(port)))
    if kind == "tcp":
        one.listen()
    sockets.append(one)
print("ready", flush=True)
while True:
    for one in select.select([*sockets, sys.stdin], [], [])[0]:
        if one is sys.stdin:
            sys.exit()
        if one.type == socket.SOCK_STREAM:
            other, _ = one.accept()
            other.sendall(b"here")
            other.close()
        else:
            one.sendto(b"here", one.recvfrom(64)[1])
"""
# Which of the ports answer, all asked at once.
ASK = """
import socket, sys
from concurrent.futures import ThreadPoolExecutor
def asks(word):
    kind, port = word.split("/")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as one:
        one.settimeout(3)
        try:
            one.connect((sys.argv[1], int(port)))
            if kind == "udp":
                one.send(b"who")
            return one.recv(8) == b"here"
        except OSError:
            return False
with ThreadPoolExecutor(64) as pool:
    print(" ".join(word for word, there in zip(sys.argv[2:], pool.map(asks, sys.argv[2:])) if there))
"""


async def run(folder: Path, figures: Figures) -> None:
    """deploy/firewall as it stands, loaded twice, between a container's network and the outside; needs root."""
    if os.geteuid() != 0:
        raise SystemExit("The form firewall needs root, to make network namespaces.")
    with _three(), _answering(OUTSIDE), _answering(CONTAINER):
        asked = OPEN | SHUT
        assert _asks(CONTAINER, WORLD, asked) == asked  # the way is there while nothing is held back
        for _ in range(2):
            command(*_in(HOST, str(ROOT / "deploy" / "firewall")))
        rules = command(*_in(HOST, "iptables", "-S"))
        assert rules.count("-j TELEHEALTH") == 1, rules
        assert _asks(CONTAINER, WORLD, asked) == OPEN
        figures.add("ports that a container reaches outside", _words(OPEN), "names, HTTPS, mail, the relay")
        figures.add("tried and refused", _words(SHUT), "every other")
        assert _asks(OUTSIDE, INNER, asked) == asked
        figures.add("what comes in, and the answers to it", "untouched", "untouched")
        assert _asks(HOST, WORLD, asked) == asked
        figures.add("the host itself", "untouched", "untouched")


def _words(ports: set[tuple[str, int]]) -> str:
    return "; ".join(
        f"{kind} {', '.join(str(port) for each, port in sorted(ports) if each == kind)}"
        for kind in ("tcp", "udp")
    )


def _in(space: str, *words: str) -> tuple[str, ...]:
    return ("ip", "netns", "exec", space, *words)


def _asks(space: str, address: str, ports: set[tuple[str, int]]) -> set[tuple[str, int]]:
    """Which of these ports answer whoever asks from there."""
    words = [f"{kind}/{port}" for kind, port in sorted(ports)]
    said = command(*_in(space, "python3", "-c", ASK, address, *words)).split()
    return {(word.partition("/")[0], int(word.partition("/")[2])) for word in said}


@contextmanager
def _answering(space: str) -> Iterator[None]:
    words = [f"{kind}/{port}" for kind, port in sorted(OPEN | SHUT)]
    with subprocess.Popen(
        _in(space, "python3", "-c", ANSWER, *words), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as answering:
        assert answering.stdout is not None
        assert answering.stdin is not None
        assert answering.stdout.readline().strip() == b"ready"
        try:
            yield
        finally:
            answering.stdin.close()


@contextmanager
def _three() -> Iterator[None]:
    spaces = (CONTAINER, HOST, OUTSIDE)
    try:
        for space in spaces:
            command("ip", "netns", "add", space)
            command(*_in(space, "ip", "link", "set", "lo", "up"))
        _join(CONTAINER, INNER, GATE)
        _join(OUTSIDE, WORLD, STREET)
        command(*_in(HOST, "sysctl", "-qw", "net.ipv4.ip_forward=1"))
        command(*_in(HOST, "iptables", "-N", "DOCKER-USER"))  # as Docker does
        command(*_in(HOST, "iptables", "-A", "FORWARD", "-j", "DOCKER-USER"))
        yield
    finally:
        for space in spaces:
            subprocess.run(["ip", "netns", "delete", space], check=False, capture_output=True)


def _join(space: str, address: str, gate: str) -> None:
    """A line between the host and one of the others, whose way to anywhere it is."""
    end = f"to-{space[11:]}"
    command("ip", "link", "add", end, "netns", HOST, "type", "veth", "peer", "name", "eth0", "netns", space)
    command(*_in(HOST, "ip", "addr", "add", f"{gate}/24", "dev", end))
    command(*_in(HOST, "ip", "link", "set", end, "up"))
    command(*_in(space, "ip", "addr", "add", f"{address}/24", "dev", "eth0"))
    command(*_in(space, "ip", "link", "set", "eth0", "up"))
    command(*_in(space, "ip", "route", "add", "default", "via", gate))

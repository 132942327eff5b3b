"""Hands the front door's certificates on: the relay's to the relay, its own authority's to the service.

`python -m telehealth.deployment.certificates CADDY-DATA AUTHORITY RELAY`, for ever. Caddy keeps them for itself (mode
0600) beside the keys of every other name; the relay gets a copy of its own pair and nothing else, again within half a
minute of each renewal. RELAY_HOST names it; with TLS=internal it is well once the authority is there. Standard library
only, since it stays in memory.
"""

import os
import sys
import time
from pathlib import Path

EVERY_SECONDS = 15.0
SOON_SECONDS = 1.0  # while nothing is there yet
ALIVE = "alive"
ROOT = Path("caddy/pki/authorities/local/root.crt")


def pair_of(data: Path, host: str) -> tuple[Path, Path] | None:
    """The newest certificate of a name and its key, whoever issued it."""
    found = sorted(
        data.glob(f"caddy/certificates/*/{host}/{host}.crt"), key=lambda file: file.stat().st_mtime
    )
    if not found or not found[-1].with_suffix(".key").exists():
        return None
    return found[-1], found[-1].with_suffix(".key")


def hand_on(data: Path, authority: Path, relay: Path, host: str) -> list[str]:
    """Copy what is new; the names of what was. The key comes first, so that a certificate never waits for one."""
    changed = []
    if (data / ROOT).exists():
        changed += _copied(data / ROOT, authority / "authority.pem")
    pair = pair_of(data, host) if host else None
    if pair is not None:
        changed += _copied(pair[1], relay / "relay.key")
        changed += _copied(pair[0], relay / "relay.crt")
    return changed


def _copied(source: Path, target: Path) -> list[str]:
    content = source.read_bytes()
    if target.exists() and target.read_bytes() == content:
        return []
    new = target.with_name(f".{target.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "wb") as file:
        file.write(content)
    new.replace(target)  # whole, or not yet
    return [target.name]


def main(data: Path, authority: Path, relay: Path) -> None:
    host, private = os.environ.get("RELAY_HOST", ""), os.environ.get("TLS") == "internal"
    while True:
        for name in hand_on(data, authority, relay, host):
            print(f"{name} was handed on", flush=True)
        known = not private or (authority / "authority.pem").exists()
        if known:
            (authority / ALIVE).touch()
        complete = known and (not host or (relay / "relay.crt").exists())
        time.sleep(EVERY_SECONDS if complete else SOON_SECONDS)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))

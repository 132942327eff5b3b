"""The demo's data folder: made once with fresh keys, kept between starts, used by one demo at a time."""

import base64
import fcntl
import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from joserfc.jwk import RSAKey

from telehealth.crypto.kek import FileKeks
from telehealth.demo.people import Account, accounts_from, new_accounts

CLIENT_ID = "telehealth"
PROVIDER_ID = "practice"
CLINIC_NAME = "Linden Practice"
PROVIDER_NAME = f"{CLINIC_NAME} account"
LEAVE_URL = "https://www.wikipedia.org/"
KEYS = ("index_root", "audit_key", "pseudonym_key", "cookie_key")
PORTS = range(20000, 30000)  # below the ports that outgoing connections are given


class FolderInUse(Exception):
    """Another demo runs on this folder; the message is a sentence."""


class NotADemoFolder(Exception):
    """The folder holds something else, so it is neither used nor emptied; the message is a sentence."""


@dataclass(frozen=True)
class Folder:
    """Where everything lies. `provider_port` never changes: the issuer is part of every account's key."""

    path: Path
    provider_port: int
    provider_secret: str
    provider_key: dict[str, Any]
    client_secret: str
    accounts: tuple[Account, ...]

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.provider_port}"

    @property
    def database_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.path / 'clinic.db'}"

    @property
    def provider_database(self) -> Path:
        return self.path / "provider.db"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def account(self, key: str) -> Account:
        """The demo's person of that key."""
        return next(account for account in self.accounts if account.key == key)

    def environment(self, public_url: str, *, leave_url: str = LEAVE_URL) -> dict[str, str]:
        """The settings of the service, named as `Settings.from_environment` reads them."""
        roles = {role: role for role in ("therapist", "front_desk", "administrator")}
        provider = {
            "id": PROVIDER_ID,
            "name": PROVIDER_NAME,
            "issuer": self.issuer,
            "client_id": CLIENT_ID,
            "client_secret": self.client_secret,
            "roles": roles,
            "registers": True,
        }
        return {
            "DEMO": "1",
            "PUBLIC_URL": public_url,
            "DATABASE_URL": self.database_url,
            "KEK_DIR": str(self.path / "keks"),
            "CHECKPOINT_FILE": str(self.path / "checkpoints" / "audit.note"),
            "CLINIC_ID": "linden-practice",
            "CLINIC_NAME": CLINIC_NAME,
            "SECURITY_CONTACT": "mailto:security@linden-practice.example",
            "CLINIC_ZONE": "Europe/Berlin",
            "LEAVE_URL": leave_url,
            "MAIL_FOLDER": str(self.path / "mail"),
            "PROVIDERS": json.dumps([provider]),
            "PROBE_SECRET": sha256(f"probe {self.client_secret}".encode()).hexdigest(),
        } | {f"{name.upper()}_FILE": str(self.path / "keys" / name) for name in KEYS}


def open_folder(path: Path) -> Folder:
    """The folder with everything in it; made when it is not there yet."""
    if not (path / "demo.json").exists():
        _make(path.resolve())
    return read_folder(path)


def read_folder(path: Path) -> Folder:
    """A folder that a demo made before; FileNotFoundError otherwise."""
    path = path.resolve()
    kept = json.loads((path / "demo.json").read_text())
    accounts = tuple(accounts_from(kept.pop("accounts")))
    return Folder(path=path, accounts=accounts, **kept)


def start_over(path: Path) -> None:
    """Remove a demo's data. NotADemoFolder when the folder is not empty and no demo made it."""
    if not path.exists():
        return
    if any(path.iterdir()) and not (path / "demo.json").exists() and not (path / "lock").exists():
        raise NotADemoFolder(
            f"{path} was not made by the demo, so nothing in it was removed. Choose another folder."
        )
    for entry in path.iterdir():
        if entry.name == "lock":
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep others off this folder for as long as this demo runs; given back by the system when it dies."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(path.iterdir()) and not any((path / name).exists() for name in ("demo.json", "lock")):
        raise NotADemoFolder(
            f"{path} holds other things and was left alone. Choose another folder with --data."
        )
    with (path / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise FolderInUse(
                f"Another demo runs on {path}. Stop that one, or choose another folder with --data."
            ) from error
        yield


def _make(path: Path) -> None:
    for name in ("", "keks", "keys", "checkpoints", "logs"):
        (path / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in KEYS:
        if not (path / "keys" / name).exists():
            _write(path / "keys" / name, base64.b64encode(secrets.token_bytes(32)).decode(), 0o400)
    if not any((path / "keks").iterdir()):
        FileKeks(path / "keks").create(datetime.now(UTC))
    made = {
        "provider_port": free_port(),
        "provider_secret": secrets.token_urlsafe(32),
        "provider_key": RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True),
        "client_secret": secrets.token_urlsafe(32),
        "accounts": [asdict(account) for account in new_accounts()],
    }
    _write(path / "demo.json.new", json.dumps(made, indent=2), 0o600)
    (path / "demo.json.new").replace(path / "demo.json")


def _write(path: Path, text: str, mode: int) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)


def free_port() -> int:
    """A port of the loopback address that nobody uses now."""
    for _ in range(100):
        port = PORTS.start + secrets.randbelow(len(PORTS))
        if is_free(port):
            return port
    raise OSError("no free port was found between 20000 and 29999")


def is_free(port: int) -> bool:
    """Whether this port of the loopback address can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

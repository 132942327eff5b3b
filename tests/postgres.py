"""A real PostgreSQL for the tests: from Debian's package, on a private socket, with a throw-away data folder."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypedDict

SECONDS = 60
OWNER = "telehealth"
SETTINGS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")
READY = "database system is ready to accept connections"
CLUSTER_CONF = Path("/etc/postgresql-common/createcluster.conf")
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 2 * 2**30
DIE_WITH_US = ("setpriv", "--pdeathsig", "INT")  # a test run that is killed takes its server along


class Identity(TypedDict):
    """Whom a child process becomes, as `subprocess` takes it."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


@dataclass(frozen=True)
class Server:
    """A running server; connections need no password, since only its owner reaches the socket's folder."""

    socket_folder: Path

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://{OWNER}@/{database}?host={self.socket_folder}"

    @property
    def pid(self) -> int:
        """Of the process that starts all others."""
        return int((self.socket_folder / "data" / "postmaster.pid").read_text().split()[0])


@contextmanager
def running_server(*settings: str, log: Path | None = None, in_memory: bool = True) -> Iterator[Server]:
    """Start one server, and stop it by its process id at the end. initdb refuses root, so root lends it a user.

    `settings` are further ones, NAME=VALUE; what the server says is kept in `log`. `in_memory`: the data may lie in
    memory where there is enough, since making and dropping a database for every test is most of what they wait for.
    """
    installed = programs()
    folder = Path(tempfile.mkdtemp(prefix="telehealth-pg-", dir=_memory() if in_memory else None))
    user = _ordinary_user()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    data = folder / "data"
    try:
        _initialise(installed / "initdb", data, user)
        with _started(installed / "postgres", data, folder, user, settings, log):
            yield Server(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class OwnServer:
    """A server of one test's own, which may be stopped and started again; its data stay. `settings` are further ones,
    NAME=VALUE. Whoever runs it may use its folder."""

    def __init__(self, *settings: str) -> None:
        installed, self._user = programs(), _ordinary_user()
        self._settings = settings
        self._postgres = installed / "postgres"
        self.folder = Path(tempfile.mkdtemp(prefix="telehealth-pg-", dir=_memory()))
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        self._running = ExitStack()
        _initialise(installed / "initdb", self.folder / "data", self._user)

    def start(self) -> Server:
        """Start it, and wait until it takes connections."""
        data = self.folder / "data"
        self._running.enter_context(
            _started(self._postgres, data, self.folder, self._user, self._settings, None)
        )
        return Server(self.folder)

    def own(self, folder: Path) -> None:
        """Let it have a folder, with all that is in it."""
        if self._user is not None:
            for each in (folder, *folder.rglob("*")):
                os.chown(each, self._user.pw_uid, self._user.pw_gid)

    def stop(self) -> None:
        """Stop it at once: whoever is connected is cut off."""
        self._running.close()

    def remove(self) -> None:
        """Stop it and let its data go."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _memory() -> Path | None:
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < MEMORY_NEEDED:
        return None
    return MEMORY


def programs() -> Path:
    """The newest installed PostgreSQL; installed now when it is missing and we are root."""
    found = _installed()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
        found = _installed()
    if found is None:
        raise RuntimeError(
            "These tests need PostgreSQL with btree_gist. Install it with: sudo apt-get install postgresql"
        )
    return found


def _installed() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    if versions:
        return versions[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def _install() -> None:
    """Install the package without the cluster it would otherwise start by itself."""
    if not CLUSTER_CONF.exists():
        CLUSTER_CONF.parent.mkdir(parents=True, exist_ok=True)
        CLUSTER_CONF.write_text("create_main_cluster = false\n", encoding="utf-8")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", "postgresql"],
    ):
        subprocess.run(command, check=True, env=environment, stdin=subprocess.DEVNULL)


def _ordinary_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: ourselves, or for root the package's own user."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL does not run as root, and neither postgres nor nobody exists here.")


def _initialise(initdb: Path, data: Path, user: pwd.struct_passwd | None) -> None:
    command = [str(initdb), "-D", str(data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=SECONDS, cwd="/", **_identity(user)
    )
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed: {done.stderr}")


@contextmanager
def _started(
    postgres: Path,
    data: Path,
    socket_folder: Path,
    user: pwd.struct_passwd | None,
    settings: Sequence[str],
    log: Path | None,
) -> Iterator[None]:
    options = [part for setting in (*SETTINGS, *settings) for part in ("-c", setting)]
    process = subprocess.Popen(
        [
            *DIE_WITH_US,
            str(postgres),
            "-D",
            str(data),
            "-k",
            str(socket_folder),
            "-c",
            "listen_addresses=",
            *options,
        ],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        **_identity(user),
    )
    said: list[str] = []
    ready = threading.Event()
    reader = threading.Thread(target=_listen, args=(process.stderr, said, ready, log), daemon=True)
    reader.start()
    try:
        if not ready.wait(SECONDS) or READY not in said[-1]:
            raise RuntimeError("PostgreSQL did not start: " + "".join(said))
        yield
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown
        process.wait(SECONDS)
        reader.join(SECONDS)
        if process.stderr is not None:
            process.stderr.close()


def _listen(stream: IO[str] | None, said: list[str], ready: threading.Event, log: Path | None) -> None:
    """Read the server's log until it ends, so that it never blocks; ready, or ended, sets the event."""
    with (log or Path(os.devnull)).open("w") as kept:
        for line in stream or ():
            kept.write(line)
            if not ready.is_set():
                said.append(line)
                if READY in line:
                    ready.set()
    ready.set()


def _identity(user: pwd.struct_passwd | None) -> Identity:
    if user is None:
        return {"user": None, "group": None, "extra_groups": None}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

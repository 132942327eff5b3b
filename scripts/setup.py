"""Make the virtual environment from a lock file. Standard library only: nothing is installed yet when this runs."""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = {"requirements.txt": VENV / ".installed", "requirements-test.txt": VENV / ".installed-test"}


def main(lock_name: str) -> int:
    """Install what is missing and say so; returns the exit code."""
    wanted = fingerprint(lock_name)
    if is_installed(lock_name, wanted):
        return 0
    try:
        need_venv_module()
        if not works(VENV / "bin" / "python"):
            say(f"Making a virtual environment in {VENV.name} ...")
            run(sys.executable, "-m", "venv", "--clear", str(VENV))
        say("Installing the locked dependencies; the first time takes a minute or two ...")
        install(ROOT / lock_name)
    except subprocess.CalledProcessError as error:
        return explain(error)
    STAMPS[lock_name].write_text(wanted)
    return 0


def fingerprint(lock_name: str) -> str:
    """What the environment was made from: this lock, the project's own declaration, and this Python."""
    parts = [(ROOT / name).read_bytes() for name in (lock_name, "pyproject.toml")]
    parts += [sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_installed(lock_name: str, wanted: str) -> bool:
    """Whether this environment, or the larger one for the tests, is up to date."""
    if not works(VENV / "bin" / "python"):
        return False
    test_stamp = STAMPS["requirements-test.txt"]
    if lock_name == "requirements.txt" and stamped(test_stamp) == fingerprint("requirements-test.txt"):
        return True
    return stamped(STAMPS[lock_name]) == wanted


def stamped(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""


def works(python: Path) -> bool:
    """Whether the environment's Python starts and is the version this script runs with."""
    if not python.exists():
        return False
    asked = subprocess.run(  # noqa: S603 - our own interpreter
        [python, "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=False
    )
    return asked.returncode == 0 and asked.stdout.strip() == sys.version.strip()


def need_venv_module() -> None:
    """Debian ships venv in a package of its own: install it when root, else name the command."""
    try:
        import ensurepip  # noqa: F401, PLC0415
        import venv  # noqa: F401, PLC0415
    except ImportError:
        need_packages(
            f"python{sys.version_info.major}.{sys.version_info.minor}-venv", why="Python's venv module"
        )


def need_packages(*packages: str, why: str) -> None:
    """Install Debian packages as root, or stop with the exact command."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SystemExit(f"{why} is missing. Install it with:  sudo {' '.join(command)}")
    say(f"{why} is missing; installing {', '.join(packages)} ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for each in (["apt-get", "update", "-q"], command):
        subprocess.run(each, check=True, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - fixed


def install(lock: Path) -> None:
    """Locked dependencies with their hashes, then the project itself without asking for anything else.

    The lock names everything, so pip has nothing to resolve: `--no-deps` keeps older ones (23.2) from looking at
    `coverage[toml]`, taking the newest instead of the locked one, and refusing it for want of a hash.
    """
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q"]
    locked = ("install", "--no-deps", "--require-hashes", "-r", str(lock))
    try:
        run(*pip, *locked)
    except subprocess.CalledProcessError:
        if not lacks_compiler():
            raise
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        need_packages("build-essential", f"python{version}-dev", why="A compiler")
        run(*pip, *locked)
    run(*pip, "install", "--no-deps", "--no-build-isolation", "-e", str(ROOT))


def lacks_compiler() -> bool:
    """Whether a package without a ready-made wheel could not have been built here."""
    header = Path(sysconfig.get_paths()["include"]) / "Python.h"
    return shutil.which("cc") is None or not header.exists()


def explain(error: subprocess.CalledProcessError) -> int:
    say(f"This step did not work: {' '.join(map(str, error.cmd))}")
    say("What it said stands above. Once that is solved, the same command goes on where it stopped.")
    return 1


def run(*command: str) -> None:
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603 - fixed programs


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

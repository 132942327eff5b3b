"""The files of this project, as its own tests read them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked(*endings: str) -> list[Path]:
    """Files that belong to the project: committed, or new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in sorted(set(listed.split("\0"))) if name.endswith(endings or "")]
    return [file for file in files if file.is_file()]


def named(file: Path) -> str:
    """A file's path in the project."""
    return file.relative_to(ROOT).as_posix()

"""Writes the files of a new deployment: all of them or none, and never over others."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from telehealth.deployment.files import File

IMAGE_USER = (
    10001  # Dockerfile: compose mounts a secret with the owner and the mode that its file has on the host
)


class NotWritten(Exception):
    """Nothing was written; the sentence says why."""


def write(folder: Path, files: Sequence[File], *, user: int = IMAGE_USER) -> None:
    """Secrets belong to the image's user alone (0400 in a folder of 0700), the rest to whoever owns the folder."""
    secrets, settings = folder / "secrets", folder / ".env"
    there = [each.name for each in (secrets, settings) if os.path.lexists(each)]
    if there:
        raise NotWritten(
            f"There is {' and '.join(there)} already, and with other keys nothing of a practice could be opened any "
            "more. Nothing was written. For a new practice begin in an empty folder."
        )
    if os.geteuid() not in (0, user):
        raise NotWritten(
            f"Only root can give files to user {user}, as whom the service runs. Run it by Docker: docker compose run "
            "--rm init"
        )
    making = folder / ".secrets.new"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    owner = folder.stat()
    for file in files:
        if file.is_secret:
            _write(making / Path(file.path).name, file.content, 0o400, user, user)
    os.chown(making, user, user)
    for file in files:
        if not file.is_secret:
            _write(folder / f"{file.path}.new", file.content, 0o644, owner.st_uid, owner.st_gid)
    making.rename(secrets)
    for file in files:
        if not file.is_secret:
            (folder / f"{file.path}.new").rename(folder / file.path)


def _write(path: Path, content: str, mode: int, user: int, group: int) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(content)
        os.fchown(file.fileno(), user, group)

"""Where key-encryption keys come from: never the database. One epoch a month, named kek-YYYYMM-n."""

import os
import re
import secrets
import stat
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from telehealth.crypto.framing import KEY_BYTES

KEK_ID = re.compile(r"kek-(\d{4}(?:0[1-9]|1[0-2]))-([1-9]\d{0,3})")
FEWEST_DISTINCT_BYTES = 12  # 32 random bytes have fewer about once in 10^20 draws
_LARGEST_FILE = 128


class KekUnavailable(Exception):
    """A key-encryption key cannot be had; the message says which and why, in a sentence."""


class KekProvider(Protocol):
    """Gives key-encryption keys by id; a caller keeps none beyond its request."""

    async def current(self, now: datetime) -> str:
        """The id of the newest epoch that has begun at `now`."""

    async def key(self, kek_id: str) -> bytes:
        """The 32 bytes of one epoch; KekUnavailable when they cannot be read."""


class FileKeks:
    """A folder with one file for each epoch: 64 hex digits, readable by its owner alone (mode 0400).

    The folder is read anew each time, so a key that is added or taken away counts without a restart: a line of 64
    letters, sooner read than handed to a thread.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def current(self, now: datetime) -> str:
        return self._current(now)

    async def key(self, kek_id: str) -> bytes:
        return self._key(kek_id)

    def create(self, month: datetime, *, known: Iterable[str] = ()) -> str:
        """Make the next epoch of a month with a fresh random key, and return its id. For the key command only.

        One of a later month is not used before that month begins, so that it can be brought to every computer first.
        `known` are ids that had a key before, wherever it is now: a name never stands for a second key.
        """
        epoch = f"{month:%Y%m}"
        taken = [number for month_, number in [*self._epochs(), *_parts(known)] if month_ == epoch]
        kek_id = f"kek-{epoch}-{max(taken, default=0) + 1}"
        try:
            self._write_new(kek_id, secrets.token_bytes(KEY_BYTES).hex().encode() + b"\n")
        except OSError as error:
            raise KekUnavailable(f"No key can be made in {self.folder}: {error.strerror}.") from None
        return kek_id

    def _write_new(self, kek_id: str, content: bytes) -> None:
        """A file gets its name when all of it is on the disk: one that has begun is used from that moment on.

        FileExistsError, an OSError, where the name was given meanwhile.
        """
        hidden = self.folder / f".{kek_id}-{secrets.token_hex(8)}"
        try:
            with os.fdopen(os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.link(hidden, self.folder / kek_id)
        finally:
            hidden.unlink(missing_ok=True)
        self._settle()

    def destroy(self, kek_id: str) -> bool:
        """Overwrite a key and remove its file; False when there is none. For the key command only."""
        file = self.folder / self._named(kek_id)
        try:
            file.chmod(0o600)
            with file.open("r+b") as opened:
                opened.write(b"0" * os.fstat(opened.fileno()).st_size)
                opened.flush()
                os.fsync(opened.fileno())
            file.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise KekUnavailable(f"{kek_id} in {self.folder} cannot be removed: {error.strerror}.") from None
        self._settle()
        return True

    def ids(self) -> list[str]:
        """Every epoch in the folder, the oldest first."""
        return [f"kek-{month}-{number}" for month, number in sorted(self._epochs())]

    def must_be_writable(self) -> None:
        """KekUnavailable when nothing can be made or removed here; asked before anything is noted as destroyed."""
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise KekUnavailable(f"The key folder {self.folder} cannot be written to by this user.")

    def could_write(self) -> bool:
        """Whether this process could make or change a key: it may write there, or give itself the right to.

        That is what an owner of the folder or root can do, unless it is mounted to be read only.
        """
        if os.statvfs(self.folder).f_flag & os.ST_RDONLY:
            return False
        return os.access(self.folder, os.W_OK) or os.geteuid() in (0, os.stat(self.folder).st_uid)

    def _settle(self) -> None:
        """The folder itself reaches the disk, so that a name is there, or gone, after a power cut."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _named(self, kek_id: str) -> str:
        if not KEK_ID.fullmatch(kek_id):
            raise KekUnavailable(f"{kek_id!r} is not the name of a key-encryption key.")
        return kek_id

    def _current(self, now: datetime) -> str:
        begun = [epoch for epoch in self._epochs() if epoch[0] <= f"{now:%Y%m}"]
        if not begun:
            raise KekUnavailable(
                f"No key-encryption key of {now:%Y-%m} or earlier is in {self.folder}. Put it back; the first one of a "
                "new clinic is made by: telehealth keys new"
            )
        month, number = max(begun)
        return f"kek-{month}-{number}"

    def _epochs(self) -> list[tuple[str, int]]:
        try:
            names = os.listdir(self.folder)
        except OSError as error:
            raise KekUnavailable(f"The key folder {self.folder} cannot be read: {error.strerror}.") from None
        return _parts(names)

    def _key(self, kek_id: str) -> bytes:
        try:
            descriptor = os.open(f"{self.folder}/{self._named(kek_id)}", os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            raise KekUnavailable(f"{kek_id} in {self.folder} cannot be read: {error.strerror}.") from None
        try:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode) or mode & 0o077:
                raise KekUnavailable(
                    f"{kek_id} in {self.folder} can be used by others: make it a file of mode 0400."
                )
            return _parsed(kek_id, os.read(descriptor, _LARGEST_FILE))
        finally:
            os.close(descriptor)


def _parts(names: Iterable[str]) -> list[tuple[str, int]]:
    """Month and number of each name that is one of a key-encryption key."""
    found = (KEK_ID.fullmatch(name) for name in names)
    return [(match[1], int(match[2])) for match in found if match]


def _parsed(kek_id: str, content: bytes) -> bytes:
    try:
        key = bytes.fromhex(content.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KekUnavailable(f"{kek_id} does not hold a key: it must be 64 hex digits.")
    if len(set(key)) < FEWEST_DISTINCT_BYTES:
        raise KekUnavailable(f"{kek_id} holds a weak key: it must be 32 random bytes.")
    return key

"""Where backups stand: a folder with two or three archives and a note for each of them."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from telehealth.backups import note, rules
from telehealth.backups.note import BadBackup, Made
from telehealth.backups.rules import UNFINISHED, Archive
from telehealth.backups.sealing import OWNER_ONLY, digest_of
from telehealth.crypto.note import public_keys


@dataclass(frozen=True)
class Shelf:
    """The folder of one deployment. `seed` is the 32-byte Ed25519 seed of the audit key, which signs what is put here;
    `former` are the public keys that were used before."""

    folder: Path
    clinic: str
    seed: bytes = field(repr=False)
    former: tuple[bytes, ...] = ()

    def file(self, name: str, kind: Archive) -> Path:
        """An archive of a backup."""
        return self.folder / f"{name}.{kind}.age"

    def unfinished(self, name: str, kind: Archive) -> Path:
        """The same while it is written."""
        return self.folder / f"{name}.{kind}.age{UNFINISHED}"

    def put(self, made: Made) -> None:
        """Give its archives their names, then the note: a backup is one from that moment on. OSError."""
        for kind in (each for each in rules.ARCHIVES if each in made.files):
            self.unfinished(made.name, kind).rename(self.file(made.name, kind))
        target = self._note(made.name)
        unfinished = target.with_name(target.name + UNFINISHED)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w") as file:
            file.write(note.sign(self.seed, self.clinic, made))
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(target)
        self._sync()

    def names(self) -> list[str]:
        """The names of all backups, the newest first; OSError when the folder cannot be read."""
        found = [file.stem for file in self.folder.glob("*.note") if rules.time_of(file.name) is not None]
        return sorted(found, reverse=True)

    def made(self, name: str) -> Made:
        """What the note of a backup says, checked. Raises BadBackup."""
        try:
            text = self._note(name).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            raise BadBackup(f"There is no backup {name} in {self.folder}.") from None
        try:
            found = note.read_by(public_keys(self.seed, self.former), self.clinic, text)
        except BadBackup as error:
            raise BadBackup(f"{name} cannot be used: {error}.") from error
        if found.name != name:
            raise BadBackup(f"{name} cannot be used: its note is that of {found.name}.")
        return found

    def newest(self) -> Made | None:
        """The last backup that was made; None when there is none. Raises BadBackup when its note is wrong."""
        names = self.names()
        return self.made(names[0]) if names else None

    def must_be_whole(self, made: Made, kind: Archive, tell: Callable[[int], None] = lambda _: None) -> None:
        """Hold an archive against its note. Raises BadBackup; `tell` hears how many bytes more were read."""
        file = self.file(made.name, kind)
        try:
            size, digest = file.stat().st_size, digest_of(file, tell).hex()
        except FileNotFoundError:
            raise BadBackup(f"{file} is missing.") from None
        if (size, digest) != made.files[kind]:
            raise BadBackup(f"{file} is not as it was written. Use another copy of it, or another backup.")

    def tidy(self, now: datetime, *, data_days: int, key_days: int) -> Sequence[str]:
        """Remove what was kept long enough, and what a backup that was cut off left; the names of the former."""
        files = [file.name for file in self.folder.iterdir()]
        old = rules.expired(files, now, data_days=data_days, key_days=key_days)
        old += rules.log_expired(files, now, key_days)
        for name in old:
            (self.folder / name).unlink(missing_ok=True)
        self.clear()
        return old

    def clear(self) -> None:
        """Remove what a backup that was cut off left; nobody else may be making one."""
        for file in self.folder.glob(f"backup-*{UNFINISHED}"):
            file.unlink(missing_ok=True)
        self._sync()

    def _note(self, name: str) -> Path:
        return self.folder / f"{name}.note"

    def _sync(self) -> None:
        """Have the names on the disk."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

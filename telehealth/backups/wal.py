"""PostgreSQL's write-ahead log and its base backups, sealed: with both, a database goes back to any moment.

PostgreSQL puts what is finished into a folder of this computer, the spool. From there it goes, compressed and sealed,
to where backups stand; a segment that is switched early is mostly zeros. Keys are in it beside the data they open, so
all of it lives as long as backups of keys may.
"""

import gzip
import hashlib
import os
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from pyrage.x25519 import Identity, Recipient

from telehealth.backups import rules
from telehealth.backups.archive import BadArchive
from telehealth.backups.making import NOT_READ
from telehealth.backups.note import BadBackup
from telehealth.backups.rules import UNFINISHED
from telehealth.backups.sealing import CHUNK, new_identity, opened, sealed

LEVEL = 1
OTHERS_MAY_ENTER, OTHERS_MAY_READ = 0o755, 0o644
LAST_OF_BASE = "backup_manifest"
NO_BASE = "There is no base backup in {folder} that was whole at that time."
NOT_EMPTY = "{folder} is not empty. Nothing was changed."
ENDS = (
    "The log in {folder} ends at {end:%Y-%m-%d %H:%M:%S} UTC, before that moment. Seal what is still in the spool "
    "(telehealth wal keep SPOOL --once), or leave out --until to go to the end. Nothing was changed."
)
Clock = Callable[[], datetime]


def keep(
    spool: Path, folder: Path, recipients: Sequence[Recipient], clock: Clock, key_days: int
) -> list[str]:
    """One turn: seal what PostgreSQL has put into the spool, read it again, and only then take it away there; remove
    what is too old. Returns what was sealed. BadBackup, OSError: what is in the spool stays there."""
    done = []
    for file in sorted(spool.iterdir()):
        if rules.is_logged(file.name):
            target = folder / rules.segment_name(file.name, clock())
            with file.open("rb") as source:
                _seal(source, target, recipients)
            file.unlink()
            done.append(target.name)
    tidy(folder, clock(), key_days)
    return done


def base(source: IO[bytes], folder: Path, recipients: Sequence[Recipient], clock: Clock) -> Path:
    """Seal what `pg_basebackup -D - -Ft -X fetch` writes. BadBackup when that is no base backup; OSError."""
    began = clock()
    first = source.read(tarfile.BLOCKSIZE)
    if len(first) != tarfile.BLOCKSIZE or first[257:262] != b"ustar":
        raise BadBackup("This is no base backup: pg_basebackup -D - -Ft -X fetch. Nothing was kept.")
    unfinished = folder / (rules.base_name(began, began) + UNFINISHED)
    _write(source, unfinished, recipients, first, _must_be_whole_base)
    target = folder / rules.base_name(began, clock())
    unfinished.rename(target)
    return target


def tidy(folder: Path, now: datetime, key_days: int) -> None:
    """Remove what holds keys for too long. OSError."""
    for name in rules.log_expired([file.name for file in folder.iterdir()], now, key_days):
        (folder / name).unlink(missing_ok=True)


def lay_out(
    folder: Path, identities: Sequence[Identity], data: Path, log: Path, until: datetime | None
) -> tuple[str, int]:
    """Make a data folder from which PostgreSQL goes on to `until`, or to the end, and put the log it reads then into
    another; which base backup that was, and how many files of the log. BadBackup, OSError."""
    names = [file.name for file in folder.iterdir()]
    chosen = rules.base_before(names, until)
    if chosen is None:
        raise BadBackup(NO_BASE.format(folder=folder))
    end = rules.newest_log(names)
    if until is not None and (end is None or end < until):
        ended = end or rules.newest_base(names)
        raise BadBackup(ENDS.format(folder=folder, end=ended))
    for each in (data, log):
        each.mkdir(parents=True, exist_ok=True)
        if any(each.iterdir()):
            raise BadBackup(NOT_EMPTY.format(folder=each))
    log.chmod(OTHERS_MAY_ENTER)
    with _unsealed(folder / chosen, identities) as stream:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            tar.extractall(data, filter="data")
        while stream.read(CHUNK):
            pass
    following = rules.log_after(names, chosen, until)
    for name, file in following.items():
        with _unsealed(folder / file, identities) as stream:
            _write_sparsely(stream, log / name)
    _say_how_far(data, log, until)
    return chosen, len(following)


def _seal(source: IO[bytes], target: Path, recipients: Sequence[Recipient]) -> None:
    unfinished = target.with_name(target.name + UNFINISHED)
    _write(source, unfinished, recipients)
    unfinished.rename(target)


def _write(
    source: IO[bytes],
    file: Path,
    recipients: Sequence[Recipient],
    first: bytes = b"",
    look: Callable[[IO[bytes]], None] = lambda _: None,
) -> None:
    """Seal a stream into a new file and read it again, with a `look` at what it is; one that is not whole goes."""
    witness = new_identity()
    written = hashlib.sha256()
    file.unlink(missing_ok=True)
    try:
        with (
            sealed(file, [*recipients, witness.to_public()]) as out,
            gzip.GzipFile(fileobj=out, mode="wb", compresslevel=LEVEL, mtime=0) as packed,
        ):
            for chunk in _chunks(source, first):
                written.update(chunk)
                packed.write(chunk)
        with _unsealed(file, [witness]) as stream:
            again = _Hashed(stream)
            look(cast(IO[bytes], again))
            while again.read(CHUNK):
                pass
        if again.digest.digest() != written.digest():
            raise BadBackup(NOT_READ.format(file=file, error="it holds something else"))
    except (BadBackup, OSError):
        file.unlink(missing_ok=True)
        raise


@contextmanager
def _unsealed(file: Path, identities: Sequence[Identity]) -> Iterator[IO[bytes]]:
    try:
        with opened(file, identities) as source:
            try:
                with gzip.GzipFile(fileobj=source) as stream:
                    yield stream  # type: ignore[misc]  # as good as one
            except (gzip.BadGzipFile, zlib.error, EOFError, tarfile.TarError) as error:
                raise BadArchive("it does not hold what its name says") from error
    except BadArchive as error:
        raise BadBackup(f"{file} cannot be used: {error}.") from error


def _must_be_whole_base(stream: IO[bytes]) -> None:
    """Whoever made it may have died in the middle; what comes last says that it did not."""
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        names = [member.name for member in tar]
    if LAST_OF_BASE not in names:
        raise BadArchive(f"it has no {LAST_OF_BASE}, so pg_basebackup did not come to its end")


def _write_sparsely(stream: IO[bytes], file: Path) -> None:
    """Zeros take no room: a log of many days is put there at once. Whoever runs PostgreSQL may read it."""
    with file.open("wb") as out:
        for chunk in _chunks(stream):
            if chunk.strip(b"\x00"):
                out.write(chunk)
            else:
                out.seek(len(chunk), os.SEEK_CUR)
        out.truncate()
    file.chmod(OTHERS_MAY_READ)


def _say_how_far(data: Path, log: Path, until: datetime | None) -> None:
    """PostgreSQL 17, chapter 26.3.4: from the base backup on, by this command, to this moment, then serve."""
    told = [f'restore_command = \'cp "{str(log.absolute()).replace(chr(39), chr(39) * 2)}/%f" "%p"\'']
    if until is not None:
        told.append(f"recovery_target_time = '{until.astimezone(UTC).isoformat()}'")
    told.append("recovery_target_action = 'promote'")
    with (data / "postgresql.auto.conf").open("a") as file:
        file.write("".join(f"{line}\n" for line in told))
    (data / "recovery.signal").touch()


def _chunks(source: IO[bytes], first: bytes = b"") -> Iterable[bytes]:
    if first:
        yield first
    while chunk := source.read(CHUNK):
        yield chunk


class _Hashed:
    """A stream that is read, and the digest of what was."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.digest.update(chunk)
        return chunk

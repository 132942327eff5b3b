"""Sealed files in the age format (age-encryption.org/v1), by pyrage: written for recipients, opened by an identity.

Who makes backups has the recipients alone, which are public; who restores one brings the identity from where it is
kept.
"""

import hashlib
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from errno import EIO
from pathlib import Path
from typing import IO

from pyrage import DecryptError, EncryptError, IdentityError, RecipientError, decrypt_io, encrypt_io
from pyrage.x25519 import Identity, Recipient

from telehealth.backups.archive import BadArchive

OWNER_ONLY = 0o600
STANDARD_INPUT = Path("-")
CHUNK = 2**20
_NUMBER = re.compile(r"\[Errno (\d+)\]")
_SECRET = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]+")


class BadKey(Exception):
    """What should be a recipient or an identity is none; the message says where."""


def new_identity() -> Identity:
    """A new pair of keys: its text opens, its `to_public()` seals."""
    return Identity.generate()


def recipients_from(texts: Sequence[str]) -> list[Recipient]:
    """Recipients by their texts (age1…). BadKey."""
    try:
        return [Recipient.from_str(text) for text in texts]
    except RecipientError as error:
        raise BadKey(
            "BACKUP_RECIPIENTS does not hold recipients as telehealth backup key shows them."
        ) from error


def identities_in(file: Path) -> list[Identity]:
    """Those in a file as `telehealth backup key` and age-keygen write it; `-` is standard input. OSError, BadKey."""
    try:
        text = sys.stdin.read() if file == STANDARD_INPUT else file.read_text(encoding="utf-8")
        found = [Identity.from_str(each) for each in _SECRET.findall(text)]
    except (IdentityError, UnicodeDecodeError) as error:
        raise BadKey(f"{_named(file)} holds a key that cannot be read.") from error
    if not found:
        raise BadKey(f"{_named(file)} holds no key: it must have a line that begins with AGE-SECRET-KEY-1.")
    return found


def _named(file: Path) -> str:
    return "Standard input" if file == STANDARD_INPUT else str(file)


@contextmanager
def sealed(file: Path, recipients: Sequence[Recipient]) -> Iterator[IO[bytes]]:
    """A new file, its owner's alone, to be written in clear; on the disk and sealed at the end. OSError."""
    out = os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb")
    reading, writing = os.pipe()
    try:
        with os.fdopen(reading, "rb") as source:
            work = _Beside(lambda: encrypt_io(source, out, recipients), source, file)
            try:
                with work, os.fdopen(writing, "wb", CHUNK) as clear:
                    yield clear
            except BrokenPipeError:  # why it went no further is the other side's to say
                work.must_be_done()
                raise
            work.must_be_done()
        with _naming(file):
            out.flush()
            os.fsync(out.fileno())
    finally:
        with _naming(file):
            out.close()


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """What goes wrong is said of this file."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error


@contextmanager
def opened(file: Path, identities: Sequence[Identity]) -> Iterator[IO[bytes]]:
    """What was sealed, to be read to its end. OSError; BadArchive when no identity opens it, or when it is not whole,
    which is known at the end."""
    reading, writing = os.pipe()
    with file.open("rb") as source, os.fdopen(writing, "wb", CHUNK) as target:
        work = _Beside(lambda: decrypt_io(source, target, identities), target, file)
        try:
            with work, os.fdopen(reading, "rb", CHUNK) as clear:
                yield clear
        except BadArchive:  # it may look so because it was not opened
            work.must_be_done()
            raise
        work.must_be_done()


def digest_of(file: Path, tell: Callable[[int], None] = lambda _: None) -> bytes:
    """SHA-256 of a file; `tell` hears how many bytes more were read."""
    digest = hashlib.sha256()
    with file.open("rb") as source:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            tell(len(chunk))
    return digest.digest()


class _Beside:
    """A stream that is sealed or opened in a thread, since the library pulls what we push. Its end of the pipe is
    closed when it is done, however that was. `file` is what is sealed or opened."""

    def __init__(self, work: Callable[[], None], end: IO[bytes], file: Path) -> None:
        self._work, self._end, self._file = work, end, file
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _run(self) -> None:
        try:
            self._work()
        except (OSError, DecryptError, EncryptError) as error:
            self._error = error
        finally:
            try:
                self._end.close()
            except OSError as error:  # what it still held found no reader
                self._error = self._error or error

    def must_be_done(self) -> None:
        """Raise what went wrong."""
        if isinstance(self._error, DecryptError):
            raise BadArchive("it is sealed for another key than this one") from self._error
        if self._error is not None and "decryption error" in str(self._error):
            raise BadArchive("it was changed or cut off after it was sealed") from self._error
        if self._error is not None:
            number = _NUMBER.search(str(self._error))  # the library passes on the text alone
            words = os.strerror(int(number[1])) if number else str(self._error)
            raise OSError(int(number[1]) if number else EIO, words, str(self._file)) from self._error

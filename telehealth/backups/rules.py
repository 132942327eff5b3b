"""Decisions about backups: how they are named, which were kept long enough, which keys go with which data."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

Kind = Literal["data", "keys"]  # what there is of the service's own database
KINDS: tuple[Kind, ...] = ("data", "keys")
Archive = Kind | Literal["accounts"]  # those at the identity provider that comes with the service
ARCHIVES: tuple[Archive, ...] = (*KINDS, "accounts")
KEY_TABLES = frozenset({"keks", "subject_keys", "record_keys"})  # what erases somebody by being gone
LATE_AFTER = timedelta(hours=26)  # a backup a day, and what one may take longer than the day before
STAMP = "%Y%m%dT%H%M%SZ"
UNFINISHED = ".part"
UNFINISHED_FOR = timedelta(days=1)
_FILE = re.compile(r"backup-(\d{8}T\d{6}Z)\.(data\.age|keys\.age|accounts\.age|note)")
_LOGGED = re.compile(
    r"[0-9A-F]{24}(\.partial|\.[0-9A-F]{8}\.backup)?|[0-9A-F]{8}\.history"
)  # PostgreSQL's names
_SEGMENT = re.compile(r"wal-(\d{8}T\d{6}Z)-([0-9A-Za-z.]+)\.age(\.part)?")
_BASE = re.compile(r"base-(\d{8}T\d{6}Z)-(\d{8}T\d{6}Z)\.age(\.part)?")


def name_at(now: datetime) -> str:
    """The name of a backup made at this moment."""
    return f"backup-{now.astimezone(UTC):{STAMP}}"


def time_of(file: str) -> datetime | None:
    """When the backup was made that a file of this name belongs to; None for what is no file of a backup."""
    found = _FILE.fullmatch(file)
    if found is None:
        return None
    return _time_from(found[1])


def _time_from(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def expired(files: Iterable[str], now: datetime, *, data_days: int, key_days: int) -> list[str]:
    """The files that were kept long enough. `data_days` 0: for ever, but for what goes after `key_days`: the keys, and
    accounts at the provider, which no key erases.

    Keys without the data they were made with open nothing that newer ones do not, so they never live longer.
    """
    short = min(data_days or key_days, key_days)
    ends = {"note": data_days, "data.age": data_days, "keys.age": short, "accounts.age": short}
    found = []
    for file in sorted(files):
        made, end = time_of(file), file.partition(".")[2]
        if made is None:
            continue
        for_ever = end in ("note", "data.age") and not data_days
        if not for_ever and now - made >= timedelta(days=ends[end]):
            found.append(file)
    return found


def may_go_with(keys_at: datetime, data_at: datetime) -> bool:
    """Whether keys of one backup open the data of another: they may be newer, since erasing only takes away."""
    return keys_at >= data_at


def is_late(last: datetime | None, now: datetime) -> bool:
    """Whether a backup should have been made since the last one."""
    return last is None or now - last > LATE_AFTER


def is_logged(file: str) -> bool:
    """Whether PostgreSQL gives this name to what it hands to `archive_command`."""
    return _LOGGED.fullmatch(file) is not None


def segment_name(file: str, now: datetime) -> str:
    """The name of a file of PostgreSQL's log that is sealed at this moment."""
    return f"wal-{now.astimezone(UTC):{STAMP}}-{file}.age"


def base_name(began: datetime, ended: datetime) -> str:
    """The name of a base backup."""
    return f"base-{began.astimezone(UTC):{STAMP}}-{ended.astimezone(UTC):{STAMP}}.age"


def log_expired(files: Iterable[str], now: datetime, key_days: int) -> list[str]:
    """Files of the log and base backups that hold keys for too long, and what was cut off a day ago.

    Keys and data cannot be told apart there, so all of it goes as early as the keys.
    """
    found = []
    for file in sorted(files):
        named = _SEGMENT.fullmatch(file) or _BASE.fullmatch(file)
        made = None if named is None else _time_from(named[1])
        lives = UNFINISHED_FOR if file.endswith(UNFINISHED) else timedelta(days=key_days)
        if made is not None and now - made >= lives:
            found.append(file)
    return found


def base_before(files: Iterable[str], until: datetime | None) -> str | None:
    """The newest base backup that was whole at `until`, or of all."""
    ends = {}
    for file in files:
        named = _BASE.fullmatch(file)
        ended = None if named is None or named[3] else _time_from(named[2])
        if ended is not None and (until is None or ended <= until):
            ends[ended] = file
    return ends[max(ends)] if ends else None


def newest_note(files: Iterable[str]) -> datetime | None:
    """When the newest whole backup was made."""
    return max((made for file in files if file.endswith(".note") and (made := time_of(file))), default=None)


def newest_log(files: Iterable[str]) -> datetime | None:
    """When a file of the log was last sealed: what is later is in none of them."""
    return _newest(_SEGMENT, files)


def newest_base(files: Iterable[str]) -> datetime | None:
    """When the newest base backup was begun."""
    return _newest(_BASE, files)


def _newest(name: re.Pattern[str], files: Iterable[str]) -> datetime | None:
    found = (name.fullmatch(file) for file in files)
    stamps = [each[1] for each in found if each and not each[0].endswith(UNFINISHED)]
    return _time_from(max(stamps)) if stamps else None


def log_after(files: Iterable[str], base: str, until: datetime | None = None) -> dict[str, str]:
    """Which file holds which of PostgreSQL's names, of those that were sealed since this base backup began. Where one
    was sealed twice the first counts: a later one may be of a new database, which counts from the start again.

    A history that was sealed after `until` is of somebody who went back since then: PostgreSQL would follow it away
    from what was written at first.
    """
    began = base.split("-")[1]
    ends = None if until is None else f"{until.astimezone(UTC):{STAMP}}"
    found: dict[str, str] = {}
    for file in sorted(files):
        named = _SEGMENT.fullmatch(file)
        if named is None or named[3] or named[1] < began:
            continue
        if ends is None or named[1] <= ends or not named[2].endswith(".history"):
            found.setdefault(named[2], file)
    return found

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
_FILE = re.compile(r"backup-(\d{8}T\d{6}Z)\.(data\.age|keys\.age|accounts\.age|note)")


def name_at(now: datetime) -> str:
    """The name of a backup made at this moment."""
    return f"backup-{now.astimezone(UTC):{STAMP}}"


def time_of(file: str) -> datetime | None:
    """When the backup was made that a file of this name belongs to; None for what is no file of a backup."""
    found = _FILE.fullmatch(file)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], STAMP).replace(tzinfo=UTC)
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

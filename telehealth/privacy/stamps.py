"""Times as they stand in the archive."""

from datetime import datetime
from zoneinfo import ZoneInfo


def stamp(at: datetime) -> str:
    """2026-11-24T09:00:00Z"""
    return at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


def maybe(at: datetime | None) -> str | None:
    """The same, where there is a time."""
    return None if at is None else stamp(at)

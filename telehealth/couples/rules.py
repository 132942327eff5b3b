"""Pure decisions about inviting and joining."""

from datetime import datetime, timedelta

GOOD_FOR = timedelta(days=7)
LIVE = ("asked", "booked")  # somebody can still come along


def expires_at(now: datetime, starts_at: datetime) -> datetime:
    """When a link made now stops leading anywhere: after a week, or when the appointment begins."""
    return min(now + GOOD_FOR, starts_at)


def is_open(state: str, *, starts_at: datetime, clients: int, seats: int, now: datetime) -> bool:
    """Whether somebody may still come along."""
    return state in LIVE and now < starts_at and clients < seats


def may_leave(state: str, *, starts_at: datetime, now: datetime) -> bool:
    """Whether somebody may still end their own part."""
    return state in LIVE and now < starts_at

"""Pure decisions about the door of a room."""

from datetime import datetime, timedelta
from typing import Literal

from telehealth.appointments.rules import CLOSES_AFTER
from telehealth.appointments.rules import opens_at as opens_for

TICKET_LIVES = timedelta(seconds=30)

Door = Literal["early", "open", "over"]
OPEN_STATES = frozenset({"booked", "attended"})


def opens_at(starts_at: datetime, *, host: bool) -> datetime:
    """When the door opens: 15 min before the start for clients, an hour for the therapist."""
    return opens_for(starts_at, "therapist" if host else "client")


def closes_at(ends_at: datetime) -> datetime:
    """When the room closes by itself."""
    return ends_at + CLOSES_AFTER


def door(
    *, state: str, starts_at: datetime, ends_at: datetime, ended: bool, host: bool, now: datetime
) -> Door:
    """Whether this person may come to the door now."""
    if state not in OPEN_STATES or ended or now >= closes_at(ends_at):
        return "over"
    return "early" if now < opens_at(starts_at, host=host) else "open"

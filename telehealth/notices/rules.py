"""Pure decisions about telling people: when a mail is tried again, what somebody may choose, which reminder is due."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from telehealth.errors import Invalid

LEASE = timedelta(
    minutes=5
)  # longer than any server may take; a worker that died holds a mail no longer than this
ATTEMPTS = 14  # about a day and a half
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)
STALE = timedelta(days=3)  # nobody is helped by older news
REMINDERS = (24, 1)  # hours before
TOO_NEAR = timedelta(hours=2)  # the reminder of a day before is of no use any more
CHANNELS = ("email", "none")
LEVELS = ("neutral", "details")
UNKNOWN_CHOICE = "Please choose one of what is offered."
UNKNOWN_ZONE = "We do not know that time zone. Please choose one from the list."

State = Literal["booked", "cancelled"]


@dataclass(frozen=True)
class Preferences:
    """How one person wishes to be told. `zone` is empty for the practice's; `alone`: nobody else reads the mailbox."""

    channel: str = "email"
    level: str = "neutral"
    day_before: bool = True
    hour_before: bool = False
    zone: str = ""
    alone: bool = False

    @property
    def hours(self) -> tuple[int, ...]:
        """How many hours before an appointment this person wants a reminder."""
        if self.channel == "none":
            return ()
        chosen = {24: self.day_before, 1: self.hour_before}
        return tuple(hours for hours in REMINDERS if chosen[hours])

    def text(self) -> str:
        """As it is sealed."""
        return json.dumps(asdict(self))


def preferences_unless_chosen(*, staff: bool) -> Preferences:
    """A therapist's day has many appointments, so they are reminded only when they ask for it."""
    return Preferences(day_before=not staff)


def preferences_from(text: str) -> Preferences:
    """What was sealed, opened again; what a newer release added is left out."""
    kept = json.loads(text)
    return Preferences(**{each.name: kept[each.name] for each in fields(Preferences) if each.name in kept})


def preferences_of(form: Mapping[str, str]) -> Preferences:
    """What was chosen on the page; Invalid when something stands there that was not offered."""
    wrong = {
        name: UNKNOWN_CHOICE
        for name, known in (("channel", CHANNELS), ("level", LEVELS))
        if form.get(name, "") not in known
    }
    zone = form.get("zone", "")
    if zone and not _is_zone(zone):
        wrong["zone"] = UNKNOWN_ZONE
    if wrong:
        raise Invalid("unknown_choice", next(iter(wrong.values())), fields=wrong)
    ticked = {name: form.get(name) == "yes" for name in ("day_before", "hour_before", "alone")}
    return Preferences(channel=form["channel"], level=form["level"], zone=zone, **ticked)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def retry_at(now: datetime, attempts: int, chance: bytes) -> datetime | None:
    """When a mail that failed `attempts` times is tried again; None: never. `chance` is one random byte.

    Twice as long after each failure, and up to half of it taken off by chance, so that a server that comes back is not
    met by everything at once.
    """
    if attempts >= ATTEMPTS:
        return None
    wait = min(FIRST_WAIT * (1 << (attempts - 1)), LONGEST_WAIT)
    return now + wait * (1 - chance[0] / 512)


def reminders_due(
    starts_at: datetime, booked_at: datetime, now: datetime, wanted: tuple[int, ...]
) -> tuple[int, ...]:
    """Which of the reminders `wanted` (hours before) is due now of an appointment that was booked at `booked_at`."""
    left = starts_at - now
    return tuple(
        hours
        for hours in wanted
        if (timedelta(0) if hours == 1 else TOO_NEAR) < left <= timedelta(hours=hours)
        and booked_at <= starts_at - timedelta(hours=hours)
    )


@dataclass(frozen=True)
class CalendarEntry:
    """One person's entry of one appointment, as their calendar was last told. Times are aware UTC."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    state: State


def entry_after(
    entry: CalendarEntry | None, *, uid: str, starts_at: datetime, ends_at: datetime, state: State
) -> CalendarEntry | None:
    """What a calendar is told now: SEQUENCE counts the changes it was told of (RFC 5546, section 2.1.4).

    None: it never heard of an appointment that is cancelled, and need not.
    """
    if entry is None:
        return None if state == "cancelled" else CalendarEntry(uid, 0, starts_at, ends_at, state)
    if state == "cancelled":  # of the time that stands there
        starts_at, ends_at = entry.starts_at, entry.ends_at
    same = (entry.starts_at, entry.ends_at, entry.state) == (starts_at, ends_at, state)
    return entry if same else CalendarEntry(entry.uid, entry.sequence + 1, starts_at, ends_at, state)

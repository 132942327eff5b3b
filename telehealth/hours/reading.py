"""A change of hours as it is typed into a form; pure. Every refusal names its field and keeps the others."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from telehealth.availability.clock import DAY
from telehealth.availability.rules import Dated, Weekly, Workload
from telehealth.errors import Invalid

LONGEST_RANGE = 366  # days
FARTHEST = 5 * 366  # days from today, both ways
MOST_BREAK, MOST_SESSIONS = 240, 24
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(?::00)?")

Fields = Mapping[str, str]
TIME = "Please write a time such as 09:30."
ORDER = "Hours end after they begin. For the end of the day write 24:00."
DATE = "Please choose a day of the calendar, not more than five years away."
DATES = "The last day is not before the first one."
RANGE = "Please choose a year at most, and add the rest as a second entry."


def weekly_from(fields: Fields, today: date) -> Weekly:
    """A weekly period from weekday (0 to 6), start, end, and the dates between which it holds, perhaps empty."""
    wrong: dict[str, str] = {}
    weekday = fields.get("weekday", "")
    if weekday not in tuple("0123456"):
        wrong["weekday"] = "Please choose a weekday."
    start, end = _period(fields, wrong)
    begins = _day(fields, "valid_from", today, wrong, needed=False)
    ends = _day(fields, "valid_until", today, wrong, needed=False)
    if begins is not None and ends is not None and ends < begins:
        wrong["valid_until"] = DATES
    _refuse(wrong)
    return Weekly(int(weekday), start, end, begins, ends)


def dated_from(fields: Fields, today: date) -> Dated:
    """Days that differ from kind, day, last_day, start and end. Time off without times is the whole day."""
    wrong: dict[str, str] = {}
    kind: Literal["off", "extra"] = "extra" if fields.get("kind") == "extra" else "off"
    whole = kind == "off" and not fields.get("start") and not fields.get("end")
    start, end = (0, DAY) if whole else _period(fields, wrong)
    first = _day(fields, "day", today, wrong, needed=True) or today
    last = _day(fields, "last_day", today, wrong, needed=False)
    if last is not None and last < first:
        wrong.setdefault("last_day", DATES)
    if last is not None and last - first > timedelta(days=LONGEST_RANGE):
        wrong.setdefault("last_day", RANGE)
    _refuse(wrong)
    return Dated(first, kind, start, end, None if last == first else last)


def workload_from(fields: Fields) -> Workload:
    """Breaks and the number a day from break_minutes and sessions_per_day; an empty number is no limit."""
    wrong: dict[str, str] = {}
    pause = _number(fields.get("break_minutes") or "0", MOST_BREAK)
    if pause is None:
        wrong["break_minutes"] = f"Please write a number of minutes from 0 to {MOST_BREAK}."
    most = _number(fields.get("sessions_per_day", ""), MOST_SESSIONS)
    if fields.get("sessions_per_day") and not most:
        wrong["sessions_per_day"] = f"Please write a number from 1 to {MOST_SESSIONS}, or nothing."
    _refuse(wrong)
    return Workload(pause or 0, most)


def _refuse(wrong: Fields) -> None:
    if wrong:
        raise Invalid("malformed_hours", next(iter(wrong.values())), fields=wrong)


def _period(fields: Fields, wrong: dict[str, str]) -> tuple[int, int]:
    """Two times of the wall clock; an end at 00:00 is the end of the day."""
    start, end = (_minute(fields, name, wrong) for name in ("start", "end"))
    end = end or DAY
    if start >= end and not wrong.keys() & {"start", "end"}:
        wrong["end"] = ORDER
    return start, end


def _minute(fields: Fields, name: str, wrong: dict[str, str]) -> int:
    found = _CLOCK.fullmatch(fields.get(name, ""))
    minute = DAY + 1 if found is None else int(found[1]) * 60 + int(found[2])
    if minute > DAY:
        wrong[name] = TIME
        return 0
    return minute


def _day(fields: Fields, name: str, today: date, wrong: dict[str, str], *, needed: bool) -> date | None:
    if not fields.get(name) and not needed:
        return None
    try:
        found = date.fromisoformat(fields.get(name, ""))
    except ValueError:
        wrong[name] = DATE
        return None
    if abs(found - today) > timedelta(days=FARTHEST):
        wrong[name] = DATE
        return None
    return found


def _number(text: str, most: int) -> int | None:
    is_number = text.isascii() and text.isdecimal() and len(text) < 4
    return int(text) if is_number and int(text) <= most else None

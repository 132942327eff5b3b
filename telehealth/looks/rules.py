"""What a page of the record shows of it, and who may be named there. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from telehealth.person import Role


@dataclass(frozen=True)
class Who:
    """Somebody who did something, as the reader may know them. `role` is in words; `name` empty where it is not told.

    `is_reader`: it was the reader.
    """

    role: str
    name: str = ""
    is_reader: bool = False


@dataclass(frozen=True)
class Act:
    """One entry in words. `at` is in the zone it is shown in."""

    at: datetime
    who: Who
    what: str
    refused: bool
    emergency: bool


@dataclass(frozen=True)
class Line:
    """What somebody did on one day, however often: `times` in order."""

    who: Who
    what: str
    refused: bool
    emergency: bool
    times: tuple[datetime, ...]


@dataclass(frozen=True)
class Day:
    """A day's lines: `others` is what this is about, `own` what the reader did. `at` is a moment of the day."""

    at: datetime
    others: tuple[Line, ...]
    own: tuple[Line, ...]


def may_be_named(reader: Role, other: Role) -> bool:
    """Therapists are known to everybody, staff know one another, and nobody learns the name of a client here."""
    return other == "therapist" or (other != "client" and reader != "client")


def days_of(acts: Sequence[Act]) -> list[Day]:
    """The latest day first; within it the latest line first, the same act of the same person as one line."""
    by_day: dict[date, dict[tuple[Who, str, bool, bool], list[datetime]]] = {}
    for act in sorted(acts, key=lambda each: each.at, reverse=True):
        lines = by_day.setdefault(act.at.date(), {})
        lines.setdefault((act.who, act.what, act.refused, act.emergency), []).append(act.at)
    return [_day(lines) for lines in by_day.values()]


def _day(found: dict[tuple[Who, str, bool, bool], list[datetime]]) -> Day:
    lines = [Line(*what, times=tuple(reversed(times))) for what, times in found.items()]
    others = tuple(line for line in lines if not line.who.is_reader)
    return Day(lines[0].times[-1], others, tuple(line for line in lines if line.who.is_reader))

"""One local day as UTC minutes, also on the days when the clocks change; pure.

A minute of a local day counts from its midnight as the wall clock shows it, 0 to 1440. UTC minutes count from the
epoch. Whole minutes suffice: since 1972 no zone is a fraction of a minute away from UTC.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 24 * 60
_EPOCH = date(1970, 1, 1)
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_MARGIN = 2 * 60  # around the day, so that a change of clocks at midnight itself is seen


class Stretch(NamedTuple):
    """UTC minutes [start, end) during which the wall clock runs evenly; `midnight` is its minute 0 carried there."""

    start: int
    end: int
    midnight: int


@dataclass(frozen=True)
class LocalDay:
    """`early` and `late` are the UTC minutes of minute 0 by the offsets before and after the change of clocks. At the
    change the wall clock would show `turns` and shows `becomes`: more when it skips, less when it repeats."""

    early: int
    late: int
    turns: int
    becomes: int

    def spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """The UTC minutes during which the wall clock shows [start, end): repeated ones twice, skipped ones never."""
        if end <= min(self.turns, self.becomes):
            return [(self.early + start, self.early + end)]
        before = self.early + start, self.early + min(end, self.turns)
        after = self.late + max(start, self.becomes), self.late + end
        return [span for span in (before, after) if span[0] < span[1]]

    def stretches(self, start: int, end: int) -> list[Stretch]:
        """Where the wall clock shows [start, end) for the first time."""
        if end <= self.turns:
            return [Stretch(self.early + start, self.early + end, self.early)]
        before = Stretch(self.early + start, self.early + min(end, self.turns), self.early)
        first_shown = max(start, self.turns, self.becomes)
        after = Stretch(self.late + first_shown, self.late + end, self.late)
        return [stretch for stretch in (before, after) if stretch.start < stretch.end]


@lru_cache(maxsize=4096)
def local_day(day: date, zone: ZoneInfo) -> LocalDay:
    """The day `day` as the clocks of `zone` show it."""
    midnight = (day - _EPOCH).days * DAY
    begins = midnight - _offset(midnight + DAY // 2, zone)  # near enough for the margin
    before, after = begins - _MARGIN, begins + DAY + _MARGIN
    early, late = _offset(before, zone), _offset(after, zone)
    if early == late:
        return LocalDay(midnight - early, midnight - early, 2 * DAY, 2 * DAY)
    changes_at = _change_between(before, after, zone)
    turns, becomes = changes_at + early - midnight, changes_at + late - midnight
    return LocalDay(midnight - early, midnight - late, turns, becomes)


def _offset(minute: int, zone: ZoneInfo) -> int:
    shown = datetime.fromtimestamp(minute * 60, zone).replace(tzinfo=UTC)
    return int(shown.timestamp()) // 60 - minute


def _change_between(before: int, after: int, zone: ZoneInfo) -> int:
    early = _offset(before, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(middle, zone) == early:
            before = middle
        else:
            after = middle
    return after


def minute_of(moment: datetime, *, up: bool = False) -> int:
    """The UTC minute of an aware datetime; part of a minute counts down, or up."""
    passed = moment - _BEGIN
    return -(-passed // _MINUTE) if up else passed // _MINUTE


def moment_of(minute: int) -> datetime:
    """The aware UTC datetime of a UTC minute."""
    return _BEGIN + minute * _MINUTE

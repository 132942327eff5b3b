"""Which open times are named where the wanted one cannot be had: the nearest at which somebody is free; pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from telehealth.availability.rules import OpenTime

START = attrgetter("start")


def apart_from(
    busy: Iterable[tuple[datetime, datetime]], times: Sequence[OpenTime], length: timedelta
) -> list[OpenTime]:
    """Those of the ascending times at which somebody who is busy then and then is free for so long."""
    found, waiting = [], sorted(busy, reverse=True)
    for time in times:
        while waiting and waiting[-1][1] <= time.start:
            waiting.pop()
        if not waiting or waiting[-1][0] >= time.start + length:
            found.append(time)
    return found


def nearest(
    times: Sequence[OpenTime], wanted: datetime, therapist_id: bytes, *, count: int = 6
) -> list[OpenTime]:
    """Up to `count` of the ascending times near the wanted one, earlier and later: the same therapist's first, then
    others'."""
    same = [time for time in times if time.therapist_id == therapist_id]
    others = [time for time in times if time.therapist_id != therapist_id]
    kept = _around(same, wanted, max(count - len(others), _first(count)))
    return kept + _around(others, wanted, count - len(kept))


def are_enough(times: Sequence[OpenTime], therapist_id: bytes, *, alone: bool, count: int = 6) -> bool:
    """Whether among these, within a few days, are all that are named: as many of the same therapist as come first where
    others have any, or all of them where nobody else could (`alone`)."""
    same = sum(time.therapist_id == therapist_id for time in times)
    return len(times) >= count and same >= (count if alone else _first(count))


def _first(count: int) -> int:
    """How many of the same therapist are named before any other's."""
    return (2 * count + 2) // 3


def _around(times: Sequence[OpenTime], wanted: datetime, count: int) -> list[OpenTime]:
    """Half of them from each side while there are any, nearest first."""
    middle = bisect_left(times, wanted, key=START)
    first = bisect_left(times, times[max(0, middle - count)].start, key=START) if times else 0
    last = bisect_right(times, times[min(middle + count, len(times)) - 1].start, key=START) if times else 0
    near = sorted(times[first:last], key=lambda time: (abs(time.start - wanted), time.start))
    earlier = [time for time in near if time.start < wanted]
    later = [time for time in near if time.start >= wanted]
    taken = (
        earlier[: max(count // 2, count - len(later))]
        + later[: max(count - count // 2, count - len(earlier))]
    )
    return [time for time in near if time in taken][:count]

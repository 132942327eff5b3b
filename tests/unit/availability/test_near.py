"""Which open times are named instead of one that cannot be had."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from telehealth.availability import store
from telehealth.availability.near import START, apart_from, are_enough, nearest
from telehealth.availability.rules import OpenTime
from telehealth.clinic import rules as clinic
from telehealth.hours.reading import MOST_BREAK

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SEVERAL = [b"same"] * 6 + [b"other", b"third"] * 6


def at(hours: float, therapist_id: bytes = b"same") -> OpenTime:
    return OpenTime(NINE + timedelta(hours=hours), therapist_id, b"service")


def test_the_nearest_times_are_on_both_sides_and_the_same_therapist_comes_first() -> None:
    times = [at(hours) for hours in (-5, -4, 1, 2, 3, 4)] + [at(0, b"other"), at(-0.5, b"other")]
    assert nearest(sorted(times, key=START), NINE, b"same") == [
        at(1),
        at(2),
        at(-4),
        at(-5),
        at(0, b"other"),
        at(-0.5, b"other"),
    ]


def test_a_full_day_of_one_therapist_leaves_room_for_others() -> None:
    others = [at(hours, b"other") for hours in (-2, -1, 0, 1, 2, 3, 9)]
    by_distance = [at(hours, b"other") for hours in (0, -1, 1, -2, 2, 3)]
    assert nearest(others, NINE, b"same") == by_distance
    assert [
        time.therapist_id for time in nearest(sorted([*others, at(1), at(2)], key=START), NINE, b"same")[:2]
    ] == [b"same"] * 2


@pytest.mark.parametrize("side", [-1, 1])
def test_one_empty_side_is_made_up_for_by_the_other(side: int) -> None:
    times = [at(side * hours) for hours in range(1, 9)]
    assert nearest(sorted(times, key=START), NINE, b"same") == times[:6]
    assert nearest([], NINE, b"same") == []


def test_there_are_enough_where_those_are_who_come_first_and_as_many_as_are_named() -> None:
    same, others = [at(hours) for hours in range(4)], [at(hours, b"other") for hours in range(2)]
    assert are_enough([*same, *others], b"same", alone=False)
    assert not are_enough([*same, *others[:1]], b"same", alone=False), "one too few"
    assert not are_enough([*same[:3], *others, *others], b"same", alone=False), (
        "more of the same are looked for"
    )
    assert not are_enough([*same, *others], b"same", alone=True)
    assert are_enough([*same, at(5), at(6)], b"same", alone=True)


def test_what_is_enough_fills_the_list_with_as_many_of_the_same() -> None:
    chance, enough = random.Random(10), 0
    for _ in range(200):
        times = [
            at(chance.randint(-60, 60) / 2, chance.choice(SEVERAL)) for _ in range(chance.randint(0, 24))
        ]
        if are_enough(times, b"same", alone=False):
            enough += 1
            found = nearest(sorted(times, key=START), NINE, b"same")
            assert (len(found), sum(each.therapist_id == b"same" for each in found) >= 4) == (6, True)
    assert 50 < enough < 150


def test_a_time_is_apart_from_what_only_touches_it() -> None:
    times = [at(0), at(1), at(2), at(3)]
    busy = [(NINE + 3 * HOUR, NINE + 4 * HOUR), (NINE + HOUR, NINE + 2 * HOUR)]
    assert apart_from(busy, times, HOUR) == [at(0), at(2)]
    assert apart_from(busy, times, 1.5 * HOUR) == []
    assert apart_from([], times, HOUR) == times


def test_no_session_reaches_farther_than_what_is_looked_at_beside_it() -> None:
    reach = max(clinic.MINUTES) + 2 * max(clinic.BUFFER) + MOST_BREAK
    assert timedelta(minutes=reach) < store.BESIDE

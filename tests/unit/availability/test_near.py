"""Which open times are named instead of one that cannot be had."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from telehealth.availability.near import START, apart_from, are_enough, nearest
from telehealth.availability.rules import OpenTime

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


def test_times_farther_away_than_as_many_as_are_asked_for_change_nothing() -> None:
    chance = random.Random(9)
    for _ in range(100):
        near = [at(side * chance.randint(1, 60) / 2, who) for side in (-1, 1) for who in SEVERAL]
        far = [at(chance.choice((-1, 1)) * chance.randint(61, 200) / 2, who) for who in SEVERAL]
        found = nearest(sorted(near, key=START), NINE, b"same")
        assert len(found) == 6
        assert are_enough(sorted(near, key=START), NINE, b"same", alone=False)
        assert nearest(sorted([*near, *far], key=START), NINE, b"same") == found


def test_whatever_lies_farther_away_changes_nothing_where_there_are_enough() -> None:
    chance, enough = random.Random(10), 0
    for _ in range(400):
        alone, ends = chance.random() < 0.5, (chance.random() < 0.5, chance.random() < 0.2)
        whom = SEVERAL[: 6 if alone else None]
        sides = [side for side, is_last in zip((-1, 1), ends, strict=True) if not is_last] or [0]
        near = [at(chance.randint(-60, 60) / 2, chance.choice(whom)) for _ in range(chance.randint(0, 40))]
        far = [at(chance.choice(sides) * chance.randint(61, 200) / 2, chance.choice(whom)) for _ in whom]
        everything = near if sides == [0] else [*near, *far]
        if are_enough(sorted(near, key=START), NINE, b"same", alone=alone, ends=ends):
            enough += 1
            found = nearest(sorted(near, key=START), NINE, b"same")
            assert nearest(sorted(everything, key=START), NINE, b"same") == found
    assert 100 < enough < 300


def test_one_side_or_one_of_two_groups_is_not_enough() -> None:
    both = [at(hours) for hours in range(-6, 6)]
    assert are_enough(both, NINE, b"same", alone=True)
    assert not are_enough(both, NINE, b"same", alone=False)
    for fewer, ends in ((both[1:], (True, False)), (both[:-1], (False, True))):
        assert not are_enough(fewer, NINE, b"same", alone=True)
        assert are_enough(fewer, NINE, b"same", alone=True, ends=ends)


def test_a_time_is_apart_from_what_only_touches_it() -> None:
    times = [at(0), at(1), at(2), at(3)]
    busy = [(NINE + 3 * HOUR, NINE + 4 * HOUR), (NINE + HOUR, NINE + 2 * HOUR)]
    assert apart_from(busy, times, HOUR) == [at(0), at(2)]
    assert apart_from(busy, times, 1.5 * HOUR) == []
    assert apart_from([], times, HOUR) == times

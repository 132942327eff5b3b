"""Lines and days of who looked, and who may be named to whom."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from telehealth.looks.rules import Act, Who, days_of, may_be_named
from telehealth.person import ROLES, Role

NADIA = Who("therapist", "Nadia Behrens")
DESK = Who("front desk")
ME = Who("you", is_reader=True)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def act(
    who: Who, *, hours: float = 0, what: str = "looked", refused: bool = False, emergency: bool = False
) -> Act:
    return Act(NOON + timedelta(hours=hours), who, what, refused, emergency)


def test_nothing_makes_no_day() -> None:
    assert days_of([]) == []


def test_the_latest_day_and_line_come_first() -> None:
    first, second = days_of([act(NADIA, hours=-20), act(DESK), act(NADIA, hours=1)])
    assert [line.who for line in first.others] == [NADIA, DESK]
    assert (first.at.day, second.at.day) == (24, 23)


def test_the_same_act_of_the_same_person_is_one_line_with_its_times_in_order() -> None:
    (day,) = days_of([act(NADIA, hours=2), act(NADIA), act(NADIA, hours=1)])
    (line,) = day.others
    assert [moment.hour for moment in line.times] == [12, 13, 14]


@pytest.mark.parametrize("other", [{"what": "booked"}, {"refused": True}, {"emergency": True}])
def test_what_differs_stays_apart(other: dict[str, bool]) -> None:
    (day,) = days_of([act(NADIA), act(NADIA, **other)])  # type: ignore[arg-type]
    assert len(day.others) == 2


def test_what_the_reader_did_stands_apart() -> None:
    (day,) = days_of([act(ME), act(NADIA)])
    assert [line.who for line in day.own] == [ME]
    assert [line.who for line in day.others] == [NADIA]


def test_a_day_is_a_day_of_the_shown_zone() -> None:
    late = Act(
        datetime(2026, 11, 24, 23, 30, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin")),
        NADIA,
        "",
        False,
        False,
    )
    (day,) = days_of([late])
    assert day.at.day == 25


@pytest.mark.parametrize(("reader", "other"), list(product(ROLES, ROLES)))
def test_who_may_be_named_to_whom(reader: Role, other: Role) -> None:
    expected = {
        "client": False,
        "therapist": True,
        "front_desk": reader != "client",
        "administrator": reader != "client",
    }
    assert may_be_named(reader, other) == expected[other]

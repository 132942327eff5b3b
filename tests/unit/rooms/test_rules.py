"""When the door of a room is open, and for whom."""

from datetime import timedelta

import pytest

from telehealth.rooms import rules
from tests.clock import MONDAY

ENDS = MONDAY + timedelta(minutes=50)


@pytest.mark.parametrize(
    ("minutes", "host", "expected"),
    [
        (-61, True, "early"),
        (-60, True, "open"),
        (-16, False, "early"),
        (-15, False, "open"),
        (109, False, "open"),
        (110, False, "over"),
        (110, True, "over"),
    ],
)
def test_the_door_follows_the_clock(minutes: int, host: bool, expected: str) -> None:
    now = MONDAY + timedelta(minutes=minutes)
    found = rules.door(state="booked", starts_at=MONDAY, ends_at=ENDS, ended=False, host=host, now=now)
    assert found == expected


@pytest.mark.parametrize(("state", "ended"), [("cancelled", False), ("booked", True), ("missed", False)])
def test_what_is_over_stays_closed(state: str, ended: bool) -> None:
    found = rules.door(state=state, starts_at=MONDAY, ends_at=ENDS, ended=ended, host=False, now=MONDAY)
    assert found == "over"

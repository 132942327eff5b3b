"""A day and an hour that staff type: read by the clock of the zone they see, or refused with what to do."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from telehealth.appointments.own_time import own_time_of
from telehealth.errors import Invalid

BERLIN, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")


def test_nothing_typed_is_no_time() -> None:
    assert own_time_of({"day": "", "at": ""}, BERLIN) is None


def test_an_hour_that_comes_twice_is_its_first() -> None:
    typed = {"day": "2026-10-25", "at": "02:30"}
    assert own_time_of(typed, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at", "zone", "instead"),
    [("2027-03-28", "02:30", BERLIN, "03:30"), ("2026-10-04", "02:10", LORD_HOWE, "02:40")],
)
def test_an_hour_that_does_not_exist_is_refused_with_one_that_does(
    day: str, at: str, zone: ZoneInfo, instead: str
) -> None:
    with pytest.raises(Invalid) as refused:
        own_time_of({"day": day, "at": at}, zone)
    assert refused.value.code == "no_such_hour"
    assert f"{at} does not exist" in refused.value.sentence
    assert f"such as {instead}." in refused.value.sentence


@pytest.mark.parametrize(
    "typed",
    [{"day": "2026-11-31", "at": "10:00"}, {"day": "2026-11-30"}, {"at": "10:00"}, {"day": "x", "at": "y"}],
)
def test_what_is_no_day_and_hour_is_refused(typed: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        own_time_of(typed, BERLIN)
    assert refused.value.code == "no_time"

"""What may be wished for, what fits, and how long a time is kept."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from telehealth.errors import Invalid
from telehealth.waiting import rules
from telehealth.waiting.rules import Wish, wish_from

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)  # 12:00 in Berlin
MARA, JONAS = b"mara............", b"jonas..........."


@pytest.mark.parametrize("wish", [Wish(None, "", "Europe/Berlin"), Wish(MARA, "evening", "Asia/Kathmandu")])
def test_a_wish_is_the_same_after_it_was_sealed(wish: Wish) -> None:
    assert wish_from(wish.text()) == wish


def test_a_time_fits_by_therapist_and_part_of_the_day_in_the_zone_of_who_waits() -> None:
    morning = Wish(MARA, "morning", "Europe/Berlin")
    assert morning.fits(NOON - timedelta(minutes=1), MARA)
    assert not morning.fits(NOON, MARA)
    assert not morning.fits(NOON - timedelta(minutes=1), JONAS)
    assert Wish(None, "", "Europe/Berlin").fits(NOON, JONAS)
    assert Wish(None, "evening", "Asia/Kathmandu").fits(NOON + timedelta(hours=1), JONAS)


def test_a_part_that_is_none_is_any() -> None:
    assert [rules.part_from(text) for text in ("morning", "noon", "")] == ["morning", "", ""]


def test_the_last_day_counts_to_its_end_in_the_zone() -> None:
    assert rules.before_from(" 2026-11-25 ", NOON, BERLIN) == datetime(2026, 11, 25, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "day_needed"), ("soon", "day_needed"), ("2026-11-22", "day_past"), ("2027-11-25", "day_far")],
)
def test_another_day_is_refused_at_its_field(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.before_from(text, NOON, BERLIN)
    assert (refused.value.code, list(refused.value.fields)) == (code, ["until"])


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (NOON, 4.0),
        (NOON + timedelta(hours=8), 4 + 10),  # 20:00: two hours in the evening, two in the morning
        (NOON + timedelta(hours=11), 1 + 8 + 4),  # 23:00
        (NOON - timedelta(hours=9), 5 + 4),  # 03:00
    ],
)
def test_there_are_four_hours_by_day_to_answer(now: datetime, hours: float) -> None:
    answer_by = rules.answer_by(now, now + timedelta(days=3), 60, BERLIN)
    assert answer_by == now + timedelta(hours=hours)


def test_a_time_is_kept_until_its_notice_at_the_latest_and_not_for_less_than_half_an_hour() -> None:
    soon = NOON + timedelta(hours=2)
    assert rules.answer_by(NOON, soon, 60, BERLIN) == NOON + timedelta(hours=1)
    assert rules.answer_by(NOON, soon, 0, BERLIN) == soon - rules.SHORTEST
    assert rules.answer_by(NOON, soon, 100, BERLIN) is None


def test_while_an_offer_is_open_or_just_went_unanswered_no_other_is_made() -> None:
    assert rules.is_left_alone(None, NOON, NOON)
    assert rules.is_left_alone("lapsed", NOON, NOON + timedelta(hours=19))
    assert not rules.is_left_alone("lapsed", NOON, NOON + timedelta(hours=20))
    assert not rules.is_left_alone("declined", NOON, NOON)

"""Until when a link leads somewhere, and until when somebody can come along or leave."""

from datetime import UTC, datetime, timedelta

from telehealth.couples import rules

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_a_link_is_good_for_a_week_or_until_it_begins() -> None:
    assert rules.expires_at(NOW, NOW + timedelta(days=8)) == NOW + timedelta(days=7)
    assert rules.expires_at(NOW, NOW + timedelta(hours=2)) == NOW + timedelta(hours=2)


def test_somebody_can_come_along_while_it_stands_has_room_and_has_not_begun() -> None:
    begins = NOW + timedelta(minutes=1)
    assert rules.is_open("booked", starts_at=begins, clients=1, seats=2, now=NOW)
    assert rules.is_open("asked", starts_at=begins, clients=3, seats=4, now=NOW)
    assert not rules.is_open("booked", starts_at=begins, clients=2, seats=2, now=NOW)
    assert not rules.is_open("cancelled", starts_at=begins, clients=1, seats=2, now=NOW)
    assert not rules.is_open("booked", starts_at=NOW, clients=1, seats=2, now=NOW)


def test_somebody_can_leave_until_it_begins() -> None:
    assert rules.may_leave("booked", starts_at=NOW + timedelta(minutes=1), now=NOW)
    assert not rules.may_leave("booked", starts_at=NOW, now=NOW)
    assert not rules.may_leave("attended", starts_at=NOW + timedelta(minutes=1), now=NOW)

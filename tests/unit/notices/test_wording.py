"""What a person is told, in whole sentences and in the time of their own zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from telehealth.notices.wording import LOOKS, SESSIONS, words_of

BERLIN = ZoneInfo("Europe/Berlin")
FROM = datetime(2026, 11, 24, 13, 2, tzinfo=UTC)
UNTIL = FROM + timedelta(hours=2)
OPEN = {
    "who": "Omar Fassbinder",
    "confirmed_by": "Dora Desk",
    "why": "She said goodbye.\nTwice.",
    "from": FROM.isoformat(),
    "until": UNTIL.isoformat(),
}


def test_an_opened_record_is_told_with_who_why_and_until_when() -> None:
    words = words_of("emergency_open", OPEN, BERLIN, FROM)
    assert words.heading == "Your record was opened in an emergency"
    assert words.paragraphs[0].startswith("Omar Fassbinder asked to see your record")
    assert "Dora Desk read the reason and agreed" in words.paragraphs[0]
    assert words.paragraphs[1].startswith("This lets Omar Fassbinder see your name")
    assert "from 14:02 on Tuesday 24 November until 16:02 at the latest." in words.paragraphs[1]
    assert words.said == "She said goodbye.\nTwice."
    assert words.way == LOOKS


def test_afterwards_it_says_so_as_what_was() -> None:
    before, after = (
        words_of("emergency_open", OPEN, BERLIN, moment) for moment in (UNTIL - timedelta(seconds=1), UNTIL)
    )
    assert before.paragraphs[1].startswith("This lets Omar")
    assert after.paragraphs[1].startswith("This let Omar")


def test_past_midnight_the_end_has_its_day() -> None:
    words = words_of("emergency_open", OPEN, ZoneInfo("Asia/Tokyo"), FROM)
    assert (
        "from 22:02 on Tuesday 24 November until 00:02 on Wednesday 25 November at the latest."
        in words.paragraphs[1]
    )


def test_who_has_no_name_is_said_by_what_they_are() -> None:
    words = words_of("emergency_open", OPEN | {"who": "", "confirmed_by": ""}, BERLIN, FROM)
    assert words.paragraphs[0].startswith("A therapist of this practice asked")
    assert "A second person of this practice read" in words.paragraphs[0]


def test_a_record_closed_early_is_told() -> None:
    body = {"who": "Omar Fassbinder", "at": (FROM + timedelta(minutes=20)).isoformat()}
    words = words_of("emergency_end", body, BERLIN, UNTIL)
    assert words.heading == "Your record is closed again"
    assert "It ended at 14:22 on Tuesday 24 November" in words.paragraphs[0]


def test_a_client_is_asked_for_another_time_and_nothing_happens_by_itself() -> None:
    body = {"id": "a" * 32, "start": FROM.isoformat(), "with": "Nadia Behrens"}
    words = words_of("appointment_offer_new_times", body, BERLIN, FROM)
    assert "The hours of Nadia Behrens change" in words.paragraphs[0]
    assert "14:02 on Tuesday 24 November" in words.paragraphs[0]
    assert "stays as it is" in words.paragraphs[1]
    assert words.way is not None
    assert words.way[1] == f"/appointments/{'a' * 32}"


MOVED = {
    "id": "a" * 32,
    "zone": "Europe/Berlin",
    "local": "14:02",
    "was": FROM.isoformat(),
    "start": (FROM + timedelta(hours=1)).isoformat(),
}


def test_after_a_change_of_clock_rules_each_reads_what_their_own_clock_shows() -> None:
    here = words_of("zone_changed", MOVED, BERLIN, FROM).paragraphs[1]
    assert "stays at 14:02 on Tuesday 24 November in Berlin" in here
    there = words_of("zone_changed", MOVED, ZoneInfo("America/New_York"), FROM).paragraphs[1]
    assert "In New York that was 08:02 on Tuesday 24 November until now and is 09:02" in there


def test_a_clash_of_new_clock_rules_says_that_nothing_was_moved() -> None:
    words = words_of("zone_clash", MOVED, BERLIN, FROM)
    assert "stay at 14:02" in words.paragraphs[0]
    assert "Nothing has been moved" in words.paragraphs[1]
    assert words.way == ("See your hours", "/hours")


def test_another_role_is_told_with_what_it_was() -> None:
    body = {"was": "front_desk", "role": "therapist", "at": FROM.isoformat()}
    words = words_of("role_changed", body, BERLIN, FROM)
    assert (
        "at 14:02 on Tuesday 24 November: you were at the front desk, and you are a therapist now"
        in words.paragraphs[0]
    )


def test_a_kind_of_a_newer_release_still_says_something() -> None:
    words = words_of("not_known_here", {}, BERLIN, FROM)
    assert words.paragraphs
    assert words.way is None


def test_a_change_of_passkeys_is_told_with_what_to_do_if_it_was_somebody_else() -> None:
    body = {"name": "My phone", "at": FROM.isoformat()}
    for kind, verb in (("passkey_added", "added"), ("passkey_removed", "removed")):
        words = words_of(kind, body, BERLIN, FROM)
        assert words.heading == f"A passkey was {verb}"
        assert words.paragraphs[0].startswith(f"“My phone” was {verb} at 14:02 on Tuesday 24 November.")
        assert "tell the practice" in words.paragraphs[1]
        assert words.way == SESSIONS

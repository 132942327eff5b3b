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

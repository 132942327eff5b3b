"""A calendar file by iTIP: for one person alone, in words that say nothing, in UTC."""

from datetime import UTC, datetime, timedelta

from icalendar import Calendar

from telehealth.mail.calendar_file import Invitation, calendar_file, method_of
from telehealth.notices.rules import CalendarEntry

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
START = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
ENTRY = CalendarEntry("f00d", 3, START, START + timedelta(minutes=50), "booked")
GONE = CalendarEntry("f00d", 4, START, START + timedelta(minutes=50), "cancelled")
INVITATION = Invitation("office@clinic.example", "rosa@mail.example")
NAMES = {
    *("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS", "CLASS", "TRANSP"),
    *("ORGANIZER", "ATTENDEE"),
}


def test_a_request_names_its_reader_alone_and_says_nothing() -> None:
    made = calendar_file(ENTRY, NOW, INVITATION)
    calendar = Calendar.from_ical(made)
    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == method_of(ENTRY) == "REQUEST"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("f00d", 3, "CONFIRMED")
    assert event["SUMMARY"] == "Appointment"
    assert event["ATTENDEE"] == "mailto:rosa@mail.example"
    assert event["ORGANIZER"] == "mailto:office@clinic.example"
    assert event.decoded("DTSTART") == START
    assert event.decoded("DTSTAMP") == NOW
    assert set(event) == NAMES
    for line in (
        b"DTSTART:20261124T130000Z\r\n",
        b"DTEND:20261124T135000Z\r\n",
        b"DTSTAMP:20261123T080000Z\r\n",
    ):
        assert line in made


def test_a_cancellation_is_of_the_same_entry() -> None:
    calendar = Calendar.from_ical(calendar_file(GONE, NOW, INVITATION))
    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == method_of(GONE) == "CANCEL"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("f00d", 4, "CANCELLED")
    assert event["ATTENDEE"] == "mailto:rosa@mail.example"


def test_a_file_to_keep_asks_nothing_and_names_nobody() -> None:
    calendar = Calendar.from_ical(calendar_file(ENTRY, NOW))
    (event,) = calendar.walk("VEVENT")
    assert "METHOD" not in calendar
    assert set(event) == NAMES - {"ORGANIZER", "ATTENDEE"}

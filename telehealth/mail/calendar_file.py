"""One appointment for one person's own calendar: iTIP over mail (RFC 5545, 5546), in words that say nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from icalendar import Calendar, Event, vCalAddress

from telehealth.notices.rules import CalendarEntry

PRODUCT = "-//telehealth//appointments//EN"
SUMMARY = "Appointment"
NAME = "appointment.ics"
Method = Literal["REQUEST", "CANCEL"]


@dataclass(frozen=True)
class Invitation:
    """From whom it is and to whom alone: two addresses."""

    organizer: str
    attendee: str


def method_of(entry: CalendarEntry) -> Method:
    """What the entry asks of a calendar."""
    return "CANCEL" if entry.state == "cancelled" else "REQUEST"


def calendar_file(entry: CalendarEntry, now: datetime, invitation: Invitation | None = None) -> bytes:
    """The file; without an invitation it is one to keep, with no METHOD, and names nobody. Times are in UTC."""
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", SUMMARY)
    event.add("status", "CANCELLED" if entry.state == "cancelled" else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    if invitation is not None:
        calendar.add("method", method_of(entry))
        event.add("organizer", vCalAddress(f"mailto:{invitation.organizer}"))
        event.add("attendee", _attendee(invitation.attendee))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _attendee(address: str) -> vCalAddress:
    """Whose appointment it is, who has said yes already and need not answer."""
    attendee = vCalAddress(f"mailto:{address}")
    attendee.params["partstat"] = "ACCEPTED"
    attendee.params["rsvp"] = "FALSE"
    return attendee

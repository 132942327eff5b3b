"""A person's appointments as a calendar file (RFC 5545), in words that anybody may see over a shoulder."""

from collections.abc import Sequence
from datetime import UTC, datetime

from icalendar import Calendar, Event

from telehealth.appointments.reading import Appointment

PRODUCT = "-//telehealth//archive//EN"
CANCELLED = "cancelled"


def calendar_of(appointments: Sequence[Appointment], now: datetime) -> bytes:
    """One event for each appointment: when, and the service's neutral name; not with whom, not where, not why."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for each in appointments:
        event = Event()
        event.add("uid", each.id.hex())
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", each.starts_at.astimezone(UTC))
        event.add("dtend", each.ends_at.astimezone(UTC))
        event.add("summary", each.service.public_name)
        event.add("status", "CANCELLED" if each.state == CANCELLED else "CONFIRMED")
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    return bytes(calendar.to_ical())

"""A person's appointments as a calendar file (RFC 5545), in words that anybody may see over a shoulder."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

from icalendar import Calendar, Event

from telehealth.appointments.reading import Appointment
from telehealth.audit.office import Work
from telehealth.notices import entries
from telehealth.notices.rules import CalendarEntry, State

PRODUCT = "-//telehealth//archive//EN"
SETTLED: Final[dict[str, State]] = {  # what is only asked for, or was declined, no calendar was told of
    "booked": "booked",
    "attended": "booked",
    "missed": "booked",
    "cancelled": "cancelled",
}
Status = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]  # RFC 5545, section 3.8.1.11


@dataclass(frozen=True)
class Dated:
    """One appointment in this person's own calendar, and the service's neutral name."""

    entry: CalendarEntry
    name: str
    status: Status


async def dated(work: Work, person_id: bytes, appointments: Sequence[Appointment]) -> list[Dated]:
    """These appointments under the UIDs that this person's calendar knows and nobody else's does; one of which it never
    heard, be it cancelled, declined or not settled yet, under one of its own."""
    found, known = [], dict(await entries.entries_of(work.connection, person_id))
    for each in appointments:
        times = {"starts_at": each.starts_at, "ends_at": each.ends_at}
        if each.state in SETTLED and not each.asks_me:
            state = SETTLED[each.state]
            entry = await entries.told(work, each.id, person_id, state=state, **times)
        else:
            heard = known.get(each.id)
            entry = heard and replace(heard, starts_at=each.starts_at, ends_at=each.ends_at)
        entry = entry or CalendarEntry(work.chance(16).hex(), 0, state="cancelled", **times)
        found.append(Dated(entry, each.service.public_name, _status(each)))
    return found


def _status(appointment: Appointment) -> Status:
    if appointment.state in ("cancelled", "declined"):
        return "CANCELLED"
    return "TENTATIVE" if appointment.state == "asked" or appointment.asks_me else "CONFIRMED"


def calendar_of(appointments: Sequence[Dated], now: datetime) -> bytes:
    """One event for each appointment: when, and the service's neutral name; not with whom, not where, not why."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for each in appointments:
        event = Event()
        event.add("uid", each.entry.uid)
        event.add("sequence", each.entry.sequence)
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", each.entry.starts_at.astimezone(UTC))
        event.add("dtend", each.entry.ends_at.astimezone(UTC))
        event.add("summary", each.name)
        event.add("status", each.status)
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    return bytes(calendar.to_ical())

"""What templates see of an appointment: times in the shown zone, nothing that its reader may not see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from telehealth.appointments.acts import Appointment
from telehealth.clinic.store import Service, Therapist


@dataclass(frozen=True)
class AppointmentView:
    """One appointment on a page; `id` is 32 hex digits."""

    id: str
    start: datetime
    end: datetime
    service: Service
    therapist: Therapist
    state: str
    client_names: tuple[str, ...]
    reason: str | None
    zone: str
    for_two: bool
    may_cancel: bool
    opens_at: datetime
    closes_at: datetime
    company: str | None
    other_names: tuple[str, ...]


def appointment_view(found: Appointment, zone: ZoneInfo) -> AppointmentView:
    """The view of one appointment in a zone."""
    return AppointmentView(
        id=found.id.hex(),
        start=found.starts_at.astimezone(zone),
        end=found.ends_at.astimezone(zone),
        service=found.service,
        therapist=found.therapist,
        state=found.state,
        client_names=found.client_names,
        reason=found.reason,
        zone=zone.key,
        for_two=found.service.seats > 1,
        may_cancel=found.may_cancel,
        opens_at=found.opens_at.astimezone(zone),
        closes_at=found.closes_at.astimezone(zone),
        company=found.company,
        other_names=found.other_names,
    )


def join_state(found: Appointment, now: datetime) -> Literal["early", "open", "over"]:
    """Whether the button to the room sleeps, is awake, or is gone."""
    if found.state not in ("booked", "attended") or now >= found.closes_at:
        return "over"
    return "early" if now < found.opens_at else "open"

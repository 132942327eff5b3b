"""What templates see of an appointment: times in the shown zone, nothing that its reader may not see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from starlette.requests import Request

from telehealth.appointments import rules
from telehealth.appointments.acts import Appointment
from telehealth.audit.office import Office
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist
from telehealth.web.templating import zone_of


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
    therapists: tuple[Therapist, ...]
    may_move: bool
    may_answer: bool
    may_judge: bool
    is_late: bool
    cancelled_late: bool
    outcome: str | None
    answer_by: datetime | None
    proposals: tuple[datetime, ...]
    is_shared: bool
    asks_me: bool
    unsaid_names: tuple[str, ...]

    @property
    def with_whom(self) -> str:
        """The therapist, or both."""
        return " and ".join(each.name for each in self.therapists)


@dataclass(frozen=True)
class Policy:
    """What can still be changed and until when, in our words; and what the practice adds in its own, or nothing."""

    sentence: str
    said: str


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
        therapists=found.therapists,
        may_move=found.may_move,
        may_answer=found.may_answer,
        may_judge=found.may_judge,
        is_late=found.is_late,
        cancelled_late=found.cancelled_late,
        outcome=found.outcome,
        answer_by=None if found.answer_by is None else found.answer_by.astimezone(zone),
        proposals=tuple(each.astimezone(zone) for each in found.proposals),
        is_shared=len(found.client_ids) > 1,
        asks_me=found.asks_me,
        unsaid_names=found.unsaid_names,
    )


def join_state(found: Appointment, now: datetime) -> Literal["early", "open", "over"]:
    """Whether the button to the room sleeps, is awake, or is gone."""
    if found.state == "asked" and now < found.starts_at:
        return "early"
    if found.state not in ("booked", "attended") or now >= found.closes_at:
        return "over"
    return "early" if now < found.opens_at else "open"


async def policy_for(
    request: Request, service: Service, starts_at: datetime, offered_at: datetime | None = None
) -> Policy:
    """The policy for one start, said before it is booked and after."""
    now: datetime = request.app.state.office.clock()
    hours = rules.window(service.cancel_hours, offered_at)
    sentence = rules.policy(starts_at, hours, zone_of(request), now)
    return Policy(sentence, await said_by_practice(request))


async def said_by_practice(request: Request) -> str:
    """What the practice says about cancelling, in its own words."""
    office: Office = request.app.state.office
    async with office.database.reading() as connection:
        return (await clinic.policies(connection)).cancellation

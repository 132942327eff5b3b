"""Short ways to say who waits in the tests of the waiting list."""

from datetime import timedelta

from telehealth.appointments.acts import Appointment
from telehealth.audit.office import Office
from telehealth.errors import Refusal
from telehealth.person import Person
from telehealth.waiting import acts
from telehealth.waiting.acts import Waiting
from tests.people import NADIA, SINGLE, STRANGER
from tests.unit.appointments.scene import BERLIN, TEN, book, new_key

OTHER = STRANGER


async def wish(office: Office, person: Person, **changes: object) -> bytes:
    """Wait for an individual session with Nadia until the end of Tuesday."""
    asked = {"service_id": SINGLE.id, "therapist_id": NADIA.id, "part": "", "until": "2026-11-24"}
    named = {"name": None if person != STRANGER else "Kim", "zone": BERLIN, "key": new_key()}
    return await acts.wish(office, person, **(asked | named | changes))  # type: ignore[arg-type]


async def fill_until_tuesday_noon(office: Office) -> list[Appointment]:
    """Every time of Nadia's on Monday and Tuesday is somebody's."""
    made = []
    for hours in range(-25, 4):
        try:
            made.append(await book(office, OTHER, TEN + timedelta(hours=hours), name="Other"))
        except Refusal:
            continue
    return made


async def offer(office: Office, person: Person) -> Waiting | None:
    """What is kept for somebody now."""
    return next((each for each in await acts.mine(office, person) if each.offer is not None), None)

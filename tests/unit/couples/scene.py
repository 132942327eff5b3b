"""Short ways to say that two people come together."""

from datetime import timedelta
from typing import Any

from telehealth.appointments.acts import Appointment, appointment
from telehealth.appointments.placing import place
from telehealth.audit.office import Office, Work
from telehealth.person import Person
from tests.people import COUPLE, MIKA, NADIA, NADIAS_PROFILE, ROSA
from tests.unit.appointments.scene import TEN, book

AFTERWARDS = TEN + timedelta(days=2)  # Thursday at the same hour


async def book_for_two(office: Office, person: Person = ROSA, **changes: Any) -> Appointment:
    """A couple's time with Nadia, booked by one of them."""
    return await book(office, person, **({"service_id": COUPLE.id, "therapist_id": NADIA.id} | changes))


async def a_couple(office: Office) -> Appointment:
    """Rosa's and Mika's first appointment, in which both take part."""

    async def act(work: Work) -> bytes | None:
        return await place(work, COUPLE, NADIAS_PROFILE, TEN, {ROSA.id: "", MIKA.id: ""})

    made = await office.act(NADIA, act)
    assert made is not None
    return await appointment(office, ROSA, made)

"""Short ways to say that two people come together."""

import base64
from datetime import datetime, timedelta
from typing import Any

from telehealth.appointments.acts import Appointment, appointment
from telehealth.appointments.placing import place
from telehealth.audit.office import Office, Work
from telehealth.couples import acts
from telehealth.couples.acts import Asked, Link, Said, Way
from telehealth.person import Person
from telehealth.web.cookies import hash_of, new_secret
from tests.people import COUPLE, MIKA, NADIA, NADIAS_PROFILE, OMAR, OMARS_PROFILE, ROSA, SINGLE
from tests.unit.appointments.scene import TEN, book, new_key

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


async def busy_elsewhere(office: Office, person: Person, start: datetime = TEN) -> None:
    """An individual appointment with Omar, at a time of Nadia's."""

    async def act(work: Work) -> None:
        assert await place(work, SINGLE, OMARS_PROFILE, start, {person.id: ""}) is not None

    await office.act(OMAR, act)


async def invited(office: Office, appointment_id: bytes, person: Person = ROSA) -> Link:
    """A link just made."""
    made = await acts.invite(office, person, appointment_id, secret=new_secret(), key=new_key())
    assert made is not None
    return made


async def a_link(office: Office, appointment_id: bytes, person: Person = ROSA) -> bytes:
    """The hash of a link just made, as a browser that opens it sends it."""
    made = await invited(office, appointment_id, person)
    return hash_of(base64.urlsafe_b64decode(made.token + "="), "invitation")


async def come_along(
    office: Office,
    appointment_id: bytes,
    person: Person = MIKA,
    *,
    link: bytes | None = None,
    said: Said | None = None,
    key: str | None = None,
) -> bytes:
    """Somebody says yes."""
    words = said or Said(name=None, reason="", agrees=True)
    return await acts.join(office, person, Way(appointment_id, link), words, key or new_key())


async def asked(office: Office, person: Person, link: bytes) -> Asked:
    """What somebody reads who opens a link."""
    return await acts.look(office, person, link=link)

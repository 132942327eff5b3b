"""The same named people in every test, with ids that say who they are in a hex dump."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from telehealth.audit.office import Office, Work
from telehealth.availability import store as hours
from telehealth.availability.rules import Dated, Weekly
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist
from telehealth.people import store as people
from telehealth.person import Person, Role


def _person(name: str, role: Role) -> Person:
    return Person(name.encode().ljust(16, b"."), role, session=name.encode().ljust(16, b"-"))


ROSA: Final = _person("rosa", "client")  # Rosa and Mika are a couple
MIKA: Final = _person("mika", "client")
STRANGER: Final = _person("stranger", "client")  # a client who has nothing to do with anyone here
NADIA: Final = _person("nadia", "therapist")  # the couple's therapist
OMAR: Final = _person("omar", "therapist")  # another therapist
DESK: Final = _person("desk", "front_desk")
ADMIN: Final = _person("admin", "administrator")

NAMES: Final = {
    ROSA: "Rosa Example-Lindqvist",
    MIKA: "Mika Example",
    NADIA: "Nadia Behrens",
    OMAR: "Omar Fassbinder",
    DESK: "Dora Desk",
    ADMIN: "Ada Admin",
}  # the stranger has not said what to call them
EVERYBODY: Final = (ROSA, MIKA, STRANGER, NADIA, OMAR, DESK, ADMIN)

NADIAS_PROFILE: Final = Therapist(
    id=NADIA.id,
    slug="nadia-behrens",
    name="Nadia Behrens",
    title="Psychologist",
    pronouns="she/her",
    specialties=("Desire", "Couples"),
    languages=("English", "German"),
    about="Works slowly.",
    zone="Europe/Berlin",
    position=1,
)
OMARS_PROFILE: Final = replace(
    NADIAS_PROFILE,
    id=OMAR.id,
    slug="omar-fassbinder",
    name="Omar Fassbinder",
    zone="America/New_York",
    position=2,
)
SINGLE: Final = Service(
    id=b"service-single..",
    slug="individual",
    name="Individual session",
    public_name="Appointment",
    summary="Fifty minutes for you.",
    minutes=50,
    buffer_before=0,
    buffer_after=10,
    seats=1,
    grid_minutes=30,
    notice_minutes=60,
    horizon_days=56,
    cancel_hours=24,
    price_text="90 €",
    position=1,
    therapist_ids=(NADIA.id, OMAR.id),
)
COUPLE: Final = replace(
    SINGLE,
    id=b"service-couple..",
    slug="couple",
    name="Couple's session",
    minutes=80,
    buffer_before=10,
    seats=2,
    position=2,
    therapist_ids=(NADIA.id,),
)


@dataclass(frozen=True)
class Clinic:
    """What the tests' clinic offers. Nadia works 9 to 13 in Berlin, Omar 10 to 16 in New York, Monday to Friday;
    Nadia is off on Wednesday 25 November."""

    single: Service = SINGLE
    couple: Service = COUPLE
    day_off: date = date(2026, 11, 25)


async def make_clinic(office: Office) -> Clinic:
    """Write the people, profiles, services and hours."""
    made = Clinic()

    async def act(work: Work) -> None:
        for person in EVERYBODY:
            await people.add_person(work.connection, work.ring, person.id, person.role, work.now)
            if person in NAMES:
                await people.rename(work.connection, work.ring, person.id, NAMES[person])
        for therapist in (NADIAS_PROFILE, OMARS_PROFILE):
            await clinic.add_therapist(work.connection, therapist)
        for service in (made.single, made.couple):
            await clinic.add_service(work.connection, service)
        for weekday in range(5):
            nadias, omars = Weekly(weekday, 9 * 60, 13 * 60), Weekly(weekday, 10 * 60, 16 * 60)
            await hours.add_hours(work.connection, work.chance(16), NADIA.id, nadias)
            await hours.add_hours(work.connection, work.chance(16), OMAR.id, omars)
        day_off = Dated(made.day_off, "off", 0, 1440)
        await hours.add_exception(work.connection, work.chance(16), NADIA.id, day_off)

    await office.act(None, act)
    return made

"""Run inside a container by its standard input: a therapist who works day and night, a service, a client and an
administrator, with accounts that the identity provider made. Prints the people's ids as JSON."""

import asyncio
import json
import os
import sys

from telehealth.audit.office import Work
from telehealth.availability import store as hours
from telehealth.availability.rules import Weekly
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist
from telehealth.demo.clinic import POLICIES
from telehealth.office import build_office
from telehealth.people import acts as people
from telehealth.people import finding
from telehealth.person import Role
from telehealth.settings import Settings

ROLES: dict[str, Role] = {
    "therapist": "therapist",
    "client": "client",
    "leaving": "client",
    "office": "administrator",
}


async def furnish(subjects: dict[str, str]) -> dict[str, str]:
    settings = Settings.from_environment(os.environ)
    office = build_office(settings)
    members = {
        key: await people.make_known(
            office,
            issuer=settings.providers[0].issuer,
            subject=subject,
            role=ROLES[key],
            name=f"The {key}",
            email=f"{key}@clinic.test",
        )
        for key, subject in subjects.items()
    }
    who = members["therapist"].id

    async def fill(work: Work) -> None:
        for key in ("therapist", "office"):  # as an invitation does
            issuer = settings.providers[0].issuer
            await finding.give_role_here(work.connection, work.ring, issuer, subjects[key])
        therapist = Therapist(
            id=who, slug="therapist", name="The Therapist", title="Psychologist", pronouns="", specialties=(),
            languages=("English",), about="", zone="Europe/Berlin", position=0,
        )  # fmt: skip
        await clinic.add_therapist(work.connection, therapist)
        for weekday in range(7):
            await hours.add_hours(work.connection, work.chance(16), who, Weekly(weekday, 0, 1440))
        service = Service(
            id=work.chance(16), slug="session", name="Session", public_name="Appointment", summary="A session",
            minutes=50, buffer_before=0, buffer_after=0, seats=1, grid_minutes=5, notice_minutes=0,
            horizon_days=14, cancel_hours=24, price_text="", position=0, therapist_ids=(who,),
        )  # fmt: skip
        await clinic.add_service(work.connection, service)
        await clinic.keep_policies(work.connection, POLICIES)

    await office.act(members["office"], fill)
    await office.database.close()
    return {key: person.id.hex() for key, person in members.items()}


print(json.dumps(asyncio.run(furnish(json.loads(os.environ.get("SUBJECTS") or sys.argv[1])))))

"""The administrator's first page: what the practice is made of, what is missing, and whether the record is whole."""

from collections.abc import Collection
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from telehealth.audit import store as audit
from telehealth.audit.office import Office
from telehealth.clinic import store as clinic
from telehealth.clinic.elsewhere import Elsewhere
from telehealth.clinic.forgetting import FORMER
from telehealth.clinic.once import must_be_administrator
from telehealth.clinic.store import Service, Therapist
from telehealth.keys import store as keys
from telehealth.people.accounts import with_account
from telehealth.people.pages import signed_in
from telehealth.person import Person
from telehealth.web.templating import page


@dataclass(frozen=True)
class Standing:
    """How far the practice is on the way to its first appointment: which of the therapists have what they need."""

    services: list[Service]
    therapists: list[Therapist]
    tied: Collection[bytes]
    with_hours: Collection[bytes]

    @property
    def steps(self) -> dict[str, bool]:
        """What has to be so before anybody can book, in the order in which it is best done."""
        here = {each.id for each in self.therapists}
        offering = {id_ for each in self.services for id_ in each.therapist_ids}
        return {
            "service": bool(self.services),
            "therapist": bool(here),
            "offered": bool(offering),
            "tied": bool(here & set(self.tied)),
            "hours": bool(offering & set(self.with_hours)),
        }


def administrator(request: Request) -> Person:
    """The administrator who asks; NotFound for everybody else."""
    person = signed_in(request)
    must_be_administrator(person)
    return person


async def overview(request: Request) -> Response:
    """GET /clinic"""
    administrator(request)
    office: Office = request.app.state.office
    elsewhere: Elsewhere = request.app.state.elsewhere
    async with office.database.reading() as c:
        everybody = await clinic.every_therapist(c)
        therapists = [each for each in everybody if each.retired_at is None]
        standing = Standing(
            services=await clinic.services(c),
            therapists=therapists,
            tied=await with_account(c, [each.id for each in therapists]),
            with_hours=await elsewhere.with_hours(c),
        )
        context = {
            "standing": standing,
            "steps": standing.steps,
            "gone": [each for each in everybody if each.retired_at is not None and each.name != FORMER],
            "policies": await clinic.policies(c),
            "numbers": await clinic.emergency_numbers(c),
            "audit": await audit.state(c),
            "kek": await keys.active_kek(c),
        }
    return page(request, "clinic/overview.html", context)

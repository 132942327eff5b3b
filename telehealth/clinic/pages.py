"""The administrator's page: what is offered, by whom, and whether the record of looks is whole."""

from starlette.requests import Request
from starlette.responses import Response

from telehealth.audit import store as audit
from telehealth.audit.office import Office
from telehealth.clinic import store as clinic
from telehealth.errors import NotFound
from telehealth.people.pages import signed_in
from telehealth.web.templating import page


async def overview(request: Request) -> Response:
    """GET /clinic"""
    person = signed_in(request)
    if person.role != "administrator":
        raise NotFound("not_found", "There is nothing at this address. Perhaps it is not yours to see.")
    office: Office = request.app.state.office
    async with office.database.reading() as connection:
        services = await clinic.services(connection)
        therapists = await clinic.therapists(connection)
        state = await audit.state(connection)
    context = {"services": services, "therapists": therapists, "audit": state}
    return page(request, "clinic/overview.html", context)

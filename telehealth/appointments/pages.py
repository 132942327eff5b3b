"""Pages of booked appointments: a client's own, one appointment, and what emergency access opens."""

import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.appointments import acts, cases, emergency
from telehealth.appointments.views import appointment_view, join_state, policy_for
from telehealth.audit.office import Office
from telehealth.clinic import store as clinic
from telehealth.errors import Conflict, NotFound
from telehealth.people.pages import HOME, signed_in
from telehealth.person import Person, Role
from telehealth.web.forms import id_of
from telehealth.web.templating import page, zone_of


def signed_in_as(request: Request, role: Role) -> Person:
    """The person, who must have this role; for everyone else there is nothing here."""
    person = signed_in(request)
    if person.role != role:
        raise NotFound("not_found", "There is nothing at this address. Perhaps it is not yours to see.")
    return person


async def mine(request: Request) -> Response:
    """GET /appointments: a client's next appointment, and the others."""
    person = signed_in(request)
    if person.role != "client":
        return RedirectResponse(HOME[person.role], 303)
    office: Office = request.app.state.office
    zone, now = zone_of(request), office.clock()
    found = await acts.mine(office, person)
    ahead = [each for each in found if join_state(each, now) != "over"]
    behind = [each for each in found if join_state(each, now) == "over"]
    context = {
        "next": appointment_view(ahead[0], zone) if ahead else None,
        "join_state": join_state(ahead[0], now) if ahead else "over",
        "upcoming": [appointment_view(each, zone) for each in ahead[1:]],
        "past": [appointment_view(each, zone) for each in behind],
    }
    return page(request, "appointments/mine.html", context)


async def appointment(request: Request) -> Response:
    """GET /appointments/{id}"""
    person = signed_in(request)
    office: Office = request.app.state.office
    found = await acts.appointment(office, person, id_of(request.path_params["id"]))
    async with office.database.reading() as connection:
        numbers = await clinic.emergency_numbers(connection)
        invited = await cases.is_somebody_asked(connection, found.case_id, found.client_ids)
    context = {
        "is_asked": invited or bool(found.unsaid_ids),
        "numbers": numbers,
        "appointment": appointment_view(found, zone_of(request)),
        "join_state": join_state(found, office.clock()),
        "can_cancel": found.may_cancel,
        "just_booked": request.query_params.get("booked") == "1",
        "just_moved": request.query_params.get("moved") == "1",
        "just_proposed": request.query_params.get("proposed") == "1",
        "just_agreed": request.query_params.get("agreed") == "1",
        "policy": await policy_for(request, found.service, found.starts_at, found.offered_at),
        "key": secrets.token_hex(16),
    }
    return page(request, "appointments/appointment.html", context)


async def record(request: Request) -> Response:
    """GET /emergency/{id}/record: what emergency access opens to who asked for it."""
    person = signed_in(request)
    office: Office = request.app.state.office
    zone = zone_of(request)
    grant_id = id_of(request.path_params["id"])
    try:
        found = await emergency.record(office, person, grant_id)
    except Conflict:
        return RedirectResponse(f"/emergency/{grant_id.hex()}", 303)  # says why, and what to do next
    context = {
        "id": found.grant_id,
        "name": found.name,
        "email": found.email,
        "until": found.until.astimezone(zone),
        "ahead": [appointment_view(each, zone) for each in found.ahead],
        "behind": [appointment_view(each, zone) for each in found.behind],
    }
    return page(request, "emergency/record.html", context)

"""The room page and its tickets."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from telehealth.appointments.views import appointment_view
from telehealth.audit.office import Office
from telehealth.people.pages import signed_in
from telehealth.rooms import acts
from telehealth.web import csrf
from telehealth.web.forms import id_of
from telehealth.web.templating import page, zone_of


async def room(request: Request) -> Response:
    """GET /appointments/{id}/room: the room in its hours, else a page that says when."""
    person = signed_in(request)
    office: Office = request.app.state.office
    found = await acts.approach(office, person, id_of(request.path_params["id"]))
    context = {"appointment": appointment_view(found.appointment, zone_of(request))}
    if found.door != "open":
        return page(request, "rooms/door.html", {**context, "state": found.door})
    return page(request, "rooms/room.html", {**context, "role": "host" if found.host else "guest"})


async def ticket(request: Request) -> Response:
    """POST /appointments/{id}/tickets: JSON {"ticket", "expires_in"}; asked for just before every socket."""
    person = signed_in(request)
    csrf.check(request, request.headers.get("x-csrf-token", ""))
    await request.app.state.limits.tickets.take(request)
    secret = await acts.mint_ticket(request.app.state.office, person, id_of(request.path_params["id"]))
    return JSONResponse({"ticket": secret, "expires_in": 30}, 201)

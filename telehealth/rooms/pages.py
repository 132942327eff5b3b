"""The room page, its tickets, and how it went."""

import hmac
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from telehealth.appointments.views import appointment_view
from telehealth.audit.office import Office
from telehealth.errors import NotFound
from telehealth.notes import pages as notes
from telehealth.people.pages import signed_in
from telehealth.rooms import acts, outcomes, trying, words
from telehealth.rooms import whereabouts as places
from telehealth.web import csrf
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import page, zone_of


async def room(request: Request) -> Response:
    """GET /appointments/{id}/room: the room in its hours, else a page that says when."""
    person = signed_in(request)
    office: Office = request.app.state.office
    found = await acts.approach(office, person, id_of(request.path_params["id"]))
    context: dict[str, Any] = {"appointment": appointment_view(found.appointment, zone_of(request))}
    if found.door != "open":
        return page(request, "rooms/door.html", {**context, "state": found.door})
    next_at = found.next_at and found.next_at.astimezone(zone_of(request))
    context |= {"role": "host" if found.host else "guest", "next_at": next_at}
    if found.host:
        context["notes"] = notes.blank(found.appointment.id)
        context["clients"] = await places.named(office, found.appointment.client_ids)
    else:
        context["said"] = await places.own(office, person, found.appointment.id)
    return page(request, "rooms/room.html", context)


async def ticket(request: Request) -> Response:
    """POST /appointments/{id}/tickets: JSON {"ticket", "expires_in"}; asked for just before every socket."""
    person = signed_in(request)
    csrf.check(request, request.headers.get("x-csrf-token", ""))
    await request.app.state.limits.tickets.take(request)
    secret = await acts.mint_ticket(request.app.state.office, person, id_of(request.path_params["id"]))
    return JSONResponse({"ticket": secret, "expires_in": 30}, 201)


async def check(request: Request) -> Response:
    """GET /check: camera, microphone, speaker and the line, tried alone; `appointment` leads back to it."""
    signed_in(request)
    appointment = request.query_params.get("appointment", "")
    back = f"/appointments/{id_of(appointment).hex()}" if appointment else "/"
    return page(request, "rooms/check.html", {"back": back})


async def check_ticket(request: Request) -> Response:
    """POST /check/tickets: JSON {"ticket", "expires_in"} for one call to the echo."""
    person = signed_in(request)
    csrf.check(request, request.headers.get("x-csrf-token", ""))
    await request.app.state.limits.tickets.take(request)
    secret = await trying.mint_check_ticket(request.app.state.office, person)
    return JSONResponse({"ticket": secret, "expires_in": 30}, 201)


async def probe_tickets(request: Request) -> Response:
    """POST /probe/tickets: JSON {"tickets": [host's, guest's], "expires_in"} for who knows the secret of probes."""
    await request.app.state.limits.tickets.take(request)
    known, sent = request.app.state.settings.probe_secret, request.headers.get("authorization", "")
    if not known or not hmac.compare_digest(sent.encode(), f"Bearer {known}".encode()):
        raise NotFound("not_found", "There is nothing at this address.")
    tickets = await trying.mint_probe_tickets(request.app.state.office)
    return JSONResponse({"tickets": tickets, "expires_in": 30}, 201)


async def connection(request: Request) -> Response:
    """POST /appointments/{id}/connection: the page says once that a connection to somebody stands, and by which way;
    or that none came about (path=failed). The way is counted, of nobody. 204."""
    person = signed_in(request)
    csrf.check(request, request.headers.get("x-csrf-token", ""))
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    form = await form_of(request) if is_form else {}
    await request.app.state.limits.tickets.take(request)
    way = form.get("path", "")
    stands, appointment_id = way != "failed", id_of(request.path_params["id"])
    await outcomes.connected(request.app.state.office, person, appointment_id, stands=stands)
    request.app.state.meters.reached(way)
    return Response(status_code=204)


async def difference(request: Request) -> Response:
    """POST /appointments/{id}/difference: the safety words of two people were not the same. 204."""
    person = signed_in(request)
    csrf.check(request, request.headers.get("x-csrf-token", ""))
    await request.app.state.limits.tickets.take(request)
    await words.differ(request.app.state.office, person, id_of(request.path_params["id"]))
    return Response(status_code=204)


async def whereabouts(request: Request) -> Response:
    """POST /appointments/{id}/whereabouts: a client says where they are and whom to call. 204."""
    form, person = await form_of(request), signed_in(request)
    await request.app.state.limits.tickets.take(request)
    said = {name: form.get(name, "") for name in ("place", "contact")}
    await places.say(request.app.state.office, person, id_of(request.path_params["id"]), **said)
    return Response(status_code=204)


async def located(request: Request) -> Response:
    """GET /appointments/{id}/whereabouts/{client}: JSON {"place", "contact"}, for the therapist in the room."""
    person = signed_in(request)
    await request.app.state.limits.tickets.take(request)
    ids = [id_of(request.path_params[name]) for name in ("id", "client")]
    said = await places.look(request.app.state.office, person, *ids)
    return JSONResponse({"place": said.place, "contact": said.contact})


async def outcome(request: Request) -> Response:
    """POST /appointments/{id}/outcome: its therapist says how it went."""
    form, person = await form_of(request), signed_in(request)
    appointment_id = id_of(request.path_params["id"])
    office: Office = request.app.state.office
    await outcomes.judge(office, person, appointment_id, form.get("outcome", ""), form.get("key", ""))
    return RedirectResponse(f"/appointments/{appointment_id.hex()}", 303)

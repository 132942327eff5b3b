"""Pages of staff who book for clients: find one by name, and see name, contact and what is ahead; nothing else."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from telehealth.appointments import clients
from telehealth.appointments.views import appointment_view
from telehealth.audit.office import Office
from telehealth.errors import Invalid, NotFound
from telehealth.people.pages import signed_in
from telehealth.person import Person
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import page, zone_of

NOTHING = "There is nothing at this address. Perhaps it is not yours to see."


def signed_in_for_clients(request: Request) -> Person:
    """The person, who must book for clients; for everyone else there is nothing here."""
    person = signed_in(request)
    if person.role not in ("therapist", "front_desk"):
        raise NotFound("not_found", NOTHING)
    return person


async def overview(request: Request) -> Response:
    """GET /clients: where a name is typed; a therapist's own clients stand below it."""
    person = signed_in_for_clients(request)
    found = await clients.own(_office(request), person) if person.role == "therapist" else None
    return _page(request, person, {"found": found})


async def find(request: Request) -> Response:
    """POST /clients: who has this name. By POST, so that no name stands in an address, a history or a log."""
    person = signed_in_for_clients(request)
    form = await form_of(request)
    await request.app.state.limits.search.take(request)
    typed = form.get("name", "")
    try:
        found = await clients.search(_office(request), person, typed)
    except Invalid as refusal:
        return _page(request, person, {"typed": typed, "errors": refusal.fields}, 422)
    return _page(request, person, {"typed": typed, "found": found, "searched": True})


async def client(request: Request) -> Response:
    """GET /clients/{id}"""
    person, zone = signed_in(request), zone_of(request)
    card = await clients.client(_office(request), person, id_of(request.path_params["id"]))
    context = {
        "client": card,
        "ahead": [appointment_view(each, zone) for each in card.ahead],
        "booked": _count(request, "booked"),
        "wished": _count(request, "of"),
    }
    return page(request, "appointments/client.html", context)


def _page(request: Request, person: Person, context: dict[str, Any], status: int = 200) -> Response:
    shared: dict[str, Any] = {
        "typed": "",
        "errors": {},
        "found": None,
        "searched": False,
        "most": clients.SEARCHED,
    }
    own = {"own": person.role == "therapist"}
    return page(request, "appointments/clients.html", {**shared, **own, **context}, status)


def _count(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else 0


def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office

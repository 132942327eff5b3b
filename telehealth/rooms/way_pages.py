"""The page on which a therapist chooses how those in one session reach each other."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.errors import Invalid
from telehealth.people.pages import signed_in
from telehealth.rooms import ways
from telehealth.settings import Settings
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import page, zone_of


async def way(request: Request) -> Response:
    """GET /appointments/{id}/way"""
    return await _page(request, {})


async def choose(request: Request) -> Response:
    """POST /appointments/{id}/way: by the relay alone, or directly where possible."""
    form, person = await form_of(request), signed_in(request)
    appointment_id = id_of(request.path_params["id"])
    wanted = form.get("ice_policy", "")
    try:
        await ways.choose(request.app.state.office, person, appointment_id, wanted, _given(request))
    except Invalid as refusal:
        return await _page(request, refusal.fields, 422)
    return RedirectResponse(f"/appointments/{appointment_id.hex()}/way?done=kept", 303)


async def _page(request: Request, errors: Mapping[str, str], status: int = 200) -> Response:
    person, appointment_id = signed_in(request), id_of(request.path_params["id"])
    given = _given(request)
    found = await ways.way(request.app.state.office, person, appointment_id, given)
    context = {
        "appointment_id": appointment_id,
        "starts_at": found.starts_at.astimezone(zone_of(request)),
        "for_partners": found.for_partners,
        "values": {"ice_policy": found.ice_policy},
        "errors": errors,
        "has_relay": given.has_relay,
        "done": "Kept. It holds for whoever comes in from now on." if _is_done(request) else "",
    }
    return page(request, "rooms/way.html", context, status)


def _is_done(request: Request) -> bool:
    return request.query_params.get("done") == "kept"


def _given(request: Request) -> ways.Given:
    settings: Settings = request.app.state.settings
    return ways.Given(settings.ice_policy, bool(settings.turn_urls))

"""Pages of what holds for the whole practice: policies, and whom to call in danger."""

import secrets
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.audit.office import Office
from telehealth.clinic import acts, rules
from telehealth.clinic import store as clinic
from telehealth.clinic.pages import administrator
from telehealth.clinic.rules import number_from, policies_from
from telehealth.clinic.store import EmergencyNumber
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import page

POLICIES = "/clinic/policies"
NUMBERS = "/clinic/emergency-numbers"
KEPT = {"kept": "The policies are kept. They hold from now on."}
DONE = {
    "added": "The number is in the list. Clients see it from now on.",
    "changed": "The number is changed.",
    "removed": "The number is removed.",
}


async def policies(request: Request) -> Response:
    """GET /clinic/policies"""
    administrator(request)
    office: Office = request.app.state.office
    async with office.database.reading() as c:
        found = await clinic.policies(c)
    ice_policy = found.ice_policy or rules.AS_SET
    values = {"cancellation": found.cancellation, "secrets": found.secrets, "ice_policy": ice_policy}
    return _policies(request, values, {}, secrets.token_hex(16))


async def write_policies(request: Request) -> Response:
    """POST /clinic/policies"""
    person, form = administrator(request), await form_of(request)
    try:
        wanted = policies_from(form)
    except Invalid as refusal:
        return _policies(request, form, refusal.fields, form.get("key", ""), 422)
    await acts.write_policies(request.app.state.office, person, wanted, form.get("key", ""))
    return RedirectResponse(f"{POLICIES}?done=kept", 303)


def _policies(
    request: Request, values: Mapping[str, str], errors: Mapping[str, str], key: str, status: int = 200
) -> Response:
    context = {
        "values": {"cancellation": "", "secrets": "", "ice_policy": "", **values},
        "errors": errors,
        "key": key,
        "setting": request.app.state.settings.ice_policy,
        "has_relay": bool(request.app.state.settings.turn_urls),
        "limits": rules,
        "done": KEPT.get(request.query_params.get("done", ""), ""),
    }
    return page(request, "clinic/policies.html", context, status)


async def numbers(request: Request) -> Response:
    """GET /clinic/emergency-numbers"""
    administrator(request)
    return await _numbers(request, None, {}, {}, secrets.token_hex(16))


async def add(request: Request) -> Response:
    """POST /clinic/emergency-numbers"""
    person, form = administrator(request), await form_of(request)
    try:
        wanted = number_from(form)
        await acts.add_number(request.app.state.office, person, wanted, form.get("key", ""))
    except Invalid as refusal:
        if not refusal.fields:
            raise
        return await _numbers(request, None, form, refusal.fields, form.get("key", ""), 422)
    except Conflict as refusal:
        if refusal.code != "numbers_enough":
            raise
        return await _numbers(request, None, form, {"label": refusal.sentence}, form.get("key", ""), 409)
    return RedirectResponse(f"{NUMBERS}?done=added", 303)


async def number(request: Request) -> Response:
    """GET /clinic/emergency-numbers/{id}"""
    administrator(request)
    found, place = await _found(request)
    values = {"label": found.label, "number": found.number, "region": found.region, "place": str(place)}
    return await _numbers(request, found, values, {}, secrets.token_hex(16))


async def change(request: Request) -> Response:
    """POST /clinic/emergency-numbers/{id}"""
    person, form = administrator(request), await form_of(request)
    found, _ = await _found(request)
    try:
        wanted = number_from(form)
    except Invalid as refusal:
        return await _numbers(request, found, form, refusal.fields, form.get("key", ""), 422)
    await acts.change_number(request.app.state.office, person, found.id, wanted, form.get("key", ""))
    return RedirectResponse(f"{NUMBERS}?done=changed", 303)


async def remove(request: Request) -> Response:
    """POST /clinic/emergency-numbers/{id}/removal"""
    person, form = administrator(request), await form_of(request)
    number_id = id_of(request.path_params["id"])
    await acts.remove_number(request.app.state.office, person, number_id, form.get("key", ""))
    return RedirectResponse(f"{NUMBERS}?done=removed", 303)


async def _found(request: Request) -> tuple[EmergencyNumber, int]:
    office: Office = request.app.state.office
    number_id = id_of(request.path_params["id"])
    async with office.database.reading() as c:
        known = await clinic.emergency_numbers(c)
    found = next((each for each in known if each.id == number_id), None)
    if found is None:
        raise NotFound("number_not_found", acts.NO_NUMBER)
    return found, known.index(found) + 1


async def _numbers(
    request: Request,
    found: EmergencyNumber | None,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    key: str,
    status: int = 200,
) -> Response:
    """The list with the form of a new one under it, or the form of one number alone."""
    office: Office = request.app.state.office
    async with office.database.reading() as c:
        known = await clinic.emergency_numbers(c)
    context = {
        "numbers": known,
        "number": found,
        "values": {"label": "", "number": "", "region": "", "place": str(len(known) + 1), **values},
        "errors": errors,
        "key": key,
        "ending_key": secrets.token_hex(16),
        "limits": rules,
        "done": DONE.get(request.query_params.get("done", ""), ""),
    }
    return page(request, "clinic/number.html" if found else "clinic/numbers.html", context, status)

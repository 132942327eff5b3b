"""Pages of what is offered: the list, the form of one service, and taking it out of the offer."""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.audit.office import Office
from telehealth.clinic import acts, rules
from telehealth.clinic import store as clinic
from telehealth.clinic.fields import TICKED
from telehealth.clinic.pages import administrator
from telehealth.clinic.rules import box_of, offer_from
from telehealth.clinic.store import Service
from telehealth.errors import Conflict, Invalid
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import page

HERE = "/clinic/services"
DONE = {
    "made": "The service is offered from now on.",
    "changed": "The service is changed. What is booked stays as it was.",
    "retired": "The service is not offered any more. What is booked stays.",
    "offered": "The service is offered again.",
}
FIRST: Mapping[str, str] = {
    "name": "",
    "public_name": "Appointment",
    "summary": "",
    "minutes": "50",
    "buffer_before": "0",
    "buffer_after": "10",
    "seats": "1",
    "grid_minutes": "30",
    "notice": "4",
    "notice_unit": "hours",
    "horizon_days": "56",
    "cancel_hours": "24",
    "price_text": "",
    "therapists_needed": "1",
    "confirms_first": "",
}
OTHERS = ("place", "keep_public_name")


async def services(request: Request) -> Response:
    """GET /clinic/services"""
    administrator(request)
    office: Office = request.app.state.office
    async with office.database.reading() as c:
        every = await clinic.every_service(c)
        names = {each.id: each.name for each in await clinic.therapists(c)}
    context = {
        "services": [each for each in every if each.retired_at is None],
        "retired": [each for each in every if each.retired_at is not None],
        "names": names,
        "done": DONE.get(request.query_params.get("done", ""), ""),
    }
    return page(request, "clinic/services.html", context)


async def new(request: Request) -> Response:
    """GET /clinic/services/new"""
    administrator(request)
    office: Office = request.app.state.office
    async with office.database.reading() as c:
        place = len(await clinic.services(c)) + 1
        everybody = {box_of(each.id): TICKED for each in await clinic.therapists(c)}
    return await _form(request, None, {**FIRST, "place": str(place), **everybody}, {}, secrets.token_hex(16))


async def create(request: Request) -> Response:
    """POST /clinic/services"""
    person, form = administrator(request), await form_of(request)
    office: Office = request.app.state.office
    try:
        offer = offer_from(form, await _therapist_ids(office))
        await acts.create_service(office, person, offer, form.get("key", ""))
    except (Invalid, Conflict) as refusal:
        return await _again(request, None, form, refusal)
    return RedirectResponse(f"{HERE}?done=made", 303)


async def service(request: Request) -> Response:
    """GET /clinic/services/{id}"""
    administrator(request)
    found, place = await _found(request)
    return await _form(request, found, _typed(found, place), {}, secrets.token_hex(16))


async def change(request: Request) -> Response:
    """POST /clinic/services/{id}"""
    person, form = administrator(request), await form_of(request)
    found, _ = await _found(request)
    office: Office = request.app.state.office
    try:
        offer = offer_from(form, await _therapist_ids(office))
        await acts.change_service(office, person, found.id, offer, form.get("key", ""))
    except (Invalid, Conflict) as refusal:
        return await _again(request, found, form, refusal)
    return RedirectResponse(f"{HERE}?done=changed", 303)


async def retire(request: Request) -> Response:
    """POST /clinic/services/{id}/retirement"""
    person, form = administrator(request), await form_of(request)
    service_id = id_of(request.path_params["id"])
    await acts.retire_service(request.app.state.office, person, service_id, form.get("key", ""))
    return RedirectResponse(f"{HERE}?done=retired", 303)


async def offer_again(request: Request) -> Response:
    """POST /clinic/services/{id}/return"""
    person, form = administrator(request), await form_of(request)
    service_id = id_of(request.path_params["id"])
    await acts.offer_again(request.app.state.office, person, service_id, form.get("key", ""))
    return RedirectResponse(f"{HERE}?done=offered", 303)


async def _found(request: Request) -> tuple[Service, int]:
    """The service of the address and its place among those that are offered."""
    office: Office = request.app.state.office
    async with office.database.reading() as c:
        found = await clinic.service(c, id_of(request.path_params["id"]))
        ids = [each.id for each in await clinic.services(c)]
    return found, ids.index(found.id) + 1 if found.id in ids else len(ids) + 1


async def _therapist_ids(office: Office) -> list[bytes]:
    async with office.database.reading() as c:
        return [each.id for each in await clinic.therapists(c)]


async def _again(
    request: Request, found: Service | None, form: dict[str, str], refusal: Invalid | Conflict
) -> Response:
    """The form with everything that was typed and each sentence at its field."""
    if not refusal.fields:
        raise refusal
    key = form.get("key", "")
    status = 422 if isinstance(refusal, Invalid) else 409
    return await _form(request, found, form, refusal.fields, key, status)


async def _form(
    request: Request,
    found: Service | None,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    key: str,
    status: int = 200,
) -> Response:
    office: Office = request.app.state.office
    async with office.database.reading() as c:
        therapists = await clinic.therapists(c)
    boxes = [box_of(each.id) for each in therapists]
    asked = " ".join(values.get("public_name", "").split())
    context = {
        "service": found,
        "values": {**dict.fromkeys((*FIRST, *OTHERS, *boxes), ""), **values},
        "errors": errors,
        "key": key,
        "ending_key": secrets.token_hex(16),
        "therapists": list(zip(boxes, therapists, strict=True)),
        "tells": asked if errors.get("public_name") == rules.warning_of(asked) else "",
        "limits": rules,
    }
    return page(request, "clinic/service.html", context, status)


def _typed(found: Service, place: int) -> dict[str, Any]:
    """A service as its form would have been typed."""
    names = ("name", "public_name", "summary", "price_text")
    numbers = (
        "minutes",
        "buffer_before",
        "buffer_after",
        "seats",
        "grid_minutes",
        "horizon_days",
        "cancel_hours",
    )
    fitting = [name for name, minutes in rules.NOTICE_UNITS.items() if found.notice_minutes % minutes == 0]
    unit = fitting[-1] if found.notice_minutes else "hours"
    return {
        **{name: getattr(found, name) for name in names},
        **{name: str(getattr(found, name)) for name in numbers},
        **{box_of(id_): TICKED for id_ in found.therapist_ids},
        "notice": str(found.notice_minutes // rules.NOTICE_UNITS[unit]),
        "notice_unit": unit,
        "therapists_needed": str(found.therapists_needed),
        "confirms_first": TICKED if found.confirms_first else "",
        "keep_public_name": found.public_name,
        "place": str(place),
    }

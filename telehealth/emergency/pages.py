"""Pages of emergency access: asking and waiting for the one, reading and deciding for the other."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request as Asked
from starlette.responses import RedirectResponse, Response

from telehealth.audit.office import Office
from telehealth.emergency import acts, deciding, rules
from telehealth.emergency.acts import Request
from telehealth.errors import Invalid
from telehealth.people.pages import signed_in
from telehealth.people.stepping_up import fresh_about
from telehealth.person import Person
from telehealth.repeats.once import once
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import page, zone_of

HERE = "/emergency"


async def overview(request: Asked) -> Response:
    """GET /emergency: the form for who asks, what waits for who decides."""
    return await _overview(request, signed_in(request), {"name": "", "reason": ""}, {})


async def ask(request: Asked) -> Response:
    """POST /emergency: ask; the form comes back with what was typed when something is missing."""
    person, form = signed_in(request), await form_of(request)
    values = {"name": form.get("name", ""), "reason": form.get("reason", "")}
    try:
        async with once(request, person, form) as office:
            await acts.ask(office, person, **values)
    except Invalid as refusal:
        if not refusal.fields:
            raise
        return await _overview(request, person, values, refusal.fields, 422)
    return RedirectResponse(f"{HERE}/{office.answer.hex()}", 303)


async def request(request: Asked) -> Response:
    """GET /emergency/{id}: how it stands, for who asked; what there is to decide, for the second person."""
    if rules.may_decide(signed_in(request).role):
        return await _question(request, {})
    found = await acts.own_request(_office(request), signed_in(request), _id(request))
    return page(request, "emergency/request.html", {"asked": _shown(found, zone_of(request))})


async def confirm(request: Asked) -> Response:
    """POST /emergency/{id}/confirmation"""
    person, form = await _second(request), await form_of(request)
    client = form.get("client", "")
    client_id = id_of(client) if client else None
    try:
        async with once(request, person, form) as office:
            await deciding.confirm(office, person, _id(request), client_id)
    except Invalid as refusal:
        if not refusal.fields:
            raise
        return await _question(request, refusal.fields, 422)
    return RedirectResponse(f"{HERE}/{_id(request).hex()}", 303)


async def decline(request: Asked) -> Response:
    """POST /emergency/{id}/refusal"""
    person, form = await _second(request), await form_of(request)
    async with once(request, person, form) as office:
        await deciding.decline(office, person, _id(request))
    return RedirectResponse(HERE, 303)


async def withdraw(request: Asked) -> Response:
    """POST /emergency/{id}/withdrawal"""
    person, form = signed_in(request), await form_of(request)
    async with once(request, person, form) as office:
        await acts.withdraw(office, person, _id(request))
    return RedirectResponse(HERE, 303)


async def end(request: Asked) -> Response:
    """POST /emergency/{id}/end"""
    person, form = signed_in(request), await form_of(request)
    async with once(request, person, form) as office:
        await acts.end(office, person, _id(request))
    return RedirectResponse(HERE, 303)


async def _second(request: Asked) -> Person:
    """The second person, who proved just now who they are; everybody else is refused by the act, on record."""
    person = signed_in(request)
    return (
        await fresh_about(request, ("emergency", _id(request))) if rules.may_decide(person.role) else person
    )


async def _overview(
    request: Asked, person: Person, values: dict[str, str], errors: dict[str, str], status: int = 200
) -> Response:
    found = [_shown(each, zone_of(request)) for each in await acts.requests(_office(request), person)]
    context: dict[str, Any] = {
        "waiting": [each for each in found if each["state"] == "waiting"],
        "open": [each for each in found if each["state"] == "open"],
        "before": [each for each in found if each["state"] not in ("waiting", "open")],
    }
    if rules.may_decide(person.role):
        return page(request, "emergency/deciding.html", context)
    return page(request, "emergency/asking.html", {**context, "values": values, "errors": errors}, status)


async def _question(request: Asked, errors: dict[str, str], status: int = 200) -> Response:
    found = await deciding.question(_office(request), await _second(request), _id(request))
    context = {"asked": _shown(found.request, zone_of(request)), "matches": found.matches, "errors": errors}
    return page(request, "emergency/question.html", context, status)


def _shown(found: Request, zone: ZoneInfo) -> dict[str, Any]:
    """A request as templates see it: every time in the shown zone."""

    def local(moment: datetime | None) -> datetime | None:
        return None if moment is None else moment.astimezone(zone)

    return {
        "id": found.id.hex(),
        "state": found.state,
        "asked_by": found.asked_by or "A therapist",
        "asked_at": local(found.asked_at),
        "lapses_at": local(found.lapses_at),
        "confirmed_by": found.confirmed_by or "a second person",
        "ends_at": local(found.ends_at),
        "ended_at": local(found.ended_at),
        "name": found.name,
        "reason": found.reason,
    }


def _id(request: Asked) -> bytes:
    return id_of(request.path_params["id"])


def _office(request: Asked) -> Office:
    office: Office = request.app.state.office
    return office

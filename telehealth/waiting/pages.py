"""The page of the waiting list: what one waits for, the time that is kept, and a wish."""

import secrets
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.appointments.pages import signed_in_as
from telehealth.audit.office import Office
from telehealth.clinic import store as clinic
from telehealth.errors import Conflict, Invalid
from telehealth.person import Person
from telehealth.repeats.once import once
from telehealth.waiting import acts, rules
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import page, zone_of

HERE = "/waiting"
USUAL = timedelta(days=28)
FIELDS = ("service", "therapist", "part", "until", "name")


async def waiting(request: Request) -> Response:
    """GET /waiting?service=&therapist=&part="""
    person = signed_in_as(request, "client")
    query = request.query_params
    return await _waiting(request, person, {name: query.get(name, "") for name in FIELDS}, {})


async def _waiting(
    request: Request,
    person: Person,
    typed: dict[str, str],
    errors: dict[str, str],
    *,
    refused: str = "",
    needs_partner: bytes | None = None,
    status: int = 200,
) -> Response:
    office: Office = request.app.state.office
    zone = zone_of(request)
    found = await acts.mine(office, person)
    async with office.database.reading() as c:
        services = [each for each in await clinic.services(c) if acts.may_be_waited_for(each)]
        therapists = await clinic.therapists(c)
    today = office.clock().astimezone(zone).date()
    values = typed | {"until": typed["until"] or (today + USUAL).isoformat()}
    context: dict[str, Any] = {
        "wishes": [
            {
                "id": each.entry.id,
                "service": each.service,
                "therapist": each.therapist,
                "part": each.entry.wish.part,
                "until": (each.entry.before - timedelta(minutes=1)).astimezone(zone),
                "offer": each.offer
                and {
                    "id": each.offer.appointment_id,
                    "start": each.offer.starts_at.astimezone(zone),
                    "end": (each.offer.starts_at + timedelta(minutes=each.service.minutes)).astimezone(zone),
                    "answer_by": each.offer.answer_by.astimezone(zone),
                    "therapist": each.offered_by,
                    "needs_partner": each.offer.appointment_id == needs_partner,
                },
                "key": secrets.token_hex(16),
            }
            for each in found
        ],
        "services": services,
        "therapists": therapists,
        "may_wish": len(found) < rules.MAX_WISHES,
        "most": rules.MAX_WISHES,
        "needs_name": not request.state.name,
        "values": values,
        "errors": errors,
        "refused": refused,
        "first_day": today.isoformat(),
        "last_day": (today + timedelta(days=rules.LONGEST_DAYS)).isoformat(),
        "key": secrets.token_hex(16),
    }
    return page(request, "waiting/waiting.html", context, status)


async def wish(request: Request) -> Response:
    """POST /waiting: wait for an earlier time; what was typed stays where it is refused."""
    person = signed_in_as(request, "client")
    form = await form_of(request)
    await request.app.state.limits.booking.take(request)
    typed = {name: form.get(name, "") for name in FIELDS}
    therapist = form.get("therapist", "")
    try:
        await acts.wish(
            request.app.state.office,
            person,
            service_id=id_of(form.get("service", "")),
            therapist_id=id_of(therapist) if therapist else None,
            part=form.get("part", ""),
            until=form.get("until", ""),
            name=form.get("name") or None,
            zone=zone_of(request).key,
            key=form.get("key", ""),
        )
    except Invalid as refusal:
        if not refusal.fields:
            raise
        return await _waiting(request, person, typed, refusal.fields, status=422)
    except Conflict as refusal:
        if refusal.code != "enough_wishes":
            raise
        return await _waiting(request, person, typed, {}, refused=refusal.sentence, status=409)
    return RedirectResponse(HERE, 303)


async def leave(request: Request) -> Response:
    """POST /waiting/{id}/ending: wait for it no more."""
    person = signed_in_as(request, "client")
    form = await form_of(request)
    async with once(request, person, form) as office:
        await acts.leave(office, person, id_of(request.path_params["id"]))
    return RedirectResponse(HERE, 303)


async def accept(request: Request) -> Response:
    """POST /offers/{id}/acceptance: take the time that is kept."""
    person = signed_in_as(request, "client")
    form = await form_of(request)
    await request.app.state.limits.booking.take(request)
    appointment_id = id_of(request.path_params["id"])
    said = {"same": True, "other": False}.get(form.get("partner", ""))
    nothing = dict.fromkeys(FIELDS, "")
    try:
        made = await acts.accept(
            request.app.state.office,
            person,
            appointment_id,
            zone=zone_of(request).key,
            key=form.get("key", ""),
            same_partner=said,
        )
    except Invalid as refusal:
        if "partner" not in refusal.fields:
            raise
        errors = refusal.fields
        return await _waiting(request, person, nothing, errors, needs_partner=appointment_id, status=422)
    except Conflict as refusal:
        return await _waiting(request, person, nothing, {}, refused=refusal.sentence, status=409)
    return RedirectResponse(f"/appointments/{made.id.hex()}?booked=1", 303)


async def decline(request: Request) -> Response:
    """POST /offers/{id}/refusal: not this one."""
    person = signed_in_as(request, "client")
    form = await form_of(request)
    async with once(request, person, form) as office:
        await acts.decline(office, person, id_of(request.path_params["id"]))
    return RedirectResponse(HERE, 303)

"""Pages of a held time: choose it, see it kept, give it back, book it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.appointments import acts, cases
from telehealth.appointments.views import policy_for, said_by_practice
from telehealth.audit.office import Office
from telehealth.availability.acts import OpenTime
from telehealth.clinic import store as clinic
from telehealth.errors import Conflict, Invalid, NotFound, Refusal
from telehealth.people.pages import signed_in
from telehealth.web import cookies
from telehealth.web.forms import choice_of, form_of, id_of
from telehealth.web.limits import address_of
from telehealth.web.templating import page, zone_of


@dataclass(frozen=True)
class Chosen:
    """A service, therapist and start as the page shows them."""

    service: clinic.Service
    therapist: clinic.Therapist
    start: datetime
    end: datetime
    co_therapist: clinic.Therapist | None


def holder_of(request: Request) -> bytes:
    """What a held time hangs on: this browser's visit cookie, hashed (32 bytes)."""
    return cookies.hash_of(request.state.visit, "hold")


async def hold(request: Request) -> Response:
    """POST /holds: keep a time for five minutes; when it is gone, offer the nearest others."""
    form = await form_of(request)
    await request.app.state.limits.booking.take(request)
    service_id, therapist_id, start, co_therapist_id = choice_of(form.get("choice", ""))
    office: Office = request.app.state.office
    try:
        made = await acts.hold(
            office,
            request.state.person,
            service_id=service_id,
            therapist_id=therapist_id,
            start=start,
            holder=holder_of(request),
            address=address_of(request),
            zone=zone_of(request).key,
            co_therapist_id=co_therapist_id,
        )
    except Conflict as refusal:
        return await taken(request, refusal, form)
    return RedirectResponse(f"/holds/{made.id.hex()}", 303)


async def held(request: Request) -> Response:
    """GET /holds/{id}: the kept time, and the form to book it once signed in; once it is booked, the appointment."""
    office: Office = request.app.state.office
    person, hold_id = request.state.person, id_of(request.path_params["id"])
    if person is not None and await acts.is_booked(office, person, hold_id):
        return RedirectResponse(f"/appointments/{hold_id.hex()}", 303)
    found = await acts.find_hold(office, person, hold_id, holder_of(request))
    return await _held(request, found, _typed({}), {}, secrets.token_hex(16))


async def _held(
    request: Request, found: acts.Hold, values: dict[str, str], errors: dict[str, str], key: str
) -> Response:
    zone = zone_of(request)
    chosen = await _of_hold(request, found)
    shown = {
        **{name: getattr(chosen, name) for name in ("service", "therapist", "co_therapist", "start", "end")},
        "id": found.id.hex(),
        "held_until": found.held_until.astimezone(zone),
        "expired": found.expired,
    }
    context = {
        "hold": shown,
        "signed_in": request.state.person is not None,
        "needs_name": not request.state.name,
        "asks_partner": await _asks_partner(request, chosen.service),
        "policy": await policy_for(request, chosen.service, found.starts_at),
        "key": key,
        "values": values,
        "errors": errors,
    }
    return page(request, "appointments/hold.html", context, 422 if errors else 200)


async def release(request: Request) -> Response:
    """POST /holds/{id}/release: give the time back and choose another."""
    await form_of(request)
    office: Office = request.app.state.office
    hold_id, holder = id_of(request.path_params["id"]), holder_of(request)
    try:
        found = await acts.find_hold(office, request.state.person, hold_id, holder)
    except NotFound:  # pressed twice: it is given back already
        return RedirectResponse("/times", 303)
    chosen = await _of_hold(request, found)
    await acts.release(office, hold_id, holder, request.state.person)
    wish = {"service": chosen.service.slug, "from": chosen.start.date().isoformat()}
    return RedirectResponse(f"/times?{urlencode(wish)}", 303)


async def book(request: Request) -> Response:
    """POST /appointments: book the held time; every refusal keeps what was typed."""
    form = await form_of(request)
    person = signed_in(request)
    await request.app.state.limits.booking.take(request)
    service_id, therapist_id, start, co_therapist_id = choice_of(form.get("choice", ""))
    hold_id = id_of(form["hold"]) if form.get("hold") else None
    office: Office = request.app.state.office
    try:
        made = await acts.book(
            office,
            person,
            hold_id=hold_id,
            holder=holder_of(request),
            service_id=service_id,
            therapist_id=therapist_id,
            start=start,
            name=form.get("name") or None,
            reason=form.get("reason", ""),
            zone=zone_of(request).key,
            key=form.get("key", ""),
            co_therapist_id=co_therapist_id,
            same_partner={"same": True, "other": False}.get(form.get("partner", "")),
        )
    except Conflict as refusal:
        return await taken(request, refusal, form)
    except Invalid as refusal:
        if not refusal.fields or hold_id is None:
            raise
        found = await acts.find_hold(office, person, hold_id, holder_of(request))
        return await _held(request, found, _typed(form), refusal.fields, form.get("key", ""))
    return RedirectResponse(f"/appointments/{made.id.hex()}?booked=1", 303)


async def taken(request: Request, refusal: Refusal, form: dict[str, str]) -> Response:
    """409: the time cannot be had; the nearest others, in a form that keeps what was typed."""
    alternatives: list[OpenTime] = getattr(refusal, "alternatives", [])
    service_id, therapist_id, start, co_id = choice_of(form.get("choice", ""))
    wished = OpenTime(start, therapist_id, service_id, co_id)
    chosen, *offered = await _chosen(request, [wished, *alternatives])
    context: dict[str, Any] = {
        "sentence": refusal.sentence,
        "code": refusal.code,
        "chosen": chosen,
        "alternatives": offered,
        "values": _typed(form),
        "errors": {},
        "signed_in": request.state.person is not None,
        "needs_name": not request.state.name,
        "asks_partner": await _asks_partner(request, chosen.service),
        "said": await said_by_practice(request),
        "key": secrets.token_hex(16),
    }
    return page(request, "appointments/taken.html", context, 409)


def _typed(form: dict[str, str]) -> dict[str, str]:
    return {name: form.get(name, "") for name in ("name", "reason", "partner")}


async def _asks_partner(request: Request, service: clinic.Service) -> bool:
    """Whether this person has to say with whom they come."""
    person = request.state.person
    if person is None or service.seats < 2:
        return False
    office: Office = request.app.state.office
    async with office.database.reading() as connection:
        return await cases.shared_case(connection, person.id) is not None


async def _chosen(request: Request, times: Sequence[OpenTime]) -> list[Chosen]:
    """These times of one service with what belongs to them, which is read once."""
    office: Office = request.app.state.office
    async with office.database.reading() as connection:
        service, offering = await clinic.offering(connection, times[0].service_id)
        profiles = {each.id: each for each in offering}
        for id_ in {id_ for each in times for id_ in each.therapist_ids} - profiles.keys():
            profiles[id_] = await clinic.therapist(connection, id_)  # who does not offer it any more
    zone, length = zone_of(request), timedelta(minutes=service.minutes)
    found = []
    for each in times:
        shown = each.start.astimezone(zone)
        therapist, *others = (profiles[id_] for id_ in each.therapist_ids)
        found.append(Chosen(service, therapist, shown, shown + length, others[0] if others else None))
    return found


async def _of_hold(request: Request, found: acts.Hold) -> Chosen:
    time = OpenTime(found.starts_at, found.therapist_id, found.service_id, found.co_therapist_id)
    return (await _chosen(request, [time]))[0]

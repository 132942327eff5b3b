"""Pages that change an appointment: another time, cancelling, a therapist's answer, a proposed time."""

import secrets
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NoReturn

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.appointments import acts, offering
from telehealth.appointments.acts import Appointment
from telehealth.appointments.own_time import OUTSIDE, PAST, own_time_of
from telehealth.appointments.views import appointment_view, policy_for
from telehealth.audit.office import Office
from telehealth.errors import Conflict, Invalid, NotFound, Refusal
from telehealth.people.pages import signed_in
from telehealth.person import Person
from telehealth.web.forms import form_of, id_of, instant_of
from telehealth.web.templating import page, zone_of

SHOWN_DAYS = 14
BEFORE = timedelta(days=3)  # of the days shown at first, so many lie before the appointment


async def new_time(request: Request) -> Response:
    """GET /appointments/{id}/time?from=: the open times it could have instead, by day."""
    return await _new_time(request, None, {})


async def _new_time(request: Request, refusal: Refusal | None, form: dict[str, str]) -> Response:
    person, office, zone = signed_in(request), _office(request), zone_of(request)
    appointment_id = id_of(request.path_params["id"])
    today = office.clock().astimezone(zone).date()
    found = await acts.appointment(office, person, appointment_id)
    first = _first(request, found.starts_at.astimezone(zone).date(), today)
    horizon = max(SHOWN_DAYS, found.service.horizon_days + 1)
    _, starts = await offering.times_for(
        office, person, appointment_id, first=first, days=horizon, zone=zone.key
    )
    local = [start.astimezone(zone) for start in starts]
    after = first + timedelta(days=SHOWN_DAYS)
    shown = [start for start in local if start.date() < after]
    beyond = [start for start in local if start.date() >= after]
    path = f"/appointments/{appointment_id.hex()}/time"
    context = {
        **await _context(request, found),
        "days": [list(day) for _, day in groupby(shown, key=lambda start: start.date())],
        "length": timedelta(minutes=found.service.minutes),
        "first": _noon(first, request),
        "last": _noon(after - timedelta(days=1), request),
        "earlier": f"{path}?from={max(today, first - timedelta(days=SHOWN_DAYS))}" if first > today else None,
        "later": f"{path}?from={after}" if beyond else None,
        "next_open": None if shown or not beyond else beyond[0],
        "next_url": None if shown or not beyond else f"{path}?from={beyond[0].date()}",
        "refusal": refusal,
        "message": form.get("message", ""),
        "values": {"day": "", "at": "", "agreed": "", **form},
    }
    return page(request, "appointments/time.html", context, _status(refusal))


async def move(request: Request) -> Response:
    """POST /appointments/{id}/time: when the time is gone, the same page says so and shows the others."""
    form, person = await form_of(request), signed_in(request)
    await request.app.state.limits.booking.take(request)
    appointment_id, own = id_of(request.path_params["id"]), None
    try:
        own = None if person.role == "client" else own_time_of(form, zone_of(request))
        await acts.move(
            _office(request),
            person,
            appointment_id,
            start=own or instant_of(form.get("start", "")),
            key=form.get("key", ""),
            message=form.get("message", ""),
            anyway=own is not None and form.get("agreed") == "1",
            zone=zone_of(request).key,
        )
    except (Conflict, Invalid) as refusal:
        stays = isinstance(refusal, acts.Taken | Invalid) or refusal.code == "client_busy"
        if not stays or refusal.code == "malformed_key":
            raise
        if own is not None and refusal.code == "not_offered":
            may = own > _office(request).clock() and form.get("agreed") != "1"
            return await _new_time(request, Invalid("not_offered", OUTSIDE if may else PAST), form)
        return await _new_time(request, refusal, form)
    return RedirectResponse(f"/appointments/{appointment_id.hex()}?moved=1", 303)


async def cancelling(request: Request) -> Response:
    """GET /appointments/{id}/cancellation: what holds, before anything is cancelled."""
    person = signed_in(request)
    found = await acts.appointment(_office(request), person, id_of(request.path_params["id"]))
    if not found.may_cancel:
        return RedirectResponse(f"/appointments/{found.id.hex()}", 303)
    return page(request, "appointments/cancelling.html", await _context(request, found))


async def cancel(request: Request) -> Response:
    """POST /appointments/{id}/cancellation"""
    form, person = await form_of(request), signed_in(request)
    appointment_id = id_of(request.path_params["id"])
    await acts.cancel(_office(request), person, appointment_id, form.get("key", ""), form.get("message", ""))
    return RedirectResponse(f"/appointments/{appointment_id.hex()}", 303)


async def answering(request: Request) -> Response:
    """GET /appointments/{id}/answer: a therapist says yes or no to a request."""
    return await _answering(request, None, {})


async def _answering(request: Request, refusal: Refusal | None, form: dict[str, str]) -> Response:
    person, office = signed_in(request), _office(request)
    appointment_id = id_of(request.path_params["id"])
    if person.role != "therapist":
        await _nothing(office, person, appointment_id)
    found = await acts.appointment(office, person, appointment_id)
    if not found.may_answer:
        return RedirectResponse(f"/appointments/{found.id.hex()}", 303)
    context = await _with_proposals(request, found, refusal, form)
    return page(request, "appointments/answering.html", context, _status(refusal))


async def confirm(request: Request) -> Response:
    """POST /appointments/{id}/confirmation"""
    form, person = await form_of(request), signed_in(request)
    appointment_id = id_of(request.path_params["id"])
    anyway = form.get("anyway") == "1"
    try:
        await acts.confirm(_office(request), person, appointment_id, key=form.get("key", ""), anyway=anyway)
    except Conflict as refusal:
        if refusal.code != "not_in_hours":
            raise
        return await _answering(request, refusal, form)
    return RedirectResponse(f"/appointments/{appointment_id.hex()}", 303)


async def decline(request: Request) -> Response:
    """POST /appointments/{id}/refusal"""
    form, person = await form_of(request), signed_in(request)
    appointment_id = id_of(request.path_params["id"])
    try:
        await acts.decline(
            _office(request),
            person,
            appointment_id,
            key=form.get("key", ""),
            message=form.get("message", ""),
            proposals=_proposed(form),
        )
    except Invalid as refusal:
        if not refusal.fields:
            raise
        return await _answering(request, refusal, form)
    return RedirectResponse(f"/appointments/{appointment_id.hex()}", 303)


async def proposing(request: Request) -> Response:
    """GET /appointments/{id}/proposals: staff choose other times for what is booked."""
    return await _proposing(request, None, {})


async def _proposing(request: Request, refusal: Refusal | None, form: dict[str, str]) -> Response:
    person, office = signed_in(request), _office(request)
    appointment_id = id_of(request.path_params["id"])
    if person.role == "client":
        await _nothing(office, person, appointment_id)
    found = await acts.appointment(office, person, appointment_id)
    if not (found.may_move and found.state == "booked"):
        return RedirectResponse(f"/appointments/{found.id.hex()}", 303)
    context = await _with_proposals(request, found, refusal, form)
    return page(request, "appointments/proposing.html", context, _status(refusal))


async def propose(request: Request) -> Response:
    """POST /appointments/{id}/proposals"""
    form, person = await form_of(request), signed_in(request)
    appointment_id = id_of(request.path_params["id"])
    try:
        await acts.propose(
            _office(request),
            person,
            appointment_id,
            key=form.get("key", ""),
            message=form.get("message", ""),
            proposals=_proposed(form),
        )
    except Invalid as refusal:
        if not refusal.fields:
            raise
        return await _proposing(request, refusal, form)
    return RedirectResponse(f"/appointments/{appointment_id.hex()}?proposed=1", 303)


async def take(request: Request) -> Response:
    """POST /appointments/{id}/proposal: a client takes a proposed time."""
    form, person = await form_of(request), signed_in(request)
    await request.app.state.limits.booking.take(request)
    appointment_id = id_of(request.path_params["id"])
    await acts.take(
        _office(request),
        person,
        appointment_id,
        start=instant_of(form.get("start", "")),
        key=form.get("key", ""),
        zone=zone_of(request).key,
    )
    return RedirectResponse(f"/appointments/{appointment_id.hex()}?booked=1", 303)


def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


async def _context(request: Request, found: Appointment) -> dict[str, Any]:
    return {
        "appointment": appointment_view(found, zone_of(request)),
        "policy": await policy_for(request, found.service, found.starts_at, found.offered_at),
        "key": secrets.token_hex(16),
    }


async def _with_proposals(
    request: Request, found: Appointment, refusal: Refusal | None, form: dict[str, str]
) -> dict[str, Any]:
    near = await offering.near(_office(request), signed_in(request), found.id)
    return {
        **await _context(request, found),
        "near": [start.astimezone(zone_of(request)) for start in near],
        "length": timedelta(minutes=found.service.minutes),
        "refusal": refusal,
        "message": form.get("message", ""),
        "chosen": [form[name] for name in form if name.startswith("proposal-")],
    }


def _proposed(form: dict[str, str]) -> list[datetime]:
    return [instant_of(form[name]) for name in form if name.startswith("proposal-")]


async def _nothing(office: Office, person: Person, appointment_id: bytes) -> NoReturn:
    """Before anything is read, so that no look is on record that was none."""
    async with office.work(person):
        sentence = "There is nothing at this address."
        raise NotFound("not_found", sentence, about=("appointment", appointment_id))


def _first(request: Request, day: date, today: date) -> date:
    try:
        wished = date.fromisoformat(request.query_params.get("from", ""))
    except ValueError:
        wished = day - BEFORE
    return min(max(wished, today), today + timedelta(days=366))


def _noon(day: date, request: Request) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=zone_of(request))


def _status(refusal: Refusal | None) -> int:
    if refusal is None:
        return 200
    return 409 if isinstance(refusal, Conflict) else 422

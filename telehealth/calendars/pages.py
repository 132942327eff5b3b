"""Pages of a therapist's other calendars, and the address that other programs read."""

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.appointments.pages import signed_in_as
from telehealth.audit.office import Office
from telehealth.calendars import acts, rules
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.person import Person
from telehealth.repeats.once import once
from telehealth.web import cookies
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import page, zone_of

HERE = "/calendars"


async def overview(request: Request) -> Response:
    """GET /calendars"""
    return await _overview(request, signed_in_as(request, "therapist"))


async def _overview(
    request: Request,
    person: Person,
    *,
    typed: str = "",
    errors: dict[str, str] | None = None,
    address: str | None = None,
    status: int = 200,
) -> Response:
    office: Office = request.app.state.office
    zone = zone_of(request)
    found = await acts.overview(office, person)
    calendars = [
        {
            "id": each.id,
            "host": each.host,
            "state": each.state,
            "failure": each.failure and rules.in_words(each.failure),
            "fetched_at": each.fetched_at and each.fetched_at.astimezone(zone),
            "busy_ahead": each.busy_ahead,
            "key": secrets.token_hex(16),
        }
        for each in found.subscribed
    ]
    made_at, used_at = found.feed or (None, None)
    context: dict[str, Any] = {
        "calendars": calendars,
        "may_add": len(calendars) < rules.MAX_CALENDARS,
        "most": rules.MAX_CALENDARS,
        "feed_made_at": made_at and made_at.astimezone(zone),
        "feed_used_at": used_at and used_at.astimezone(zone),
        "feed_address": address,
        "values": {"address": typed},
        "errors": errors or {},
        "key": secrets.token_hex(16),
        "feed_key": secrets.token_hex(16),
    }
    return page(request, "calendars/overview.html", context, status)


async def subscribe(request: Request) -> Response:
    """POST /calendars: read one more; what is wrong with its address stands beside it, and it stays typed."""
    person = signed_in_as(request, "therapist")
    form = await form_of(request)
    await request.app.state.limits.booking.take(request)
    typed = form.get("address", "")
    try:
        await acts.subscribe(request.app.state.office, person, typed, form.get("key", ""))
    except Invalid as refusal:
        if not refusal.fields:
            raise
        return await _overview(request, person, typed=typed, errors=refusal.fields, status=422)
    except Conflict as refusal:
        if refusal.code != "enough_calendars":
            raise
        errors = {"address": refusal.sentence}
        return await _overview(request, person, typed=typed, errors=errors, status=409)
    return RedirectResponse(HERE, 303)


async def unsubscribe(request: Request) -> Response:
    """POST /calendars/{id}/removal"""
    person = signed_in_as(request, "therapist")
    form = await form_of(request)
    calendar_id = id_of(request.path_params["id"])
    await acts.unsubscribe(request.app.state.office, person, calendar_id, form.get("key", ""))
    return RedirectResponse(HERE, 303)


async def renew(request: Request) -> Response:
    """POST /calendars/feed: a new secret address, shown on this answer and never again."""
    person = signed_in_as(request, "therapist")
    form = await form_of(request)
    key = form.get("key", "")
    secret = cookies.secret_of_form(request, key, b"feed")
    stands = await acts.renew(request.app.state.office, person, cookies.hash_of(secret, "feed"), key)
    address = f"{request.app.state.settings.public_url}/feeds/{cookies.text_of(secret)}"
    return await _overview(request, person, address=address if stands else None)


async def revoke(request: Request) -> Response:
    """POST /calendars/feed/removal"""
    person = signed_in_as(request, "therapist")
    form = await form_of(request)
    async with once(request, person, form) as office:
        await acts.revoke(office, person)
    return RedirectResponse(HERE, 303)


async def feed(request: Request) -> Response:
    """GET /feeds/{token}: times for another program; whoever has the address may read it."""
    await request.app.state.limits.invitations.take(request)
    secret = cookies.secret_from(request.path_params["token"])
    if secret is None:
        raise NotFound("not_found", "There is nothing at this address.")
    body = await acts.feed(request.app.state.office, cookies.hash_of(secret, "feed"))
    return Response(body, media_type="text/calendar; charset=utf-8", headers={"Cache-Control": "no-store"})

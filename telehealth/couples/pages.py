"""Pages of coming together: who comes, the link to pass on, the invitation as it is read, and leaving."""

import secrets
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.appointments.views import appointment_view
from telehealth.audit.office import Office
from telehealth.couples import acts
from telehealth.couples.acts import Asked, Said, Way
from telehealth.errors import Conflict, Invalid
from telehealth.people.pages import signed_in
from telehealth.person import Person
from telehealth.repeats.once import once
from telehealth.web import cookies
from telehealth.web.forms import form_of, id_of, instant_of
from telehealth.web.templating import page, zone_of

LINK_LENGTH = 43  # 32 bytes in base64url
HERE = "/invitation"


async def company(request: Request) -> Response:
    """GET /appointments/{id}/partner: who comes along, and how to ask somebody."""
    person = signed_in(request)
    return await _company(request, person, id_of(request.path_params["id"]))


async def invite(request: Request) -> Response:
    """POST /appointments/{id}/invitation: a new link, shown on the answer and never again."""
    person = signed_in(request)
    key = (await form_of(request)).get("key", "")
    await request.app.state.limits.invitations.take(request)
    appointment_id = id_of(request.path_params["id"])
    secret = cookies.secret_of_form(request, key, appointment_id)
    made = await acts.invite(request.app.state.office, person, appointment_id, secret=secret, key=key)
    address = None if made is None else f"{request.app.state.settings.public_url}/i/{made.token}"
    return await _company(request, person, appointment_id, address=address)


async def _company(
    request: Request, person: Person, appointment_id: bytes, address: str | None = None
) -> Response:
    office: Office = request.app.state.office
    zone = zone_of(request)
    found = await acts.company(office, person, appointment_id)
    link = found.invitation
    context = {
        "appointment": appointment_view(found.appointment, zone),
        "link_until": None if link is None else link.expires_at.astimezone(zone),
        "address": address,
        "is_asked": found.is_asked,
        "may_invite": found.may_invite,
        "may_leave": found.may_leave,
        "secrets": found.secrets,
        "key": secrets.token_hex(16),
        "invitation_key": secrets.token_hex(16),
    }
    return page(request, "couples/company.html", context)


async def withdraw(request: Request) -> Response:
    """POST /appointments/{id}/invitation/withdrawal: the link leads nowhere from now on."""
    person = signed_in(request)
    form = await form_of(request)
    appointment_id = id_of(request.path_params["id"])
    async with once(request, person, form) as office:
        await acts.withdraw(office, person, appointment_id)
    return RedirectResponse(f"/appointments/{appointment_id.hex()}/partner", 303)


async def leave(request: Request) -> Response:
    """POST /appointments/{id}/departure: end one's own part."""
    person = signed_in(request)
    form = await form_of(request)
    appointment_id = id_of(request.path_params["id"])
    if await acts.leave(request.app.state.office, person, appointment_id, form.get("key", "")):
        return RedirectResponse("/appointments", 303)
    return RedirectResponse(f"/appointments/{appointment_id.hex()}", 303)


async def agree(request: Request) -> Response:
    """POST /appointments/{id}/agreement: come at the time that another chose."""
    person = signed_in(request)
    form = await form_of(request)
    await request.app.state.limits.booking.take(request)
    appointment_id = id_of(request.path_params["id"])
    start, key = instant_of(form.get("start", "")), form.get("key", "")
    await acts.agree(request.app.state.office, person, appointment_id, start=start, key=key)
    return RedirectResponse(f"/appointments/{appointment_id.hex()}?agreed=1", 303)


async def link(request: Request) -> Response:
    """GET /i/{token}: keep the token in a cookie and go on to an address without it.

    Nothing is looked up, so every link answers the same, and whoever previews it uses nothing up.
    """
    await request.app.state.limits.invitations.take(request)
    response = RedirectResponse(HERE, 303)
    response.headers["Referrer-Policy"] = "no-referrer"
    token = request.path_params["token"]
    if len(token) == LINK_LENGTH and token.isascii():
        secure = request.app.state.settings.secure
        cookies.write(response, cookies.INVITED, token, secure=secure, max_age=cookies.INVITED_SECONDS)
    return response


async def invitation(request: Request) -> Response:
    """GET /invitation: to whoever is not signed in, that somebody asks; else by whom, when, and to what."""
    if request.state.person is None:
        return page(request, "couples/asked.html", {"next": HERE})
    await request.app.state.limits.invitations.take(request)
    return await _invitation(request, signed_in(request), None)


async def joining(request: Request) -> Response:
    """GET /appointments/{id}/joining: the same for a partner of before, who needs no link."""
    person, appointment_id = signed_in(request), id_of(request.path_params["id"])
    try:
        return await _invitation(request, person, appointment_id)
    except Conflict as refusal:
        if refusal.code != "joined_already":
            raise
        return RedirectResponse(f"/appointments/{appointment_id.hex()}", 303)


async def join(request: Request) -> Response:
    """POST /appointments/{id}/joining: come along."""
    person = signed_in(request)
    form = await form_of(request)
    await request.app.state.limits.invitations.take(request)
    way = Way(id_of(request.path_params["id"]), _link(request))
    said = Said(form.get("name") or None, form.get("reason", ""), form.get("agrees") == "1")
    try:
        await acts.join(request.app.state.office, person, way, said, form.get("key", ""))
    except Conflict as refusal:
        if refusal.code != "you_are_booked_then":
            raise
        return await _invitation(request, person, way.appointment_id, form=form, clash=refusal.sentence)
    except Invalid as refusal:
        if not refusal.fields:
            raise
        return await _invitation(request, person, way.appointment_id, form=form, errors=refusal.fields)
    return _done(request, f"/appointments/{way.appointment_id.hex()}")


async def decline(request: Request) -> Response:
    """POST /appointments/{id}/joining/refusal: say no."""
    person = signed_in(request)
    form = await form_of(request)
    await request.app.state.limits.invitations.take(request)
    way = Way(id_of(request.path_params["id"]), _link(request))
    never_again = form.get("never_again") == "1"
    office: Office = request.app.state.office
    await acts.decline(office, person, way, form.get("key", ""), never_again=never_again)
    return _done(request, "/appointments")


async def suggest(request: Request) -> Response:
    """POST /appointments/{id}/joining/suggestion: another time would suit better."""
    person = signed_in(request)
    form = await form_of(request)
    await request.app.state.limits.invitations.take(request)
    way = Way(id_of(request.path_params["id"]), _link(request))
    start = instant_of(form.get("start", ""))
    office: Office = request.app.state.office
    await acts.suggest(office, person, way, start, form.get("key", ""), zone_of(request).key)
    return await _invitation(request, person, way.appointment_id, suggested=True)


async def _invitation(
    request: Request,
    person: Person,
    appointment_id: bytes | None,
    *,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    clash: str = "",
    suggested: bool = False,
) -> Response:
    office: Office = request.app.state.office
    found = await acts.look(office, person, appointment_id=appointment_id, link=_link(request))
    zone = zone_of(request)
    times = [] if found.own else await acts.other_times(office, person, found, zone.key)
    length = timedelta(minutes=found.service.minutes)
    context: dict[str, Any] = {
        "asked": _shown(found, zone),
        "times_offered": [
            {"start": each.start.astimezone(zone), "end": each.start.astimezone(zone) + length}
            for each in times
        ],
        "needs_name": not request.state.name,
        "values": {name: (form or {}).get(name, "") for name in ("name", "reason", "agrees")},
        "errors": errors or {},
        "clash": clash,
        "suggested": suggested,
        "keys": [secrets.token_hex(16) for _ in range(3)],
    }
    status = 422 if errors else 409 if clash else 200
    return page(request, "couples/invitation.html", context, status)


def _shown(found: Asked, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": found.appointment_id.hex(),
        "by": found.name,
        "own": found.own,
        "service": found.service,
        "therapists": " and ".join(each.name for each in found.therapists),
        "start": found.starts_at.astimezone(zone),
        "end": found.ends_at.astimezone(zone),
        "secrets": found.secrets,
        "by_link": found.invitation is not None,
    }


def _link(request: Request) -> bytes | None:
    """The hash of the link this browser came by."""
    secret = cookies.read_secret(request, cookies.INVITED)
    return None if secret is None else cookies.hash_of(secret, "invitation")


def _done(request: Request, way: str) -> Response:
    """On to there; the link has done its work."""
    response = RedirectResponse(way, 303)
    cookies.clear(response, cookies.INVITED, secure=request.app.state.settings.secure)
    return response

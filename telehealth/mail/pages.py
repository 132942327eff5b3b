"""Pages of telling: how one wishes to be told, one's calendar file, what could not be sent, and the demo's mails."""

import secrets
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.errors import Invalid, NotFound
from telehealth.mail import acts, folder, own
from telehealth.mail.calendar_file import NAME
from telehealth.people.pages import signed_in
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import page, zone_of

CHOICES = "/notices/preferences"
OUTBOX = "/clinic/outbox"
NOWHERE = "There is nothing at this address. Perhaps it is not yours to see."


async def preferences(request: Request) -> Response:
    """GET /notices/preferences"""
    person = signed_in(request)
    chosen = await own.choices(request.app.state.office, person)
    shown = asdict(chosen) | {"zone": chosen.zone or zone_of(request).key}
    return _preferences(request, shown, {}, saved="saved" in request.query_params)


async def choose(request: Request) -> Response:
    """POST /notices/preferences"""
    person = signed_in(request)
    form = await form_of(request)
    await request.app.state.limits.booking.take(request)
    try:
        await own.choose(request.app.state.office, person, form, form.get("key", ""))
    except Invalid as refusal:
        if not refusal.fields:
            raise
        ticked = {name: form.get(name) == "yes" for name in ("day_before", "hour_before", "alone")}
        typed = {name: form.get(name, "") for name in ("channel", "level", "zone")}
        return _preferences(request, typed | ticked, refusal.fields, status=422)
    return RedirectResponse(f"{CHOICES}?saved", 303)


def _preferences(
    request: Request,
    chosen: dict[str, Any],
    errors: dict[str, str],
    *,
    saved: bool = False,
    status: int = 200,
) -> Response:
    context = {"chosen": chosen, "errors": errors, "saved": saved, "key": secrets.token_hex(16)}
    return page(request, "mail/preferences.html", context, status)


async def calendar(request: Request) -> Response:
    """GET /appointments/{id}/calendar: the file for one's own calendar."""
    person = signed_in(request)
    made = await own.calendar(request.app.state.office, person, id_of(request.path_params["id"]))
    headers = {"Content-Disposition": f'attachment; filename="{NAME}"'}
    return Response(made, media_type="text/calendar; charset=utf-8", headers=headers)


async def outbox(request: Request) -> Response:
    """GET /clinic/outbox: what could not be sent, without whom it was to."""
    dead, waiting = await acts.dead_letters(request.app.state.office, signed_in(request))
    zone = zone_of(request)
    context = {
        "letters": [
            {
                "id": each.notice_id.hex(),
                "about_appointment": each.about_appointment,
                "at": each.dead_at.astimezone(zone),
                "attempts": each.attempts,
                "code": each.failure,
                "key": secrets.token_hex(16),
            }
            for each in dead
        ],
        "waiting": waiting.count,
        "since": waiting.since and waiting.since.astimezone(zone),
        "sends": request.app.state.settings.mail.sends,
    }
    return page(request, "mail/outbox.html", context)


async def retry(request: Request) -> Response:
    """POST /clinic/outbox/{id}/retry"""
    person = signed_in(request)
    form = await form_of(request)
    notice_id = id_of(request.path_params["id"])
    await acts.retry(request.app.state.office, person, notice_id, form.get("key", ""))
    return RedirectResponse(OUTBOX, 303)


async def drop(request: Request) -> Response:
    """POST /clinic/outbox/{id}/removal"""
    person = signed_in(request)
    form = await form_of(request)
    notice_id = id_of(request.path_params["id"])
    await acts.drop(request.app.state.office, person, notice_id, form.get("key", ""))
    return RedirectResponse(OUTBOX, 303)


async def demo(request: Request) -> Response:
    """GET /demo/outbox: every mail as its reader would have it; in the demo alone, whose people are made up."""
    settings = request.app.state.settings
    if not settings.demo:
        raise NotFound("not_found", NOWHERE)
    mails = []
    if settings.mail.folder is not None:
        mails = await folder.kept(request.app.state.office, settings.mail.folder)
    zone = zone_of(request)
    shown = [asdict(each) | {"sent_at": each.sent_at.astimezone(zone)} for each in mails]
    return page(request, "mail/demo.html", {"mails": shown})

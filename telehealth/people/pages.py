"""The profile, the shown time zone and "Leave quickly". Signing in and out: `signing_in.py`, `signing_out.py`."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.errors import Invalid, SignInNeeded
from telehealth.people import acts
from telehealth.people.ending import end_here
from telehealth.person import Person
from telehealth.repeats.once import once
from telehealth.web import cookies, csrf
from telehealth.web.forms import form_of, local_path_of
from telehealth.web.templating import page, zone_named

HOME = {"client": "/appointments", "therapist": "/today", "front_desk": "/desk", "administrator": "/clinic"}
GONE = "You are signed out, because nothing happened for a while or because you asked. Please sign in again."


def signed_in(request: Request) -> Person:
    """The person of this request; refused when nobody is signed in."""
    person: Person | None = request.state.person
    if person is None:
        raise SignInNeeded("sign_in_needed", GONE)
    return person


async def leave(request: Request) -> Response:
    """POST /leave: end everything here and go to the clinic's harmless page; from then on Back shows nothing.

    It must work from a page that was open for hours, so the origin is checked and the token is not.
    """
    csrf.check_origin(request)
    settings = request.app.state.settings
    await end_here(request)
    response = RedirectResponse(settings.leave_url, 303)
    response.headers["Referrer-Policy"] = "no-referrer"
    for cookie in (cookies.SESSION, cookies.VISIT, cookies.INVITED):
        cookies.clear(response, cookie, secure=settings.secure)
    cookies.write(response, cookies.AWAY, "1", secure=settings.secure, max_age=cookies.AWAY_SECONDS)
    return response


async def come_back(request: Request) -> Response:
    """POST /return: the person chose to continue after "Leave quickly"."""
    await form_of(request)
    response = RedirectResponse("/", 303)
    cookies.clear(response, cookies.AWAY, secure=request.app.state.settings.secure)
    return response


async def profile(request: Request) -> Response:
    """GET and POST /profile: the name this person wants to be called."""
    person = signed_in(request)
    values: dict[str, str] = {"name": request.state.name or ""}
    context: dict[str, Any] = {"values": values, "errors": {}, "saved": False}
    if request.method != "POST":
        if values["name"]:
            await acts.see_own_name(request.app.state.office, person)
        return page(request, "people/profile.html", context)
    form = await form_of(request)
    values["name"] = form.get("name", "")
    try:
        async with once(request, person, form) as office:
            request.state.name = await acts.rename(office, person, values["name"])
    except Invalid as refusal:
        if not refusal.fields:
            raise
        context["errors"] = refusal.fields
        return page(request, "people/profile.html", context, 422)
    context["saved"] = True
    return page(request, "people/profile.html", context)


async def choose_zone(request: Request) -> Response:
    """POST /zone: show times in another zone; where the page chose it, only until the browser is closed."""
    form = await form_of(request)
    zone = zone_named(form.get("zone"))
    if zone is None:
        raise Invalid("unknown_zone", "We do not know that time zone. Please choose one from the list.")
    response = RedirectResponse(local_path_of(form.get("next", "/")), 303)
    secure, kept = request.app.state.settings.secure, None if "for_now" in form else cookies.ZONE_SECONDS
    cookies.write(response, cookies.ZONE, zone.key, secure=secure, max_age=kept)
    return response

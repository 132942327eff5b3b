"""Signing in and out, the profile, the shown time zone and "Leave quickly"."""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.errors import Invalid, SignInNeeded
from telehealth.people import acts, devices
from telehealth.people.ending import end_here
from telehealth.people.oidc import StillSignedIn
from telehealth.person import Person
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


async def sign_in_choice(request: Request) -> Response:
    """GET /auth/sign-in: choose a provider; with one there is nothing to choose, only a button to press."""
    context = {
        "providers": [
            {"id": each.id, "name": each.name} for each in request.app.state.providers.all.values()
        ],
        "next": local_path_of(request.query_params.get("next", "/")),
        "lapsed": request.state.session is None and cookies.read(request, cookies.SESSION) is not None,
    }
    if request.state.person is not None:
        return RedirectResponse(HOME[request.state.person.role], 303)
    return page(request, "people/choose.html", context)


async def sign_in(request: Request) -> Response:
    """POST /auth/sign-in: on to the provider; a time that is held for this browser waits a little longer."""
    form = await form_of(request)
    await request.app.state.limits.sign_in.take(request)
    providers = request.app.state.providers
    return_to = local_path_of(form.get("next", "/"))
    if not form.get("provider") and len(providers.all) > 1:
        return RedirectResponse(f"/auth/sign-in?{urlencode({'next': return_to})}", 303)
    url = await providers.start(
        request,
        providers.named(form.get("provider", "")),
        return_to=return_to,
        register=form.get("register") == "1",
    )
    await request.app.state.keep_hold(request, return_to)
    return RedirectResponse(url, 303)


async def callback(request: Request) -> Response:
    """GET /auth/callback: the way back from the provider, to where the person was."""
    try:
        identity, return_to = await request.app.state.providers.finish(request)
    except StillSignedIn as stale:
        return await _end_at_provider(request, (stale.provider, stale.id_token))
    secret = cookies.new_secret()
    person = await acts.sign_in(
        request.app.state.office,
        identity,
        cookies.hash_of(secret, "session"),
        staff_factor=not request.app.state.settings.demo,
        device=devices.words_for(request.headers.get("user-agent")),
    )
    if return_to == "/":
        return_to = HOME[person.role]
    response = RedirectResponse(return_to, 303)
    secure = request.app.state.settings.secure
    cookies.write(response, cookies.SESSION, cookies.text_of(secret), secure=secure)
    await end_here(request)
    return response


async def sign_out(request: Request) -> Response:
    """POST /auth/sign-out: end the session here, then at the provider."""
    await form_of(request)
    response = await _end_at_provider(request, await end_here(request))
    cookies.clear(response, cookies.SESSION, secure=request.app.state.settings.secure)
    return response


async def _end_at_provider(request: Request, hint: tuple[str, str] | None) -> Response:
    """On to the provider's own sign-out where it has one; it leads back to /signed-out."""
    target: str | None = None
    if hint is not None:
        home = f"{request.app.state.settings.public_url}/signed-out"
        target = await request.app.state.providers.logout_url(*hint, home)
    return RedirectResponse(target or "/signed-out", 303)


async def signed_out(request: Request) -> Response:
    """GET /signed-out"""
    return page(request, "people/signed_out.html")


async def leave(request: Request) -> Response:
    """POST /leave: end everything here and go to the clinic's harmless page; from then on Back shows nothing.

    It must work from a page that was open for hours, so the origin is checked and the token is not.
    """
    csrf.check_origin(request)
    settings = request.app.state.settings
    await end_here(request)
    response = RedirectResponse(settings.leave_url, 303)
    response.headers["Referrer-Policy"] = "no-referrer"
    for cookie in (cookies.SESSION, cookies.VISIT):
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
        return page(request, "people/profile.html", context)
    form = await form_of(request)
    values["name"] = form.get("name", "")
    try:
        request.state.name = await acts.rename(request.app.state.office, person, values["name"])
    except Invalid as refusal:
        context["errors"] = refusal.fields
        return page(request, "people/profile.html", context, 422)
    context["saved"] = True
    return page(request, "people/profile.html", context)


async def choose_zone(request: Request) -> Response:
    """POST /zone: show times in another zone."""
    form = await form_of(request)
    zone = zone_named(form.get("zone"))
    if zone is None:
        raise Invalid("unknown_zone", "We do not know that time zone. Please choose one from the list.")
    response = RedirectResponse(local_path_of(form.get("next", "/")), 303)
    secure = request.app.state.settings.secure
    cookies.write(response, cookies.ZONE, zone.key, secure=secure, max_age=cookies.ZONE_SECONDS)
    return response
